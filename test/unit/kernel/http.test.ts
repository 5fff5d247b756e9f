import { once } from 'node:events'
import { connect } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { afterEach, describe, expect, test } from 'vitest'
import { addressPrefix, addressWithin, isLoopbackAddress } from '../../../src/kernel/address.ts'
import { addHealth } from '../../../src/kernel/health.ts'
import { createHttp } from '../../../src/kernel/http.ts'
import { createLog } from '../../../src/kernel/log.ts'

const apps: FastifyInstance[] = []
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()))
})

async function anApp(trustedProxies: string[] = []): Promise<FastifyInstance> {
  const log = createLog({ service: 'test', level: 'silent' })
  const app = await createHttp({ log, csp: { 'style-src': ["'self'"] }, trustedProxies })
  app.post('/echo', async (request) => request.body)
  app.get('/address', async (request) => request.ip)
  app.get('/broken', async () => {
    throw new Error('a bug')
  })
  apps.push(app)
  return app
}

describe('every answer carries the security headers', () => {
  test.each(['/address', '/missing', '/broken'])('%s', async (url) => {
    const { headers } = await (await anApp()).inject(url)
    expect(headers['strict-transport-security']).toBe('max-age=63072000; includeSubDomains')
    expect(headers['content-security-policy']).toBe(
      "default-src 'none';base-uri 'none';form-action 'none';frame-ancestors 'none';style-src 'self'",
    )
    expect(headers['x-frame-options']).toBe('DENY')
    expect(headers['x-content-type-options']).toBe('nosniff')
    expect(headers['referrer-policy']).toBe('strict-origin')
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toContain('camera=()')
    expect(headers['x-correlation-id']).toMatch(/^[A-Za-z0-9_-]{16}$/)
  })
})

describe('answers that no route and no hook gives', () => {
  const NAMES = [
    ...['content-security-policy', 'cross-origin-opener-policy', 'cross-origin-resource-policy'],
    ...['permissions-policy', 'referrer-policy', 'strict-transport-security', 'x-content-type-options'],
    'x-frame-options',
  ]
  const SLOW = 'POST /echo HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n'

  async function listening(): Promise<{ app: FastifyInstance; port: number }> {
    const app = await createHttp({
      log: createLog({ service: 'test', level: 'silent' }),
      csp: {},
      trustedProxies: [],
    })
    app.get('/ok', async () => 'ok')
    app.post('/echo', async (request) => request.body)
    apps.push(app)
    return { app, port: Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port) }
  }

  const headersOf = (answer: string): Record<string, string | undefined> => {
    const lines = answer.split('\r\n\r\n', 1)[0]?.split('\r\n').slice(1) ?? []
    const all = new Map(
      lines.map((line) => [line.split(': ', 1)[0]?.toLowerCase(), line.replace(/^[^:]+: /, '')]),
    )
    return Object.fromEntries(NAMES.map((name) => [name, all.get(name)]))
  }

  test.each([
    ['a method that does not exist', 'BREW /ok HTTP/1.1\r\nhost: a\r\n\r\n', 400],
    ['what is no HTTP', '\u0000\u0001\r\n\r\n', 400],
    ['a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    ['headers over 16 KiB', `GET /ok HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`, 431],
    [
      'two lengths of one body',
      `${SLOW.replace('\r\n\r\n', '\r\ntransfer-encoding: chunked\r\n\r\n')}0\r\n\r\n`,
      400,
    ],
    ['no Host', 'GET /ok HTTP/1.1\r\n\r\n', 400],
    ['an expectation that nobody has', 'GET /ok HTTP/1.1\r\nhost: a\r\nexpect: tea\r\n\r\n', 417],
  ])('%s: the headers are those of any other answer', async (_name, asked, status) => {
    const { port } = await listening()
    const twin = await rawRequest(port, 'GET /ok HTTP/1.1\r\nhost: a\r\n\r\n')
    expect(twin).toMatch(/^HTTP\/1.1 200/)
    const answer = await rawRequest(port, asked)
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(headersOf(answer)).toEqual(headersOf(twin))
    expect(Object.values(headersOf(answer))).not.toContain(undefined)
  })

  test('a second request on a connection, while the server closes', async () => {
    const { app, port } = await listening()
    const socket = connect(port, '127.0.0.1')
    socket.write(SLOW)
    await expect.poll(() => app.server.listening && socket.bytesWritten).toBeGreaterThan(0)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const closed = app.close()
    await expect.poll(() => app.server.listening).toBe(false)
    const answers = new Promise<string>((resolve) => {
      let text = ''
      socket.on('data', (data) => {
        text += data.toString()
        if (text.includes('HTTP/1.1 503')) resolve(text.slice(text.indexOf('HTTP/1.1 503')))
      })
      socket.on('close', () => resolve(text))
    })
    socket.write('"1234567"GET /ok HTTP/1.1\r\nhost: a\r\n\r\n')
    const answer = await answers
    socket.destroy()
    await closed
    expect(answer).toMatch(/^HTTP\/1.1 503/)
    expect(Object.values(headersOf(answer))).not.toContain(undefined)
  })
})

