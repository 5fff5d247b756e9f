import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { randomId } from '../../src/kernel/random.ts'
import { vaultTake } from '../../src/crypto/internal-api.ts'
import { McpWorld, type Person } from '../support/mcp/mcp-world.ts'
import {
  begin,
  cookieOf,
  fieldsOf,
  openVisit,
  post,
  type VaultPage,
} from '../support/browser/vault-browser.ts'

let world: McpWorld
let person: Person
beforeAll(async () => {
  world = await McpWorld.start()
})
afterAll(() => world.close())
beforeEach(() => {
  person = { sub: `user_${randomId()}`, sid: `sess_${randomId()}` }
  world.clock.advance(600_000)
})

const keyOf = (name: string): string => world.simulator.accounts.of(`${name}@example.com`).apiKey
const save = (page: VaultPage, form: Record<string, string> = {}): Promise<VaultPage> =>
  post(world, '/vault/save', {
    cookie: cookieOf(page),
    form: { ...fieldsOf(page, '/vault/save'), method: 'apikey', key: keyOf('planner'), ...form },
  })
const openForm = async (ask: Record<string, unknown> = { purpose: 'add' }) => {
  const visit = await openVisit(world, person, ask)
  return { page: await begin(world, visit.handle), take: visit.take }
}
const NEW = (): Record<string, string> => ({ label: 'Plant', baseUrl: world.simulator.baseUrl })

test('a form that is sent twice at once is done once', async () => {
  const { page } = await openForm()
  const answers = await Promise.all([save(page, NEW()), save(page, NEW())])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('a replacement that is sent twice at once can still be taken back', async () => {
  const added = await openForm()
  await save(added.page, NEW())
  const saved = (await world.call(vaultTake.path, { take: added.take, ...person })).json
  const { page } = await openForm({
    purpose: 'replace',
    label: 'Plant',
    env: saved['env'],
    blob: saved['blob'],
  })
  const key = keyOf('technician')
  const answers = await Promise.all([save(page, { key }), save(page, { key })])
  expect(answers.map(({ status }) => status).sort()).toEqual([200, 409])
})

test('one person’s tests do not use up what a host has for everybody', async () => {
  const { page } = await openForm()
  const wrong = { ...NEW(), key: 'wrong' }
  for (let tested = 0; tested < 70; tested += 1) await save(page, wrong)
  expect((await save(page, wrong)).status).toBe(429)
  person = { sub: `user_${randomId()}`, sid: `sess_${randomId()}` }
  const other = await openForm()
  expect((await save(other.page, NEW())).status).toBe(200)
})
