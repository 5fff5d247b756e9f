import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { createHttp, type HttpOptions } from '../../../src/kernel/http.ts'
import { Leaving } from '../../../src/kernel/load/leaving.ts'
import { Load } from '../../../src/kernel/load/load.ts'
import { createLog } from '../../../src/kernel/log.ts'

const toEnd: (() => unknown)[] = []
afterEach(async () => {
  for (const end of toEnd.splice(0).reverse()) await end()
})

const GET = 'GET /ok HTTP/1.1\r\nhost: a\r\n\r\n'

async function listening(options: Partial<HttpOptions>): Promise<{ app: FastifyInstance; port: number }> {
  const log = createLog({ service: 'test', level: 'silent' })
  const app = await createHttp({ log, csp: {}, trustedProxies: [], ...options })
  app.get('/ok', async () => 'ok')
  app.get('/slow', async () => new Promise(() => undefined))
  app.post('/echo', async (request) => request.body)
  toEnd.push(() => app.close())
  return { app, port: Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port) }
}

async function connected(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  toEnd.push(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function asked(socket: Socket, request = GET): Promise<string> {
  socket.write(request)
  const [data] = (await once(socket, 'data')) as [Buffer]
  return data.toString()
}

describe('B9: whoever is slow', () => {
  const patience = { headersMs: 200, requestMs: 400, sweepMs: 50 }

  test.each([
    ['with the headers', 'GET /ok HTTP/1.1\r\nhost: a\r\n', 'x: y\r\n'],
    [
      'with the body',
      'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n"',
      'a',
    ],
  ])('%s, a little at a time, is answered 408 and closed', async (_what, start, more) => {
    const { port } = await listening({ patience })
    const socket = await connected(port)
    const closed = once(socket, 'close')
    const dripping = setInterval(() => socket.write(more), 30)
    toEnd.push(() => clearInterval(dripping))
    expect(await asked(socket, start)).toMatch(/^HTTP\/1\.1 408 /)
    await closed
    expect(await asked(await connected(port))).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('and says nothing at all is closed', async () => {
    const { port } = await listening({ patience })
    const socket = await connected(port)
    let answer = ''
    socket.on('data', (data: Buffer) => (answer += data.toString()))
    await once(socket, 'close')
    expect(answer).toMatch(/^HTTP\/1\.1 408 /)
  })
})

describe('B9: whoever opens many connections', () => {
  const MAX = 20
  const traffic = {
    load: new Load({ limits: { maxInFlight: 100, maxLagMs: 500 }, lagMs: () => 0 }),
    leaving: new Leaving(0),
    maxConnections: MAX,
  }

  test('and keeps them idle, shuts nobody out: the longest idle goes', async () => {
    const { app, port } = await listening({ traffic })
    const busy = await connected(port)
    busy.write(GET.replace('/ok', '/slow'))
    await expect.poll(() => traffic.load.running.read).toBe(1)
    const idle: Socket[] = []
    for (let count = 0; count < 3 * MAX; count += 1) {
      const socket = await connected(port)
      // Half of them have asked something before.
      if (count % 2 === 0) expect(await asked(socket)).toMatch(/^HTTP\/1\.1 200 /)
      idle.push(socket)
    }
    const open = (): Promise<number> =>
      new Promise((resolve) => app.server.getConnections((_error, count) => resolve(count)))
    await expect.poll(open).toBeLessThanOrEqual(MAX)
    await expect.poll(() => idle.filter(({ destroyed }) => destroyed).length).toBe(2 * MAX + 1)
    expect(idle.slice(-5).some(({ destroyed }) => destroyed)).toBe(false)
    expect(busy.destroyed).toBe(false)
    expect(await asked(await connected(port))).toMatch(/^HTTP\/1\.1 200 /)
  })

  test('and has something to do on each, keeps what he has; the new one is closed', async () => {
    const { port } = await listening({ traffic })
    const before = traffic.load.running.read
    for (let count = 0; count < MAX; count += 1) (await connected(port)).write(GET.replace('/ok', '/slow'))
    await expect.poll(() => traffic.load.running.read - before).toBe(MAX)
    const late = await connected(port)
    await once(late, 'close')
    expect(late.bytesRead).toBe(0)
  })
})

describe('B11: JSON that is read in two ways', () => {
  test.each([
    ['a member twice', '{"a":1,"a":2}', 400],
    ['a member twice, spelt otherwise', String.raw`{"a":1,"\u0061":2}`, 400],
    ['a member twice further down', '[{"b":{"a":1,"c":[],"a" : 2}}]', 400],
    ['the same name in two objects', '[{"a":{"a":1}},{"a":2}]', 200],
    ['a name that is a value, too', '{"a":"a","b":["a","a"]}', 200],
    ['a constructor', '{"constructor":{"prototype":{}}}', 400],
    ['a broken escape', String.raw`{"\u00":1}`, 400],
  ])('%s: %s', async (_what, payload, status) => {
    const { app } = await listening({})
    const headers = { 'content-type': 'application/json' }
    const answer = await app.inject({ method: 'POST', url: '/echo', headers, payload })
    expect(answer.statusCode).toBe(status)
  })
})
