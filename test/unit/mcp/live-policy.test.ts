import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { Metrics } from '../../../src/kernel/metrics.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { LivePolicy } from '../../../src/mcp/live-policy.ts'
import { captureLog } from '../../support/log.ts'
import { McpWorld, send } from '../../support/mcp/mcp-world.ts'

const folder = mkdtempSync(join(tmpdir(), 'maximo-mcp-policy-'))
const FILES = { PLANS_FILE: join(folder, 'plans.json'), LIMITS_FILE: join(folder, 'limits.json') }
const PLANS = { default: 'free', plans: { free: { perDay: 2 } } }
let ticks = 0
const write = (name: keyof typeof FILES, content: unknown): void => {
  writeFileSync(FILES[name], typeof content === 'string' ? content : JSON.stringify(content))
  ticks += 1
  utimesSync(FILES[name], 1_700_000_000 + ticks, 1_700_000_000 + ticks)
}
const startAgain = (): void => {
  write('PLANS_FILE', PLANS)
  write('LIMITS_FILE', {})
}
afterAll(() => rmSync(folder, { recursive: true }))

describe('a running server', () => {
  let world: McpWorld
  beforeAll(async () => {
    startAgain()
    world = await McpWorld.start(FILES)
  })
  afterAll(() => world.close())
  beforeEach(async () => {
    startAgain()
    await world.running?.reloadPolicy()
  })

  const aToken = async (fea = 'u:mcp'): Promise<string> => {
    const person = { sub: `user_${randomId()}`, sid: 'sess_1' }
    const clerkToken = world.clerkToken(person, { pla: 'u:free', fea })
    return world.token(await world.attest(person, { clerkToken }))
  }
  const statusOf = async (token: string): Promise<number> => (await world.whoAmI(token)).status
  const notes = async (): Promise<readonly string[]> => {
    const { status, json } = await send(`${world.mcpUrl}/readyz`, { method: 'GET' })
    expect([status, json['status']]).toEqual([200, 'ready'])
    return (json['notes'] as string[] | undefined) ?? []
  }
  const figure = async (): Promise<string> =>
    (await send(`${world.mcpUrl}/metrics`, { method: 'GET' })).text
      .split('\n')
      .filter((line) => line.startsWith('maximo_mcp_settings_refused'))
      .map((line) => line.replace(/^.*file="(\w+)".* (\d)$/, '$1 $2'))
      .join()
  const recorded = async (): Promise<unknown[]> =>
    (await world.audited())
      .filter(({ eventType }) => eventType === 'settings.changed')
      .map(({ outcome, resource, reason, principal }) => [outcome, resource, reason, principal])

  test('goes by changed plans at the next call, and forgets nothing that was counted', async () => {
    const token = await aToken()
    expect([await statusOf(token), await statusOf(token), await statusOf(token)]).toEqual([200, 200, 429])
    write('PLANS_FILE', { default: 'free', plans: { free: { perDay: 3 } } })
    expect(await statusOf(token)).toBe(429)
    await world.running?.reloadPolicy()
    expect([await statusOf(token), await statusOf(token)]).toEqual([200, 429])
    expect((await recorded()).at(-1)).toEqual(['success', 'PLANS_FILE', undefined, 'mcp-1'])
  })

  test('goes by changed limits on SIGHUP, whatever their algorithm', async () => {
    const token = await aToken()
    expect(await statusOf(token)).toBe(200)
    write('LIMITS_FILE', { profile: { interactive: { algorithm: 'sliding_window', calls: 1, seconds: 60 } } })
    process.emit('SIGHUP', 'SIGHUP')
    await expect
      .poll(async () => (await world.rpc(token)).headers['ratelimit-policy'])
      .toBe('"profile_rate";q=1;w=60')
    expect((await world.rpc(token)).status).toBe(429)
    write('LIMITS_FILE', { profile: { interactive: { algorithm: 'fixed_window', calls: 2, seconds: 60 } } })
    await world.running?.reloadPolicy()
    const answers = [await world.rpc(token), await world.rpc(token), await world.rpc(token)]
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 429])
  })

  test('keeps a set of tools for a feature from the next list and call on, and gives it back', async () => {
    const [without, having] = [await aToken(), await aToken('u:mcp,u:stores')]
    const seen = async (token: string): Promise<unknown[]> => {
      const path = '/mcp?toolsets=inventory'
      const params = { name: 'search_inventory', arguments: {} }
      const body = { jsonrpc: '2.0', id: 1, method: 'tools/call', params }
      const list = await world.rpc(token, { path })
      return [list.text.includes('"search_inventory"'), (await world.rpc(token, { path, body })).status]
    }
    write('PLANS_FILE', { default: 'free', plans: { free: { perDay: 1_000 } } })
    await world.running?.reloadPolicy()
    expect([await seen(without), await seen(having)]).toEqual([
      [true, 200],
      [true, 200],
    ])
    const toolsets = { inventory: 'stores' }
    write('PLANS_FILE', { default: 'free', toolsets, plans: { free: { perDay: 1_000 } } })
    await world.running?.reloadPolicy()
    expect([await seen(without), await seen(having)]).toEqual([
      [false, 403],
      [true, 200],
    ])
    write('PLANS_FILE', { default: 'free', plans: { free: { perDay: 1_000 } } })
    await world.running?.reloadPolicy()
    expect(await seen(without)).toEqual([true, 200])
  })

  test.each<[string, unknown, string]>([
    ['no JSON', '{"default":', 'PLANS_FILE: the file cannot be read, or is not JSON'],
    [
      'half right',
      { default: 'free', plans: { free: { perDay: 9 }, pro: { perDay: -1 } } },
      'plans.pro.perDay',
    ],
    ['whole, but about another plan', { default: 'x', plans: { free: { perDay: 9 } } }, 'default plan'],
  ])('goes on by the plans before when a file is %s, and says so everywhere', async (_what, bad, problem) => {
    const token = await aToken()
    write('PLANS_FILE', bad)
    await world.running?.reloadPolicy()
    expect([await statusOf(token), await statusOf(token), await statusOf(token)]).toEqual([200, 200, 429])
    expect(await notes()).toEqual([expect.stringMatching(/^PLANS_FILE cannot be used as it is now; /)])
    expect((await notes()).join()).toContain(problem)
    expect(await figure()).toBe('PLANS_FILE 1,LIMITS_FILE 0')
    expect((await recorded()).at(-1)).toEqual(['refused', 'PLANS_FILE', 'file_unusable', 'mcp-1'])
    expect(world.log.text()).toContain('"event":"settings.changed"')
    startAgain()
    await world.running?.reloadPolicy()
    expect([await notes(), await figure()]).toEqual([[], 'PLANS_FILE 0,LIMITS_FILE 0'])
  })

  test('goes on by the limits before when their file is gone', async () => {
    const token = await aToken()
    write('LIMITS_FILE', { profile: { interactive: { perMinute: 1, burst: 1 } } })
    await world.running?.reloadPolicy()
    rmSync(FILES.LIMITS_FILE)
    await world.running?.reloadPolicy()
    expect([(await world.rpc(token)).status, (await world.rpc(token)).status]).toEqual([200, 429])
    expect(await figure()).toBe('PLANS_FILE 0,LIMITS_FILE 1')
    expect((await recorded()).at(-1)).toEqual(['refused', 'LIMITS_FILE', 'file_unreadable', 'mcp-1'])
  })

  test('does not start with a file that cannot be used', async () => {
    write('LIMITS_FILE', { profile: { interactive: { perMinute: 0, burst: 1 } } })
    await expect(McpWorld.start(FILES)).rejects.toThrow('LIMITS_FILE: profile.interactive.perMinute')
  })
})

