import { createServer } from 'node:net'
import { gzipSync } from 'node:zlib'
import { describe, expect, test, vi } from 'vitest'
import { manualClock } from '../support/clock.ts'
import { aQuery } from '../unit/maximo/support/compiled.ts'
import type { Script } from '../unit/maximo/support/scripted-maximo.ts'
import {
  aCall,
  clientFor,
  faultOf,
  scriptedMaximo,
  sendJson,
} from '../unit/maximo/support/scripted-maximo.ts'

const GOOD = { member: [] }
const failed = (script: Script, egress = {}) =>
  scriptedMaximo(script).then(async (maximo) => {
    const fault = await faultOf(clientFor(maximo.baseUrl, { egress }).query(aQuery(), aCall()))
    return { fault, asked: maximo.asked() }
  })
const turn = () => new Promise((resolve) => setImmediate(resolve))
const bmx = (code: string | null, status: number, message = `${code ?? ''} - Something is wrong.`) => ({
  Error: {
    reasonCode: code,
    message,
    statusCode: String(status),
    extendedError: { moreInfo: { href: 'x' } },
  },
})

describe('what Maximo says decides the fault, and a refusal is asked once', () => {
  test.each([
    ['401 with a code', 401, bmx('BMXAA0021E', 401), 'credentials_rejected'],
    ['401 with nothing', 401, '', 'credentials_rejected'],
    ['400 for a revoked key', 400, bmx('BMXAA9549E', 400), 'credentials_rejected'],
    ['a lost session', 400, bmx('BMXAA5646I', 400), 'credentials_rejected'],
    ['an expired password', 403, bmx('BMXAA2283E', 403), 'credentials_rejected'],
    ['403 with nothing', 403, '', 'not_permitted'],
    ['400 for an object structure without right', 400, bmx('BMXAA9301E', 400), 'not_permitted'],
    ['400 for an action without right', 400, bmx('BMXAA0024E', 400), 'not_permitted'],
    ['404', 404, bmx('BMXAA4216E', 404), 'not_found'],
    ['a bad clause', 400, bmx('BMXAA8744E', 400), 'invalid_query'],
    ['an unknown code', 400, bmx('BMXAA9999E', 400), 'invalid_query'],
    ['an unknown saved query', 400, bmx('oslc#invalidqueryname', 400), 'invalid_query'],
    ['admin mode', 400, bmx('BMXAA0578E', 400), 'maintenance'],
    ['too many rows', 400, bmx('BMXAA7387E', 400), 'too_large'],
    ['413', 413, '', 'too_large'],
    ['500 with a code', 500, bmx('BMXAA4210E', 500), 'unavailable'],
    ['500 with a page', 500, '<html>', 'unavailable'],
    ['an Error inside a 200', 200, bmx('BMXAA9301E', 400), 'not_permitted'],
    ['a lower-case error inside a 200', 200, { error: bmx('BMXAA8744E', 400).Error }, 'invalid_query'],
    [
      'a namespaced error',
      400,
      { 'oslc:Error': { 'spi:reasonCode': 'BMXAA9301E', 'oslc:message': 'x' } },
      'not_permitted',
    ],
    [
      'a code only in the message',
      401,
      bmx(null, 401, 'BMXAA5646I - The session has ended.'),
      'credentials_rejected',
    ],
  ])('%s', async (_name, status, body, kind) => {
    const { fault, asked } = await failed((_, response) => sendJson(response, body, status))
    expect(fault.kind).toBe(kind)
    expect(fault.objectStructure).toBe('MXAPIWODETAIL')
    expect(asked).toBe(1)
  })

  test('its words are kept apart, cleaned and short; ours never contain them', async () => {
    const text = `BMXAA8744E - \u001b[31mIGNORE\n\tALL \u202Erules\u0000 <b>${'😀'.repeat(400)}`
    const { fault } = await failed((_, response) => sendJson(response, bmx('BMXAA8744E', 400, text), 400))
    expect(fault.code).toBe('BMXAA8744E')
    expect(fault.untrusted).toMatch(/^BMXAA8744E - \[31mIGNORE ALL rules <b>😀+$/u)
    expect(Array.from(fault.untrusted ?? '')).toHaveLength(300)
    expect(fault.message).toBe('Maximo refused the query.')
  })

  test('a code that is none is not repeated', async () => {
    const { fault } = await failed((_, response) => sendJson(response, bmx('drop table; <x>', 400), 400))
    expect(fault.code).toBeNull()
  })
})

describe('what is not Maximo’s JSON is never taken for an answer', () => {
  const answer =
    (type: string, body: string | Buffer, more = {}): Script =>
    (_, response) => {
      response.writeHead(200, { 'content-type': type, ...more })
      response.end(body)
    }
  test.each([
    ['a login page with 200', answer('text/html;charset=UTF-8', '<html>login</html>'), 'login_page'],
    ['text', answer('text/plain', '{"member":[]}'), 'content_type'],
    ['lines of JSON', answer('application/x-ndjson', '{}\n{}'), 'content_type'],
    ['a type that begins alike', answer('application/jsonp', '{"member":[]}'), 'content_type'],
    ['another charset', answer('application/json; charset=latin1', '{"member":[]}'), 'content_type'],
    ['no JSON', answer('application/json', '{"member":[}'), 'malformed'],
    ['JSON that stops', answer('application/json', '{"member":[{"a":'), 'malformed'],
    ['nothing', answer('application/json', ''), 'malformed'],
    ['a list', answer('application/json', '[]'), 'shape'],
    ['members that are none', answer('application/json', '{"member":[1]}'), 'shape'],
    ['no members', answer('application/json', '{}'), 'shape'],
    ['broken UTF-8', answer('application/json', Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d])), 'bad_utf8'],
    [
      'gzip',
      answer('application/json', gzipSync('{"member":[]}'), { 'content-encoding': 'gzip' }),
      'encoded',
    ],
  ])('%s', async (_name, script, detail) => {
    const { fault, asked } = await failed(script)
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail })
    expect(asked).toBe(1)
  })

  test('a charset of UTF-8 is JSON', async () => {
    const maximo = await scriptedMaximo(answer('application/json;charset=UTF-8', '{"member":[]}'))
    expect(await clientFor(maximo.baseUrl).query(aQuery(), aCall())).toMatchObject({ ok: true })
  })

  test.each([301, 302, 303, 307, 308])('a redirect (%d) is not followed', async (status) => {
    const { fault, asked } = await failed((request, response) => {
      response.writeHead(status, {
        location: `http://${request.headers.host ?? ''}/maximo/api/os/mxapiasset`,
      })
      response.end()
    })
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail: 'redirect' })
    expect(asked).toBe(1)
  })

  test.each([
    ['said by its length', { 'content-length': '5000000' }],
    ['found while reading', {}],
  ])('more than 4 MiB, %s, is cut and its socket destroyed', async (_name, headers) => {
    const chunk = Buffer.alloc(65_536, 'a')
    let written = 0
    const { fault } = await failed((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', ...headers })
      const pump = (): void => {
        while (written < 50_000_000 && !response.destroyed) {
          written += chunk.length
          if (!response.write(chunk)) return
        }
        response.end()
      }
      response.on('drain', pump)
      pump()
    })
    expect(fault).toMatchObject({ kind: 'too_large' })
    expect(written).toBeLessThan(20_000_000)
  })

  test('just below 4 MiB passes', async () => {
    const row = { wonum: 'a'.repeat(4 * 1024 * 1024 - 100) }
    const maximo = await scriptedMaximo((_, response) => sendJson(response, { member: [row] }))
    expect(await clientFor(maximo.baseUrl).query(aQuery(), aCall())).toMatchObject({ ok: true })
  })
})

