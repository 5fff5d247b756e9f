import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildPeerListener } from '../../src/portal/peers/listener.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { openWorkshop } from '../support/crypto/token-workshop.ts'
import { captureLog } from '../support/log.ts'
import { send } from '../support/mcp/mcp-world.ts'
import { startPortalWorld, type PortalWorld } from '../support/portal-world.ts'

const CANARY = 'raw-canary-7731'
const NAMES = ['portal', 'mcp', 'internal', 'peers'] as const
type Name = (typeof NAMES)[number]

let world: PortalWorld
const ports = new Map<Name, number>()
const peerLog = captureLog()
const toEnd: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  world = await startPortalWorld({ seeded: false })
  const shop = await openWorkshop()
  const peers = await buildPeerListener({
    ...{ instanceId: 'portal-1', keys: shop.portal, store: new MemoryStore(shop.clock), clock: shop.clock },
    ...{ log: peerLog.log, tls: undefined, audit: { write: () => Promise.resolve() } },
    recorder: { accept: () => Promise.resolve(null), read: () => Promise.resolve(null) },
  })
  const url = await peers.listen({ host: '127.0.0.1', port: 0 })
  toEnd.push(
    () => peers.close(),
    () => shop.close(),
    () => world.close(),
  )
  const urls = { portal: world.portalUrl, mcp: world.mcpUrl, internal: world.mcp.internalUrl, peers: url }
  for (const name of NAMES) ports.set(name, Number(new URL(urls[name]).port))
})
afterAll(async () => {
  for (const end of toEnd) await end()
})

