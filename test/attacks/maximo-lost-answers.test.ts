import type { IncomingMessage, ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import type { UpdateRequest } from '../../src/maximo/write/contract.ts'
import type { Script } from '../unit/maximo/support/scripted-maximo.ts'
import { faultOf, maximoFor, scriptedMaximo, sendJson } from '../unit/maximo/support/scripted-maximo.ts'

const ID = '_U0lNU0lURS8yMDA5'
const UPDATE: UpdateRequest = {
  objectStructure: 'MXAPIWODETAIL',
  id: ID,
  rowstamp: '4410400',
  values: { estdur: 3.5 },
}
const aCall = (signal = new AbortController().signal) => ({ signal, correlationId: 'test-1', key: 'plan-1' })
const bmx = (code: string | null, status: number) => ({
  Error: { reasonCode: code, message: `${code ?? ''} - Something is wrong.`, statusCode: String(status) },
})

/** Reads the whole write, then does its worst. */
const afterwards =
  (act: (request: IncomingMessage, response: ServerResponse) => void): Script =>
  (request, response) => {
    request.resume()
    request.on('end', () => act(request, response))
  }
const writing = async (script: Script) => {
  const maximo = await scriptedMaximo(script)
  const { writer } = maximoFor(maximo.baseUrl, { egress: { deadlines: { wholeMs: 1_500 } } })
  const posts = () => maximo.seen.filter(({ line }) => line.startsWith('POST')).length
  return { writer, posts, maximo }
}
const page = (response: ServerResponse, status: number, headers: Record<string, string> = {}) => {
  response.writeHead(status, { 'content-type': 'text/html', ...headers })
  response.end('<html>')
}
const cut = (response: ServerResponse, bytes: string) => {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': '500' })
  response.write(bytes, () => response.socket?.resetAndDestroy())
}

describe('a write whose answer is lost is unknown, and was sent once', () => {
  test.each<[string, string, Script]>([
    ['a reset after the request', 'reset', afterwards((request) => request.socket.resetAndDestroy())],
    ['an answer cut short', 'truncated', afterwards((_, response) => cut(response, '{"_rowstamp":"4410'))],
    ['half of the JSON', 'malformed', afterwards((_, response) => sendJson(response, '{"_rowstamp":"44'))],
    ['silence', 'whole', afterwards(() => undefined)],
    ['502 of a gateway', 'http_502', afterwards((_, response) => page(response, 502))],
    ['504 of a gateway', 'http_504', afterwards((_, response) => page(response, 504))],
    ['500 without a reason', 'http_500', afterwards((_, response) => sendJson(response, {}, 500))],
    ['a login page', 'login_page', afterwards((_, response) => page(response, 200))],
    ['a redirect', 'redirect', afterwards((_, response) => page(response, 302, { location: '/login' }))],
  ])('%s', async (_name, detail, script) => {
    const { writer, posts } = await writing(script)
    expect(await writer.update(UPDATE, aCall())).toEqual({
      kind: 'unknown',
      detail: expect.stringMatching(`${detail}|first_byte`),
    })
    expect(posts()).toBe(1)
  })

  test('a caller who goes away after it was sent does not know either', async () => {
    const controller = new AbortController()
    const { writer, posts } = await writing(afterwards(() => controller.abort(new Error('gone'))))
    expect(await writer.update(UPDATE, aCall(controller.signal))).toEqual({
      kind: 'unknown',
      detail: 'aborted',
    })
    expect(posts()).toBe(1)
  })

  test('of many records, the one that the answer leaves out', async () => {
    const answer = [{ _responsemeta: { status: '204', _bulkid: '1' } }]
    const { writer } = await writing(afterwards((_, response) => sendJson(response, answer)))
    const item = { action: 'update', id: ID, rowstamp: '1', values: { estdur: 1 } } as const
    const asked = { objectStructure: 'MXAPIWODETAIL', together: false, items: [item, item] }
    expect(await writer.bulk(asked, aCall())).toMatchObject({
      items: [
        { kind: 'unknown', detail: 'no_item' },
        { kind: 'done', id: ID },
      ],
    })
  })
})

describe('what certainly changed nothing is a fault, and not sent again', () => {
  test.each([
    ['401', 401, bmx('BMXAA0021E', 401), 'credentials_rejected'],
    ['429', 429, '', 'rate_limited'],
    ['admin mode', 400, bmx('BMXAA0578E', 400), 'maintenance'],
    ['500 with its reason', 500, bmx('BMXAA4210E', 500), 'unavailable'],
    ['an unknown object structure', 404, bmx('BMXAA4216E', 404), 'not_found'],
  ])('%s', async (_name, status, body, kind) => {
    const { writer, posts } = await writing(afterwards((_, response) => sendJson(response, body, status)))
    expect((await faultOf(writer.update(UPDATE, aCall()))).kind).toBe(kind)
    expect(posts()).toBe(1)
  })

  test('a caller who was gone before', async () => {
    const { writer, posts } = await writing(afterwards((_, response) => sendJson(response, {})))
    await expect(writer.update(UPDATE, aCall(AbortSignal.abort(new Error('gone'))))).rejects.toThrow('gone')
    expect(posts()).toBe(0)
  })

  test('writes count in the breaker: after five lost answers nothing is sent any more', async () => {
    const { writer, posts } = await writing(afterwards((request) => request.socket.resetAndDestroy()))
    for (let sent = 0; sent < 5; sent++)
      expect(await writer.update(UPDATE, aCall())).toMatchObject({ kind: 'unknown' })
    const fault = await faultOf(writer.update(UPDATE, aCall()))
    expect([fault.kind, fault.detail, posts()]).toEqual(['unavailable', 'breaker_open', 5])
  })

  test('a 429 that says when rests the environment for writes too', async () => {
    const { writer, posts } = await writing(
      afterwards((_, response) => sendJson(response, '', 429, { 'retry-after': '9' })),
    )
    expect(await faultOf(writer.update(UPDATE, aCall()))).toMatchObject({
      kind: 'rate_limited',
      retryAfterSeconds: 9,
    })
    expect(await faultOf(writer.update(UPDATE, aCall()))).toMatchObject({
      kind: 'rate_limited',
      detail: 'resting',
    })
    expect(posts()).toBe(1)
  })
})