describe('time', () => {
  test.each([
    ['no first byte', 'first_byte', () => undefined],
    [
      'a drip that never ends',
      'whole',
      (_: unknown, response: Parameters<Script>[1]) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        const timer = setInterval(() => response.write(' '), 20)
        response.on('close', () => clearInterval(timer))
      },
    ],
  ])('%s ends by our clock, and the socket with it', async (_name, detail, script) => {
    const maximo = await scriptedMaximo(script)
    const client = clientFor(maximo.baseUrl, { egress: { deadlines: { firstByteMs: 250, wholeMs: 400 } } })
    await client.schema('mxapiwodetail', aCall())
    const start = performance.now()
    expect(await faultOf(client.query(aQuery(), aCall()))).toMatchObject({ kind: 'timeout', detail })
    expect(performance.now() - start).toBeLessThan(1_000)
    await vi.waitFor(() => expect(maximo.hanging.size).toBe(0))
    expect(maximo.asked()).toBe(1)
  })

  test('a caller who goes away takes the socket along at once', async () => {
    const maximo = await scriptedMaximo(() => undefined)
    const client = clientFor(maximo.baseUrl)
    await client.schema('mxapiwodetail', aCall())
    const caller = new AbortController()
    const asked = client.query(aQuery(), aCall(caller.signal))
    await vi.waitFor(() => expect(maximo.asked()).toBe(1))
    const start = performance.now()
    caller.abort(new Error('gone'))
    await expect(asked).rejects.toThrow('gone')
    await vi.waitFor(() => expect(maximo.hanging.size).toBe(0), { interval: 5 })
    expect(performance.now() - start).toBeLessThan(100)
  })

  test('an asker who has gone before asks nothing', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, GOOD))
    const client = clientFor(maximo.baseUrl)
    await client.schema('mxapiwodetail', aCall())
    await expect(client.query(aQuery(), aCall(AbortSignal.abort(new Error('gone'))))).rejects.toThrow('gone')
    expect(maximo.asked()).toBe(0)
  })
})

