import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runKeys } from '../../src/cli/keys.ts'
import { startStack, type Stack } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { authorize, CALLBACK, redeem, refresh, type Tokens } from '../../src/dev/walk/connect.ts'
import { discover } from '../../src/dev/walk/discover.ts'
import { ask } from '../../src/dev/walk/json-http.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { connect, PLANNER, TECHNICIAN, type Connection } from '../support/stack.ts'

let dataDir: string
let stack: Stack
let connection: Connection
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-rotation-'))
  stack = await startStack({ dataDir })
  connection = await connect(stack)
}, 60_000)
afterAll(async () => {
  await stack.close()
  await rm(dataDir, { recursive: true, force: true })
})

/** `maximo-mcp keys …`, then what it tells the operator to do: SIGHUP to both services. */
async function keys(...args: string[]): Promise<{ readonly code: number; readonly text: string }> {
  const said: string[] = []
  const out = { line: (text: string) => said.push(text), problem: (text: string) => said.push(text) }
  const code = await runKeys(args, { DATA_DIR: dataDir }, out)
  for (const service of [stack.services.portal, stack.services.mcp]) await reloaded(service)
  return { code, text: said.join('\n') }
}

async function reloaded(service: Stack['services']['portal']): Promise<void> {
  const loads = (): number => service.output().split('keys.loaded').length
  const before = loads()
  service.kill('SIGHUP')
  await expect.poll(loads, { timeout: 20_000 }).toBe(before + 1)
}

const kidOf = ({ access_token: token }: Tokens): string => {
  const header = Buffer.from(token.split('.')[0] ?? '', 'base64url').toString()
  return (JSON.parse(header) as { kid: string }).kid
}

const statusOf = async ({ access_token: token }: Tokens): Promise<number> => {
  const params = { name: 'get_context', arguments: {} }
  const { status, body } = await rpc(connection.address, token, '2026-07-28', {
    method: 'tools/call',
    params,
  })
  expect(JSON.stringify(body)).not.toContain('"isError":true')
  return status
}

const refreshed = async (): Promise<Tokens> => {
  const { discovered, clientId, tokens } = connection
  const next = await refresh(discovered, clientId, tokens.refresh_token ?? '')
  connection = { ...connection, tokens: next }
  return next
}

describe('the keys of a running pair', () => {
  test('rotate without a connection noticing; a retired key’s tokens are refused', async () => {
    const before = connection.tokens
    await keys('rotate', 'token-encryption')
    expect(kidOf(await refreshed())).toBe(kidOf(before))
    await keys('rotate', 'token-encryption')
    const after = await refreshed()
    expect(kidOf(after)).not.toBe(kidOf(before))
    expect([await statusOf(before), await statusOf(after)]).toEqual([200, 200])

    expect((await keys('retire', kidOf(before))).text).toContain('may still be needed')
    expect(await statusOf(before)).toBe(200)
    expect(await keys('retire', kidOf(before), '--now')).toMatchObject({ code: 0 })
    expect([await statusOf(before), await statusOf(after)]).toEqual([401, 200])
  }, 120_000)

  test.each(['token-signing', 'internal-signing', 'receipt', 'wrapping', 'code', 'local', 'audit-head'])(
    '%s: what was made before serves, and what is made after, too',
    async (purpose) => {
      const before = connection.tokens
      for (const state of ['next', 'accept']) {
        expect((await keys('rotate', purpose)).text).toContain(`  ${state} `)
        expect([await statusOf(before), await statusOf(await refreshed())]).toEqual([200, 200])
      }
      const fresh = await connect(stack, TECHNICIAN)
      expect(await statusOf(fresh.tokens)).toBe(200)
    },
    120_000,
  )

  test('the published key set has a signing key before it signs, and until it is retired', async () => {
    const published = async (): Promise<string[]> => {
      const { body } = await ask(`${stack.portalUrl}/oauth/jwks`)
      return (body as { keys: { kid: string; d?: string }[] }).keys.map(({ kid, d }) =>
        d === undefined ? kid : 'private',
      )
    }
    const signing = async (): Promise<string> =>
      /^(ps-\S+) .* portal .* active /m.exec((await keys('status')).text)?.[1] ?? ''
    const [before, former] = [await published(), await signing()]
    expect(before).toContain(former)
    await keys('rotate', 'token-signing')
    const overlap = await published()
    expect(overlap).toHaveLength(before.length + 1)
    expect(await signing()).toBe(former)
    await keys('rotate', 'token-signing')
    const latter = await signing()
    expect([overlap.includes(latter), latter === former]).toEqual([true, false])
    expect((await published()).sort()).toEqual([...overlap].sort())
    await keys('retire', former, '--now')
    expect(await published()).not.toContain(former)
    expect(await published()).toContain(latter)
  }, 120_000)

  test('a code of before the rotation of its key is redeemed after it, also under an accepted key', async () => {
    const { address, clientId } = connection
    const discovered = await discover(address)
    const browser = new Browser({ stopAt: CALLBACK })
    const code = await authorize(browser, discovered, { clientId, scope: 'maximo:read', email: PLANNER })
    await keys('rotate', 'code')
    await keys('rotate', 'code')
    expect(await statusOf(await redeem(discovered, clientId, code))).toBe(200)
  }, 60_000)

  test('a stored credential keeps the key that it is wrapped under', async () => {
    const status = (await keys('status')).text
    const wrapping = /^(mw-\S+) .* accept /m.exec(status)?.[1] ?? ''
    const { code, text } = await keys('retire', wrapping, '--now')
    expect({ code, text }).toEqual({ code: 1, text: `${wrapping} is named by records in use` })
  }, 60_000)
})
