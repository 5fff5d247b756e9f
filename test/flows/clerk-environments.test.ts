import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { randomId } from '../../src/kernel/random.ts'
import { ClerkUnavailable } from '../../src/portal/clerk/clerk-client.ts'
import { type Accounts, createAccounts, type Environment } from '../../src/portal/clerk/environments.ts'
import { startWorld, type World } from '../support/session-portal.ts'

const PLANNER = 'planner@example.com'

let world: World
let accounts: Accounts
let userId: string
const warnings: object[] = []
beforeAll(async () => {
  world = await startWorld({ timeoutMs: 400 })
  accounts = createAccounts({ clerk: world.clerk, log: { warn: (fields) => void warnings.push(fields) } })
  userId = world.standin.accounts.find(({ email }) => email === PLANNER)?.userId ?? ''
})
afterAll(() => world.close())
beforeEach(async () => {
  world.standin.hooks.setTrouble(null)
  await world.clerk.call((sdk) => sdk.users.replaceUserMetadata(userId, { privateMetadata: {} }))
  warnings.length = 0
})

const anEnvironment = (change: Partial<Environment> = {}): Environment => ({
  env: randomId(),
  label: 'demo',
  host: 'maximo.example.com',
  blob: 'b'.repeat(500),
  ver: 1,
  added: 1_795_000_000,
  ...change,
})

describe('environments in private metadata', () => {
  test('what is saved is listed, oldest first, and what is removed is gone', async () => {
    const [young, old] = [anEnvironment({ added: 1_795_000_002 }), anEnvironment({ added: 1_795_000_001 })]
    for (const environment of [young, old])
      expect(await accounts.saveEnvironment(userId, environment)).toEqual({ ok: true, value: undefined })
    expect(await accounts.listEnvironments(userId)).toEqual([old, young])
    await accounts.removeEnvironment(userId, old.env)
    await accounts.removeEnvironment(userId, old.env)
    expect(await accounts.listEnvironments(userId)).toEqual([young])
  })

  test('they survive a restart of Clerk', async () => {
    const environment = anEnvironment()
    await accounts.saveEnvironment(userId, environment)
    await world.restartStandin()
    expect(await accounts.listEnvironments(userId)).toEqual([environment])
  })

  test('a replaced environment keeps nothing of the old one', async () => {
    const first = anEnvironment()
    const second = { ...first, label: 'renamed', blob: 'c'.repeat(400), ver: 2 }
    await accounts.saveEnvironment(userId, first)
    await accounts.saveEnvironment(userId, second)
    expect(await accounts.listEnvironments(userId)).toEqual([second])
  })

  test('two saved at the same time are both kept', async () => {
    const both = [anEnvironment(), anEnvironment()]
    await Promise.all(both.map((environment) => accounts.saveEnvironment(userId, environment)))
    expect(await accounts.listEnvironments(userId)).toHaveLength(2)
  })

  test('metadata of others is left alone, and entries that are no environments are skipped with a line in the log', async () => {
    const environment = anEnvironment()
    const metadata = { other: { kept: true }, environments: { strange: { label: 1 }, [randomId()]: 'text' } }
    await world.clerk.call((sdk) => sdk.users.replaceUserMetadata(userId, { privateMetadata: metadata }))
    await accounts.saveEnvironment(userId, environment)
    expect(await accounts.listEnvironments(userId)).toEqual([environment])
    expect(warnings.length).toBeGreaterThan(0)
    const user = await world.clerk.call((sdk) => sdk.users.getUser(userId))
    expect(user.privateMetadata).toMatchObject({
      other: { kept: true },
      environments: { strange: { label: 1 } },
    })
  })

  test('the one too many is refused before it is written, and the refusal says what could go', async () => {
    const saved: Environment[] = []
    for (;;) {
      const environment = anEnvironment({
        label: `env ${saved.length}`,
        blob: 'b'.repeat(1000 + saved.length),
      })
      const outcome = await accounts.saveEnvironment(userId, environment)
      if (!outcome.ok) {
        expect(outcome.error).toMatchObject({ reason: 'metadata_full', limitBytes: 8000 })
        if (outcome.error.reason !== 'metadata_full') throw new Error('another refusal')
        expect(outcome.error.neededBytes).toBeGreaterThan(8000)
        expect(outcome.error.stored.map(({ label }) => label)).toEqual(
          saved.map(({ label }) => label).reverse(),
        )
        break
      }
      saved.push(environment)
    }
    expect(saved).toHaveLength(7)
    expect(await accounts.listEnvironments(userId)).toEqual(saved)
    await accounts.removeEnvironment(userId, saved[0]?.env ?? '')
    expect((await accounts.saveEnvironment(userId, anEnvironment({ blob: 'b'.repeat(1000) }))).ok).toBe(true)
  })

  test('metadata of others counts too', async () => {
    const privateMetadata = { other: 'x'.repeat(7500) }
    await world.clerk.call((sdk) => sdk.users.replaceUserMetadata(userId, { privateMetadata }))
    expect(await accounts.saveEnvironment(userId, anEnvironment())).toMatchObject({ ok: false })
  })

  test('a malformed environment is a bug, and nothing is written', async () => {
    await expect(accounts.saveEnvironment(userId, anEnvironment({ label: '' }))).rejects.toThrow()
    expect(await accounts.listEnvironments(userId)).toEqual([])
  })

  test('the blob is kept by Clerk alone', async () => {
    await accounts.saveEnvironment(userId, anEnvironment({ blob: 'CANARY'.repeat(20) }))
    expect(await readFile(join(world.dataDir, 'state.json'), 'utf8')).toContain('CANARY')
    expect(world.logged.join() + JSON.stringify(warnings)).not.toContain('CANARY')
  })
})