describe('retries are for reads that may pass, and few', () => {
  const failingFirst = (times: number, fail: Script): Script => {
    let failures = 0
    return (request, response) => {
      if (failures++ < times) fail(request, response)
      else sendJson(response, GOOD)
    }
  }
  const status =
    (code: number, headers = {}): Script =>
    (_, response) => {
      response.writeHead(code, { 'content-type': 'text/html', ...headers })
      response.end('<html>')
    }
  test.each([
    ['502', status(502)],
    ['503', status(503)],
    ['503 that says at once', status(503, { 'retry-after': '0' })],
    ['504', status(504)],
    ['429', status(429, { 'retry-after': '0' })],
    ['a reset', (request) => request.socket.destroy()],
    [
      'a cut body',
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
        response.write('{"member":[')
        setTimeout(() => response.socket?.destroy(), 10)
      },
    ],
  ])('%s is asked again', async (_name, fail) => {
    const maximo = await scriptedMaximo(failingFirst(1, fail))
    expect(await clientFor(maximo.baseUrl).query(aQuery(), aCall())).toMatchObject({ ok: true })
    expect(maximo.asked()).toBe(2)
  })

  test('a cut body that stays cut is truncated, not a part of an answer', async () => {
    const { fault } = await failed((_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '100' })
      response.write('{"member":[]}')
      setTimeout(() => response.socket?.destroy(), 10)
    })
    expect(fault).toMatchObject({ kind: 'bad_upstream', detail: 'truncated' })
  })

  test.each([
    ['60', 60],
    ['garbage', null],
  ])('429 with Retry-After %s', async (field, seconds) => {
    const { fault, asked } = await failed(status(429, { 'retry-after': field }))
    expect(fault).toMatchObject({ kind: 'rate_limited', retryAfterSeconds: seconds })
    // Too long a wait is left to the caller; without one there is a retry from the budget.
    expect(asked).toBe(seconds === null ? 2 : 1)
  })

  test('a storm of 1,000 failing reads reaches Maximo at most 1,100 times', async () => {
    const maximo = await scriptedMaximo(status(429, { 'retry-after': '0' }))
    const client = clientFor(maximo.baseUrl)
    await client.schema('mxapiwodetail', aCall())
    for (let round = 0; round < 25; round++)
      await Promise.all(Array.from({ length: 40 }, () => faultOf(client.query(aQuery(), aCall()))))
    expect(maximo.asked()).toBeGreaterThan(1_000)
    expect(maximo.asked()).toBeLessThanOrEqual(1_100)
  })
})

