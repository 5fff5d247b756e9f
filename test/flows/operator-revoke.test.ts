import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { run } from '../../src/cli/run.ts'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { ask } from '../../src/dev/walk/json-http.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { isoTime } from '../../src/kernel/clock.ts'
import { freePort } from '../support/ports.ts'
import { redisMissing, startRedis, type RedisServer } from '../support/store/redis.ts'
import { aStack, connect, PLANNER, REDIS_USERS, TECHNICIAN, type Connection } from '../support/stack.ts'

interface Said {
  readonly code: number
  readonly lines: readonly string[]
  readonly problems: string
}

/** `maximo-mcp revoke …` on the operator's machine: its key, and where the MCP server's internal listener is. */
async function revoke(
  stack: Stack,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Said> {
  const [lines, problems]: [string[], string[]] = [[], []]
  const out = { line: (text: string) => lines.push(text), problem: (text: string) => problems.push(text) }
  const own = { DATA_DIR: stack.dataDir, MCP_INTERNAL_URLS: `mcp-1=${stack.internalUrl}`, ...env }
  const code = await run(['revoke', ...args], own, out)
  return { code, lines, problems: problems.join('\n') }
}

const statusOf = async ({ address, tokens }: Connection): Promise<number> =>
  (await rpc(address, tokens.access_token, '2026-07-28', { method: 'tools/list', params: {} })).status

/** The refresh of a portal that has just started may have to wait for its first look at Clerk. */
async function refreshStatus(connection: Connection): Promise<{ status: number; error: unknown }> {
  const { discovered, clientId, tokens } = connection
  const form = {
    grant_type: 'refresh_token',
    client_id: clientId,
    refresh_token: tokens.refresh_token ?? '',
  }
  for (;;) {
    const { status, body } = await ask(discovered.server.token_endpoint, { form })
    if (status !== 503) return { status, error: (body as { error?: unknown }).error }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

describe.each([
  ['in process', false],
  ['on Redis', true],
])('the operator ends, with the stores %s', (_name, onRedis) => {
  describe.skipIf(onRedis && redisMissing !== null)('while the portal is down', () => {
    let redis: RedisServer | null = null
    let stack: Stack
    let [planner, technician]: Connection[] = []
    beforeAll(async () => {
      redis = onRedis ? await startRedis({ acl: [...REDIS_USERS] }) : null
      stack = await aStack(redis)
      planner = await connect(stack, PLANNER)
      technician = await connect(stack, TECHNICIAN)
      await stack.services.portal.stop()
    }, 60_000)
    afterAll(async () => {
      await stack.close()
      await redis?.end()
    })

    test('everything of a user: enforced, the very next call is refused, nobody else’s', async () => {
      expect([await statusOf(planner!), await statusOf(technician!)]).toEqual([200, 200])
      const userId = stack.standin.accounts.find(({ email }) => email === PLANNER)?.userId ?? ''
      const said = await revoke(stack, ['user', userId, '--reason', 'laptop stolen'])
      expect(said).toEqual({ code: 0, lines: [`enforced user ${userId}`], problems: '' })
      expect([await statusOf(planner!), await statusOf(technician!)]).toEqual([401, 200])
    })

    test('the portal learns of it when it is back: one refresh is the end, the other goes on', async () => {
      await stack.restart('portal')
      expect(await refreshStatus(planner!)).toEqual({ status: 400, error: 'invalid_grant' })
      expect(await refreshStatus(technician!)).toEqual({ status: 200, error: undefined })
    })

    test('everything that was allowed before now; who connects next is let in', async () => {
      expect((await revoke(stack, ['before', 'now'])).lines[0]).toMatch(/^enforced before 20.*Z$/)
      expect(await statusOf(technician!)).toBe(401)
      expect(await statusOf(await connect(stack, TECHNICIAN))).toBe(200)
    })
  })
})

describe('what the command says', () => {
  let stack: Stack
  let connection: Connection
  beforeAll(async () => {
    stack = await aStack(null)
    connection = await connect(stack)
  }, 60_000)
  afterAll(() => stack.close())

  test.each([
    ['nothing', [], 'Say what is to end.'],
    ['something that cannot be ended', ['everybody', 'x'], '“everybody” is nothing'],
    ['a member that every object has', ['constructor', 'x'], '“constructor” is nothing'],
    ['no name', ['user'], '`user` takes one word'],
    ['an empty name', ['user', ''], 'cannot be the id'],
    ['two names', ['user', 'a', 'b'], '`user` takes one word'],
    ['half a window', ['window', 'now'], '`window` takes two times'],
    ['a time without a zone', ['before', '2026-11-22T08:00:00'], 'has its zone'],
    ['a day that is not', ['before', '2026-02-31T25:00:00Z'], 'has its zone'],
    ['an id of an environment that is none', ['env', 'short'], 'cannot be the id'],
    ['a reason that is too long', ['before', 'now', '--reason', 'x'.repeat(61)], '1 to 60'],
    ['an unknown option', ['before', 'now', '--force'], '--force'],
  ])('%s: wrong usage, and nothing ends', async (_what, args, reason) => {
    const said = await revoke(stack, args)
    expect([said.code, said.lines]).toEqual([64, []])
    expect(said.problems).toContain(reason)
    expect(said.problems).toContain('maximo-mcp revoke <what>')
    expect(await statusOf(connection)).toBe(200)
  })

  test('a time that is yet to come is refused by the server, in a sentence', async () => {
    const said = await revoke(stack, ['before', isoTime(Date.now() + 3_600_000)])
    expect(said).toEqual({
      code: 1,
      lines: [],
      problems: expect.stringMatching(/yet to come.*Nothing ended/),
    })
    expect(await statusOf(connection)).toBe(200)
  })

  test('no MCP server: it says that nothing is known, with a code of its own', async () => {
    const nowhere = `mcp-1=http://127.0.0.1:${await freePort()}`
    const said = await revoke(stack, ['before', 'now'], { MCP_INTERNAL_URLS: nowhere })
    expect([said.code, said.lines]).toEqual([69, []])
    expect(said.problems).toContain('No MCP server')
  })

  test('no operator key: 78, and not a stack', async () => {
    const said = await revoke(stack, ['before', 'now'], { DATA_DIR: `${stack.dataDir}/nowhere` })
    expect([said.code, said.lines]).toEqual([78, []])
    expect(said.problems).not.toContain('at ')
  })

  test('a window, a client and an environment are all taken', async () => {
    const other = await connect(stack, TECHNICIAN)
    const madeBefore = isoTime(Date.now() - 3_600_000)
    expect((await revoke(stack, ['window', isoTime(1), madeBefore])).code).toBe(0)
    expect(await statusOf(other)).toBe(200)
    expect((await revoke(stack, ['client', other.clientId])).lines).toEqual([
      `enforced client ${other.clientId}`,
    ])
    expect([await statusOf(other), await statusOf(connection)]).toEqual([401, 200])
    expect((await revoke(stack, ['window', madeBefore, 'now'])).code).toBe(0)
    expect(await statusOf(connection)).toBe(401)
  })
})