describe('accounts', () => {
  test('an account has its address and its environments', async () => {
    const environment = anEnvironment()
    await accounts.saveEnvironment(userId, environment)
    expect(await accounts.findAccount(userId)).toEqual({
      userId,
      email: PLANNER,
      environments: [environment],
    })
  })

  test('an unknown user has no account, no environments, and cannot be given one', async () => {
    expect(await accounts.findAccount('user_nobody')).toBeNull()
    expect(await accounts.listEnvironments('user_nobody')).toEqual([])
    expect(await accounts.saveEnvironment('user_nobody', anEnvironment())).toMatchObject({
      ok: false,
      error: { reason: 'account_gone' },
    })
    await accounts.removeEnvironment('user_nobody', randomId())
  })

  test.each(['hang', 'fail'] as const)('%s: the fault is named, not an empty list', async (trouble) => {
    world.standin.hooks.setTrouble(trouble)
    await expect(accounts.listEnvironments(userId)).rejects.toBeInstanceOf(ClerkUnavailable)
    await expect(accounts.saveEnvironment(userId, anEnvironment())).rejects.toBeInstanceOf(ClerkUnavailable)
    await expect(accounts.removeEnvironment(userId, randomId())).rejects.toBeInstanceOf(ClerkUnavailable)
    await expect(accounts.standing(userId)).rejects.toBeInstanceOf(ClerkUnavailable)
  })

  test('standing tells ban, lock and deletion apart', async () => {
    const { hooks, accounts: seeds } = world.standin
    const other = seeds.find(({ email }) => email === 'technician@example.com')
    if (other === undefined) throw new Error('no technician')
    expect(await accounts.standing(other.userId)).toBe('good')
    await hooks.lock(other.email)
    expect(await accounts.standing(other.userId)).toBe('locked')
    await hooks.ban(other.email)
    expect(await accounts.standing(other.userId)).toBe('banned')
    await hooks.remove(other.email)
    expect(await accounts.standing(other.userId)).toBe('deleted')
  })
})
