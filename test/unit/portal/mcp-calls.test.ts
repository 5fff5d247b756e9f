import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { initKeys } from '../../../src/crypto/keys/ceremony.ts'
import {
  loadMcpKeys,
  loadPortalKeys,
  type McpKeys,
  type PortalKeys,
} from '../../../src/crypto/keys/key-ring.ts'
import { verifyCall } from '../../../src/crypto/internal-call.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { createMcpCalls, type McpCalls } from '../../../src/portal/mcp-calls.ts'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '../../support/clock.ts'
import { captureLog } from '../../support/log.ts'

const clock = manualClock()
let folder: string
let portalKeys: PortalKeys
let mcpKeys: McpKeys
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-calls-'))
  await initKeys(folder, clock)
  portalKeys = await loadPortalKeys(join(folder, 'portal', 'keys'))
  mcpKeys = await loadMcpKeys(join(folder, 'mcp', 'keys'))
})
afterAll(async () => rm(folder, { recursive: true, force: true }))

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

type Answering = (body: string, reply: ServerResponse, request: IncomingMessage) => void

/** A listener that answers as told; its address, and what it was sent. */
async function listener(answering: Answering) {
  const seen: { path: string; body: string }[] = []
  const server = createServer((request, reply) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      seen.push({ path: request.url ?? '', body })
      answering(body, reply, request)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(async () => {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { url: `http://127.0.0.1:${port}`, seen, server }
}

const json =
  (status: number, body: unknown): Answering =>
  (_body, reply) =>
    void reply.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

function callsTo(...urls: readonly string[]): McpCalls {
  return callsWithin(undefined, ...urls)
}

function callsWithin(answerTimeoutMs: number | undefined, ...urls: readonly string[]): McpCalls {
  const servers = urls.map((url, index) => ({ id: `mcp-${index + 1}`, url }))
  const calls = createMcpCalls({
    ...(answerTimeoutMs === undefined ? {} : { answerTimeoutMs }),
    servers,
    issuer: 'portal-1',
    keys: portalKeys,
    clock,
    log: captureLog().log,
  })
  closers.unshift(() => calls.close())
  return calls
}
const DEAD = 'http://127.0.0.1:1'
const LIVE = json(200, { state: 'live' })
const gid = randomId()

test('a call is signed for this path and this server, with the question inside', async () => {
  const { url, seen } = await listener(LIVE)
  expect(await callsTo(url).findGrantStatus({ gid })).toEqual({ ok: true, value: { state: 'live' } })
  expect(seen).toHaveLength(1)
  const [call] = seen
  expect(call?.path).toBe('/internal/grants/status')
  const asked = { jws: call?.body ?? '', callers: ['portal'] as const, keys: mcpKeys, clock }
  const good = await verifyCall({ ...asked, path: '/internal/grants/status', audience: 'mcp-1' })
  expect(good).toMatchObject({ ok: true, value: { issuer: 'portal-1', body: { gid } } })
  expect((await verifyCall({ ...asked, path: '/internal/grants', audience: 'mcp-1' })).ok).toBe(false)
  expect((await verifyCall({ ...asked, path: '/internal/grants/status', audience: 'mcp-2' })).ok).toBe(false)
})

test('a server that is down is passed over, and the next one is asked with a call of its own', async () => {
  const { url, seen } = await listener(LIVE)
  expect(await callsTo(DEAD, url).findGrantStatus({ gid })).toEqual({ ok: true, value: { state: 'live' } })
  const callers = ['portal'] as const
  const asked = { jws: seen[0]?.body ?? '', path: '/internal/grants/status', callers, keys: mcpKeys, clock }
  expect((await verifyCall({ ...asked, audience: 'mcp-2' })).ok).toBe(true)
})

describe('a refusal is final', () => {
  test.each([
    [409, { error: 'whatever' }, 'used_before'],
    [422, { error: 'owner_mismatch' }, 'owner_mismatch'],
    [422, { error: '<script>alert(1)</script>' }, 'refused'],
    [422, { error: 42 }, 'refused'],
    [422, 'text', 'refused'],
  ])('%i %j', async (status, body, refusal) => {
    const [first, second] = [await listener(json(status, body)), await listener(LIVE)]
    const answer = await callsTo(first.url, second.url).findGrantStatus({ gid })
    expect(answer).toEqual({ ok: false, error: { reason: 'refused', refusal } })
    expect(second.seen).toHaveLength(0)
  })
})

describe('anything else is “nobody knows”, and the next server is asked', () => {
  const cases: [string, Answering][] = [
    ['401', json(401, {})],
    ['404', json(404, {})],
    ['500', json(500, {})],
    ['503', json(503, {})],
    ['a redirect', (_body, reply) => void reply.writeHead(307, { location: 'http://127.0.0.1:1/' }).end()],
    ['another shape', json(200, { state: 'lively' })],
    ['a member too many', json(200, { state: 'live', also: 1 })],
    ['no JSON', (_body, reply) => void reply.writeHead(200).end('<html>')],
    ['nothing', (_body, reply) => void reply.writeHead(200).end()],
    ['far too much', (_body, reply) => void reply.writeHead(200).end(`"${'x'.repeat(20_000)}"`)],
    ['a cut connection', (_body, _reply, request) => void request.socket.destroy()],
  ]
  test.each(cases)('%s', async (_what, answering) => {
    const [first, second] = [await listener(answering), await listener(LIVE)]
    expect(await callsTo(first.url).findGrantStatus({ gid })).toEqual({
      ok: false,
      error: { reason: 'unavailable' },
    })
    expect((await callsTo(first.url, second.url).findGrantStatus({ gid })).ok).toBe(true)
  })

  test('a server that never answers is given up after a while', async () => {
    const { url } = await listener(() => undefined)
    const answer = await callsWithin(200, url).findGrantStatus({ gid })
    expect(answer).toEqual({ ok: false, error: { reason: 'unavailable' } })
  })
})

test('a question that breaks the contract is a bug of ours, and is not sent', async () => {
  const { url, seen } = await listener(LIVE)
  await expect(callsTo(url).findGrantStatus({ gid: 'short' })).rejects.toThrow()
  expect(seen).toHaveLength(0)
})