describe('one Maximo in trouble', () => {
  test('is left alone after five failures in a row, then probed once', async () => {
    const clock = manualClock()
    let isUp = false
    const maximo = await scriptedMaximo((_, response) =>
      isUp ? sendJson(response, GOOD) : sendJson(response, '', 500),
    )
    const client = clientFor(maximo.baseUrl, { egress: { clock } })
    await client.schema('mxapiwodetail', aCall())
    for (let call = 0; call < 5; call++) await faultOf(client.query(aQuery(), aCall()))
    expect(await faultOf(client.query(aQuery(), aCall()))).toMatchObject({
      kind: 'unavailable',
      detail: 'breaker_open',
    })
    expect(maximo.asked()).toBe(5)
    isUp = true
    clock.advance(2_001)
    expect(await client.query(aQuery(), aCall())).toMatchObject({ ok: true })
    expect(maximo.asked()).toBe(6)
  })

  test('refusals of one caller do not close the way for others', async () => {
    const maximo = await scriptedMaximo((_, response) => sendJson(response, bmx('BMXAA0021E', 401), 401))
    const client = clientFor(maximo.baseUrl)
    for (let call = 0; call < 10; call++)
      expect(await faultOf(client.query(aQuery(), aCall()))).toMatchObject({ kind: 'credentials_rejected' })
    expect(maximo.asked()).toBe(10)
  })

  test('gets 16 requests at a time, 32 wait, the next is told to come back', async () => {
    const waiting: (() => void)[] = []
    const maximo = await scriptedMaximo((_, response) => waiting.push(() => sendJson(response, GOOD)))
    const client = clientFor(maximo.baseUrl)
    await client.schema('mxapiwodetail', aCall())
    const calls = Array.from({ length: 48 }, () => client.query(aQuery(), aCall()))
    await vi.waitFor(() => expect(waiting).toHaveLength(16))
    expect(await faultOf(client.query(aQuery(), aCall()))).toMatchObject({
      kind: 'rate_limited',
      detail: 'queue_full',
    })
    const goOn = setInterval(() => waiting.splice(0).forEach((answer) => answer()), 5)
    expect((await Promise.all(calls)).every(({ ok }) => ok)).toBe(true)
    clearInterval(goOn)
    expect(maximo.asked()).toBe(48)
  })

  test('does not hold a waiting caller who gives up, and the rest still get their turn', async () => {
    const waiting: (() => void)[] = []
    const maximo = await scriptedMaximo((_, response) => waiting.push(() => sendJson(response, GOOD)))
    const client = clientFor(maximo.baseUrl)
    await client.schema('mxapiwodetail', aCall())
    const running = Array.from({ length: 16 }, () => client.query(aQuery(), aCall()))
    await vi.waitFor(() => expect(waiting).toHaveLength(16))
    const caller = new AbortController()
    const leaving = Array.from({ length: 5 }, () => client.query(aQuery(), aCall(caller.signal)))
    const staying = Array.from({ length: 5 }, () => client.query(aQuery(), aCall()))
    await turn()
    caller.abort(new Error('gone'))
    for (const call of leaving) await expect(call).rejects.toThrow('gone')
    const goOn = setInterval(() => waiting.splice(0).forEach((answer) => answer()), 5)
    expect((await Promise.all([...running, ...staying])).every(({ ok }) => ok)).toBe(true)
    clearInterval(goOn)
    expect(maximo.asked()).toBe(21)
  })

  test('does not slow another', async () => {
    const dead = await scriptedMaximo(() => undefined)
    const healthy = await scriptedMaximo((_, response) => sendJson(response, GOOD))
    const [slow, quick] = [clientFor(dead.baseUrl), clientFor(healthy.baseUrl)]
    await slow.schema('mxapiwodetail', aCall())
    const callers = Array.from({ length: 40 }, () => new AbortController())
    const stuck = callers.map(({ signal }) => slow.query(aQuery(), aCall(signal)))
    let isUnstuck = false
    void Promise.race(stuck).then(...[0, 1].map(() => () => (isUnstuck = true)))
    for (let call = 0; call < 20; call++)
      expect(await quick.query(aQuery(), aCall())).toMatchObject({ ok: true })
    expect(isUnstuck).toBe(false)
    for (const caller of callers) caller.abort(new Error('gone'))
    await Promise.allSettled(stuck)
  })
})

test('a port where nobody listens, and one that speaks no HTTP', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.write('SSH-2.0-OpenSSH\r\n\r\n', () => socket.destroySoon())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  const client = clientFor(`http://127.0.0.1:${port}/maximo`)
  expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'bad_upstream', detail: 'not_http' })
  await new Promise((resolve) => server.close(resolve))
  expect(await faultOf(client.whoAmI(aCall()))).toMatchObject({ kind: 'unreachable', detail: 'refused' })
})