describe('a hostile body is refused before it is parsed', () => {
  const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`

  test.each([
    ['32 levels deep', nested(32), 200],
    ['33 levels deep', nested(33), 400],
    ['half a million levels deep, unclosed', '['.repeat(200_000), 400],
    ['brackets inside a string', JSON.stringify({ text: '['.repeat(100) }), 200],
    ['a bracket after an escaped quote', String.raw`{"a":"\"[[[["}`, 200],
    ['a prototype', '{"__proto__":{"admin":true}}', 400],
    ['not JSON', '{', 400],
    ['more than 256 KiB', JSON.stringify('x'.repeat(300_000)), 413],
  ])('%s', async (_name, payload, status) => {
    const answer = await (
      await anApp()
    ).inject({
      method: 'POST',
      url: '/echo',
      headers: { 'content-type': 'application/json' },
      payload,
    })
    expect(answer.statusCode).toBe(status)
  })

  test('headers over 16 KiB: 431', async () => {
    const app = await anApp()
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const answer = await rawRequest(
      Number(url.port),
      `GET /address HTTP/1.1\r\nhost: a\r\nx: ${'y'.repeat(17_000)}\r\n\r\n`,
    )
    expect(answer).toMatch(/^HTTP\/1.1 431/)
  })
})

describe('the address of a request', () => {
  const forwarded = { 'x-forwarded-for': '203.0.113.9, 198.51.100.7' }

  test('is the socket’s own when no proxy is trusted, whatever the header says', async () => {
    const answer = await (await anApp()).inject({ url: '/address', headers: forwarded })
    expect(answer.body).toBe('127.0.0.1')
  })

  test('is the right-most hop outside the trusted proxies', async () => {
    const answer = await (await anApp(['127.0.0.1'])).inject({ url: '/address', headers: forwarded })
    expect(answer.body).toBe('198.51.100.7')
  })

  test.each([
    ['198.51.100.7', '198.51.100.7'],
    ['::ffff:198.51.100.7', '198.51.100.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['rubbish', 'unknown'],
  ])('%s counts as %s', (address, prefix) => {
    expect(addressPrefix(address)).toBe(prefix)
  })

  test('lies within a network or not', () => {
    expect(addressWithin('10.1.2.3', ['10.0.0.0/8'])).toBe(true)
    expect(addressWithin('11.1.2.3', ['10.0.0.0/8'])).toBe(false)
    expect(addressWithin('::1', ['10.0.0.0/8'])).toBe(false)
    expect(addressWithin('rubbish', ['10.0.0.0/8'])).toBe(false)
    expect(isLoopbackAddress('127.9.9.9')).toBe(true)
    expect(isLoopbackAddress('::1')).toBe(true)
    expect(isLoopbackAddress('192.168.0.1')).toBe(false)
  })
})

describe('closing', () => {
  test('does not wait for a connection that never asked anything', async () => {
    const app = await anApp()
    const url = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
    const socket = connect(Number(url.port), '127.0.0.1')
    await once(socket, 'connect')
    const ended = once(socket, 'close')
    await app.inject('/address')
    await Promise.all([app.close(), ended])
    expect(socket.destroyed).toBe(true)
  }, 5_000)
})

describe('readiness', () => {
  const health = async (
    reasons: string[],
    remoteAddress: string,
  ): Promise<{ status: number; body: unknown }> => {
    const app = await anApp()
    addHealth(app, { reasons: () => reasons, metricsAllow: ['10.0.0.0/8'] })
    const answer = await app.inject({ url: '/readyz', remoteAddress })
    return { status: answer.statusCode, body: answer.json() }
  }

  test('tells the reasons to loopback and to the allowed networks', async () => {
    const answer = { status: 503, body: { status: 'not ready', reasons: ['store unprimed'] } }
    expect(await health(['store unprimed'], '127.0.0.1')).toEqual(answer)
    expect(await health(['store unprimed'], '10.9.8.7')).toEqual(answer)
  })

  test('tells a stranger only that it is not ready', async () => {
    expect(await health(['store unprimed'], '203.0.113.9')).toEqual({
      status: 503,
      body: { status: 'not ready' },
    })
  })

  test.each([
    ['203.0.113.9', false],
    ['127.0.0.1', true],
    ['10.9.8.7', true],
  ])('behind a proxy on this machine it is told to %s: %s', async (client, isTold) => {
    const app = await anApp(['127.0.0.1'])
    addHealth(app, { reasons: () => ['store unprimed'], metricsAllow: ['10.0.0.0/8'] })
    const headers = { 'x-forwarded-for': client }
    const answer = await app.inject({ url: '/readyz', remoteAddress: '127.0.0.1', headers })
    expect('reasons' in answer.json<object>()).toBe(isTold)
  })

  test.each([
    ['x-forwarded-for', []],
    ['forwarded', []],
    ['x-real-ip', []],
    ['x-forwarded-for', ['10.1.2.3']],
  ])('behind a proxy that nobody trusts (%s, %j) it is told to nobody', async (header, trusted) => {
    const app = await anApp(trusted)
    addHealth(app, { reasons: () => ['store unprimed'], metricsAllow: ['10.0.0.0/8'] })
    const headers = { [header]: header === 'forwarded' ? 'for=127.0.0.1' : '127.0.0.1' }
    const answer = await app.inject({ url: '/readyz', remoteAddress: '127.0.0.1', headers })
    expect(answer.json()).toEqual({ status: 'not ready' })
  })

  test('is 200 without reasons', async () => {
    expect(await health([], '203.0.113.9')).toEqual({ status: 200, body: { status: 'ready' } })
  })
})

describe('figures', () => {
  const read = async (remoteAddress: string): Promise<{ status: number; body: string }> => {
    const app = await anApp()
    const metrics = {
      contentType: 'text/plain; version=0.0.4; charset=utf-8' as const,
      text: () => Promise.resolve('up 1\n'),
    }
    addHealth(app, { reasons: () => [], metricsAllow: ['10.0.0.0/8'], metrics })
    const answer = await app.inject({ url: '/metrics', remoteAddress })
    return { status: answer.statusCode, body: answer.body }
  }

  test('are for loopback and the allowed networks; a stranger learns who may', async () => {
    expect(await read('127.0.0.1')).toEqual({ status: 200, body: 'up 1\n' })
    expect(await read('10.9.8.7')).toEqual({ status: 200, body: 'up 1\n' })
    const refused = await read('203.0.113.9')
    expect(refused.status).toBe(403)
    expect(refused.body).toBe('Figures are for this machine and the networks that METRICS_ALLOW names.\n')
  })

  test('are nowhere where a service has none', async () => {
    const app = await anApp()
    addHealth(app, { reasons: () => [], metricsAllow: [] })
    expect((await app.inject({ url: '/metrics', remoteAddress: '127.0.0.1' })).statusCode).toBe(404)
  })
})

async function rawRequest(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.once('data', (data) => {
      resolve(data.toString())
      socket.destroy()
    })
    socket.once('error', reject)
  })
}