async function open(name: Name): Promise<Socket> {
  const socket = connect({ port: ports.get(name) ?? 0, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  return socket
}

/** All that comes until the other side ends. */
async function untilClosed(socket: Socket): Promise<string> {
  let text = ''
  socket.on('data', (data: Buffer) => (text += data.toString('latin1')))
  await Promise.race([once(socket, 'end'), once(socket, 'close')])
  socket.destroy()
  return text
}

async function exchange(name: Name, request: string): Promise<string> {
  const socket = await open(name)
  socket.write(request)
  return untilClosed(socket)
}

const statuses = (answer: string): number[] =>
  [...answer.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
/** The listener among portals has no health of its own. */
const WELL: Readonly<Record<Name, number>> = { portal: 200, mcp: 200, internal: 200, peers: 404 }
const isWell = async (name: Name): Promise<boolean> =>
  (await send(`http://127.0.0.1:${ports.get(name) ?? 0}/healthz`, { method: 'GET' })).status === WELL[name]

const HOST = 'host: localhost\r\n'
const POST = `POST /oauth/token HTTP/1.1\r\n${HOST}content-type: application/x-www-form-urlencoded\r\n`
const many = (count: number): string =>
  Array.from({ length: count }, (_, at) => `x${at}: ${CANARY}\r\n`).join('')

describe.each(NAMES)(
  'B10: what is no sound HTTP is refused at the listener of %s, and its connection closed',
  (name) => {
    test.each<[string, string, number]>([
      ['a header of 100 KB', `GET /healthz HTTP/1.1\r\n${HOST}x: ${CANARY.repeat(6_700)}\r\n\r\n`, 431],
      ['5,000 headers', `GET /healthz HTTP/1.1\r\n${HOST}${many(5_000)}\r\n`, 431],
      ['101 headers', `GET /healthz HTTP/1.1\r\n${HOST}${many(100)}\r\n`, 431],
      ['a path of 20 KB', `GET /${CANARY.repeat(1_400)} HTTP/1.1\r\n${HOST}\r\n`, 431],
      ['a length and chunks', `${POST}content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      ['two lengths', `${POST}content-length: 4\r\ncontent-length: 5\r\n\r\nabcde`, 400],
      ['a negative length', `${POST}content-length: -4\r\n\r\n`, 400],
      ['a length with a plus', `${POST}content-length: +4\r\n\r\nabcd`, 400],
      ['chunks named twice', `${POST}transfer-encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
      ['a folded header', `GET /healthz HTTP/1.1\r\n${HOST}x: a\r\n ${CANARY}\r\n\r\n`, 400],
      ['lines that end in LF', `GET /healthz HTTP/1.1\n${HOST.replace('\r', '')}x: ${CANARY}\n\n`, 400],
      ['a bare CR', `GET /healthz HTTP/1.1\r\n${HOST}x: a\rb: ${CANARY}\r\n\r\n`, 400],
      ['a NUL in a header', `GET /healthz HTTP/1.1\r\n${HOST}x: \0${CANARY}\r\n\r\n`, 400],
      ['a space before the colon', `GET /healthz HTTP/1.1\r\n${HOST}x : ${CANARY}\r\n\r\n`, 400],
      ['TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03', 400],
    ])('%s', async (_what, request, status) => {
      const answer = await exchange(name, request)
      // A body that was refused may be answered once more, as the rest that it is.
      expect(statuses(answer)[0]).toBe(status)
      expect(answer.length).toBeLessThan(100 * request.length)
      expect(answer).not.toContain(CANARY)
      expect(await isWell(name)).toBe(true)
    })

    test('100 headers are taken', async () => {
      const answer = await exchange(
        name,
        `GET /healthz HTTP/1.1\r\n${HOST}connection: close\r\n${many(98)}\r\n`,
      )
      expect(statuses(answer)).toEqual([WELL[name]])
    })
  },
)

describe.each(NAMES)('B9: how a client keeps its connection, at the listener of %s', (name) => {
  const GET = `GET /healthz HTTP/1.1\r\n${HOST}\r\n`

  test('50 requests in one write are 50 answers', async () => {
    const answer = await exchange(
      name,
      `${GET.repeat(49)}${GET.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')}`,
    )
    expect(statuses(answer)).toEqual(Array(50).fill(WELL[name]))
  })

  test('whoever says that nothing more comes is answered, and closed', async () => {
    const socket = await open(name)
    socket.end(GET)
    expect(statuses(await untilClosed(socket))).toEqual([WELL[name]])
  })

  test('whoever ends in the middle of a header or a body is closed', async () => {
    for (const part of [`GET /healthz HTTP/1.1\r\nhost: loc`, `${POST}content-length: 100\r\n\r\nabc`]) {
      const socket = await open(name)
      socket.end(part)
      const answer = await untilClosed(socket)
      expect(statuses(answer).every((status) => status === 400 || status === 404)).toBe(true)
    }
  })

  test('a chunk that is no number ends the connection, whatever its head was answered', async () => {
    const answer = await exchange(name, `${POST}transfer-encoding: chunked\r\n\r\n${CANARY}\r\n`)
    expect(statuses(answer).every((status) => status === 400 || status === 404)).toBe(true)
    expect(statuses(answer).length).toBeGreaterThan(0)
    expect(answer).not.toContain(CANARY)
  })

  test('whoever breaks off in the middle of a body leaves nothing behind', async () => {
    for (let time = 0; time < 20; time += 1) {
      const socket = await open(name)
      socket.write(`${POST}content-length: 100\r\n\r\n${CANARY}`)
      socket.resetAndDestroy()
    }
    expect(await isWell(name)).toBe(true)
  })

  test('a short request for nothing is not answered with a hundred times as much', async () => {
    for (const path of ['/x', '/', '/mcp', '/vault']) {
      const request = `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`
      expect((await exchange(name, request)).length).toBeLessThan(100 * request.length)
    }
  })
})

test('nothing of what was sent stands in a log, and nothing of it was an error of ours', () => {
  for (const log of [world.log.text(), peerLog.text()]) {
    expect(log).not.toContain(CANARY)
    expect(log).not.toMatch(/"level":(50|60)/)
  }
})
