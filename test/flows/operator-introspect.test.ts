import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { introspection } from '../../src/crypto/internal-api.ts'
import { keyFolder } from '../../src/crypto/keys/ceremony.ts'
import { loadOperatorKey } from '../../src/crypto/keys/key-ring.ts'
import { runIntrospect } from '../../src/cli/introspect.ts'
import { markKey } from '../../src/kernel/store/keys.ts'
import { ALICE, McpWorld, type Answer } from '../support/mcp/mcp-world.ts'
import {
  assertionClaims,
  attestRoot,
  childGrant,
  derive,
  machineKey,
} from '../support/oauth/machine-client.ts'

let world: McpWorld
let ask: (token: string) => Promise<Answer>
beforeAll(async () => {
  // The command signs by the machine's own clock.
  world = await McpWorld.start({}, { realTime: true })
  const signer = await loadOperatorKey(keyFolder(world.dataDir, 'ops'))
  ask = (token) => world.call(introspection.path, { token }, { signer })
})
afterAll(() => world.close())

const key = machineKey()
async function machineToken(): Promise<{ readonly token: string; readonly gid: string }> {
  const made = await attestRoot(world, ALICE, { kind: 'keys', thumbprints: [key.thumbprint] })
  const assertion = key.assertion(assertionClaims(world, made.cid))
  const answer = await derive(world, made.root, { kind: 'keys', assertion, jwk: key.jwk })
  return { token: await world.token(childGrant(made, answer)), gid: made.gid }
}

describe('introspection (RFC 7662) for the operator', () => {
  test('says what every kind of token is, and nothing of its credential', async () => {
    const connection = await world.token(await world.attest(ALICE))
    const automation = await world.token(
      await world.attestCi(ALICE, { obj: 'reporting', net: '192.0.2.0/24' }),
    )
    const { token: machine } = await machineToken()
    const secret = world.simulator.accounts.of('planner@example.com').apiKey
    for (const [kind, token] of Object.entries({ connection, automation, machine })) {
      const { status, json, text } = await ask(token)
      expect([status, json['active'], json['kind'], json['sub']]).toEqual([200, true, kind, ALICE.sub])
      expect(introspection.answer.safeParse(json).success).toBe(true)
      expect(text).not.toContain(secret)
      expect(text).not.toContain('mx-grant')
    }
    expect((await ask(automation)).json).toMatchObject({ objects: '@reporting.1', networks: '192.0.2.0/24' })
    expect((await ask(connection)).json['exp']).toBeGreaterThan(0)
    expect((await ask(automation)).json['exp']).toBe(undefined)
  })

  test('says only “not active” of what is ended, expired, off the list, forged or none', async () => {
    const ended = await machineToken()
    await world.revoke({ kind: 'grant', gid: ended.gid })
    const grant = await world.attestCi(ALICE)
    const unlisted = await world.token(grant)
    await world.revoke({ kind: 'token', rid: grant.jti ?? '', until: null })
    const good = await world.token(await world.attest(ALICE))
    const nowS = Math.floor(world.clock.nowMs() / 1000)
    const expired = await world.token(await world.attest(ALICE), { iat: nowS - 100, exp: nowS - 1 })
    for (const token of [
      ended.token,
      unlisted,
      expired,
      `${good.slice(0, -4)}AAAA`,
      'nonsense',
      grant.receipt,
    ]) {
      const { status, json } = await ask(token)
      expect([status, json]).toEqual([200, { active: false }])
    }
    const reasons = (await world.audited())
      .filter(({ eventType, reason }) => eventType === 'token.introspected' && reason !== undefined)
      .map(({ reason }) => reason)
    expect(reasons).toEqual([
      'revoked',
      'revoked',
      'expired',
      'decryption_failed',
      'length_out_of_range',
      'length_out_of_range',
    ])
  })

  test('spends nothing of the token’s own rates', async () => {
    const token = await world.token(await world.attest(ALICE))
    for (let count = 0; count < 60; count += 1) expect((await ask(token)).json['active']).toBe(true)
    expect((await world.whoAmI(token)).status).toBe(200)
  })

  test('is not for the portal', async () => {
    const token = await world.token(await world.attest(ALICE))
    expect((await world.call(introspection.path, { token })).status).toBe(401)
  })
})

describe('maximo-mcp introspect', () => {
  const run = async (input: string, args: string[] = [], env: Record<string, string> = {}) => {
    const [lines, problems]: [string[], string[]] = [[], []]
    const out = { line: (text: string) => lines.push(text), problem: (text: string) => problems.push(text) }
    const own = {
      DATA_DIR: world.dataDir,
      MCP_INTERNAL_URLS: `mcp-1=${world.running?.internalUrl ?? ''}`,
      ...env,
    }
    const code = await runIntrospect(args, own, out, streamOf(input))
    return { code, text: lines.join('\n'), problems: problems.join('\n') }
  }

  test('reads the token from standard input and prints what it is', async () => {
    const said = await run(`${await world.token(await world.attest(ALICE))}\n`)
    expect([said.code, JSON.parse(said.text)]).toEqual([0, expect.objectContaining({ active: true })])
    const none = await run('nonsense')
    expect([none.code, JSON.parse(none.text)]).toEqual([1, { active: false }])
  })

  test('takes no token as an argument, needs its key, and says so when nobody answers', async () => {
    expect((await run('x', ['token'])).code).toBe(64)
    expect((await run('')).code).toBe(64)
    expect((await run('x'.repeat(9_000))).code).toBe(64)
    expect((await run('x', [], { DATA_DIR: '/nowhere' })).code).toBe(78)
    expect((await run('x', [], { MCP_INTERNAL_URLS: 'mcp-1=http://127.0.0.1:1' })).code).toBe(69)
  })
})

test('introspection does not know while the store is not whole: 503', async () => {
  const token = await world.token(await world.attest(ALICE))
  world.store.drop(markKey('mcp-1'))
  expect((await ask(token)).status).toBe(503)
})

async function* streamOf(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(await Promise.resolve(text))
}