describe('by itself', () => {
  const open = (write: () => Promise<void>) =>
    new LivePolicy(
      { plansFile: FILES.PLANS_FILE, limitsFile: undefined },
      { audit: { write }, log: captureLog().log, metrics: new Metrics('mcp'), instanceId: 'mcp-1' },
    )

  test('looks every so often until it is stopped', async () => {
    startAgain()
    const policy = open(() => Promise.resolve())
    const stop = policy.watch(5)
    write('PLANS_FILE', { default: 'free', plans: { free: { perDay: 7 } } })
    await expect.poll(() => policy.plans.quotaOf({ plan: 'free' }).perDay).toBe(7)
    expect(policy.revision).toBe(1)
    await stop()
  })

  test('does not go by what cannot be written into the audit log, until it can be', async () => {
    startAgain()
    let isFull = true
    const policy = open(() => (isFull ? Promise.reject(new DiskUnavailable('no space')) : Promise.resolve()))
    write('PLANS_FILE', { default: 'free', plans: { free: { perDay: 7 } } })
    await policy.look()
    expect([policy.plans.quotaOf({ plan: 'free' }).perDay, policy.revision]).toEqual([2, 0])
    isFull = false
    await policy.look()
    expect([policy.plans.quotaOf({ plan: 'free' }).perDay, policy.revision]).toEqual([7, 1])
  })
})
