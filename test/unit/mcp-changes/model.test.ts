import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { liveThrough } from '../../support/changes/change-model.ts'
import {
  contextOf,
  effectsOf,
  Mortal,
  openChangeWorld,
  type ChangeWorld,
} from '../../support/changes/change-world.ts'

let world: ChangeWorld
beforeAll(async () => {
  world = await openChangeWorld()
})
afterAll(() => world.close())

test('in 1,000 steps of kills, races and lost answers: no write without an approved plan, and exactly one per plan', async () => {
  await liveThrough(world, { runs: 10, steps: 100 })
}, 120_000)

describe('two servers over one store', () => {
  let folders: string[]
  let one: Mortal
  let other: Mortal
  beforeAll(async () => {
    folders = await Promise.all(['one', 'other'].map((name) => mkdtemp(join(tmpdir(), `mx-${name}-`))))
    one = new Mortal(world, folders[0] ?? '', { name: 'one' })
    other = new Mortal(world, folders[1] ?? '', { name: 'other', store: one.store })
    world.simulator.faults.clear()
    await one.start()
    await other.start()
  })
  afterAll(async () => {
    await one.stop()
    await other.stop()
    for (const folder of folders) await rm(folder, { recursive: true, force: true })
  })

  const stage = async (mark: string): Promise<string> => {
    const tool = { name: 'a_tool', title: 'A tool', scopes: ['maximo:write'] as const }
    const note = [{ action: 'add' as const, values: { description: mark } }]
    const wanted = {
      op: 'update',
      object: 'MXAPIWODETAIL',
      record: 'BEDFORD/1001',
      values: {},
      children: { worklog: note },
    } as const
    const staged = await one.changes.stage({ tool, reason: 'a test', proposals: [wanted] }, contextOf(one, 0))
    if (!staged.ok) throw new Error(staged.error.what)
    return staged.value.id
  }
  const commit = (server: Mortal, id: string) =>
    server.changes.commit(id, { canElicit: false, answer: null }, contextOf(server, 0))

  test('committed at both, many times at once, is written by one; the other says that it is not its own', async () => {
    const id = await stage('of two servers')
    const all = await Promise.all(
      Array.from({ length: 20 }, (_, index) => commit(index % 2 === 0 ? one : other, id)),
    )
    expect(effectsOf(world, 'of two servers')).toBe(1)
    const told = new Set(all.map((each) => (each.ok ? each.value.kind : each.error.kind)))
    expect([...told].sort()).toEqual(['report', 'unknown_outcome'])
    for (const server of [one, other]) await commit(server, id)
    expect(effectsOf(world, 'of two servers')).toBe(1)
  })

  test('discarded at one while it is committed at the other goes one way', async () => {
    for (let round = 0; round < 5; round += 1) {
      const mark = `of two ways ${round}`
      const id = await stage(mark)
      const plan = await other.changes.plans.find(id)
      if (plan === null) throw new Error('not staged')
      const [committed, isDropped] = await Promise.all([commit(one, id), other.changes.discard(plan)])
      expect([committed.ok, isDropped].filter(Boolean)).toHaveLength(1)
      expect(effectsOf(world, mark)).toBe(committed.ok ? 1 : 0)
    }
  })
})
