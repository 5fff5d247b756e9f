import { once } from 'node:events'
import { request } from 'node:http'
import fastify from 'fastify'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readBearer } from '../../../src/mcp/admission/read-bearer.ts'

const app = fastify()
app.get('/', (asked) => readBearer(asked))
let port = 0
beforeAll(async () => {
  port = Number(new URL(await app.listen({ host: '127.0.0.1', port: 0 })).port)
})
afterAll(() => app.close())

/** @param headers names and values in turn, as they go over the wire */
async function read(headers: string[], path = '/'): Promise<unknown> {
  const asked = request({ host: '127.0.0.1', port, path, headers: ['host', 'localhost', ...headers] }).end()
  const [answer] = (await once(asked, 'response')) as [NodeJS.ReadableStream]
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  return JSON.parse(text)
}
const readIn = (authorization: string): Promise<unknown> => read(['authorization', authorization])

test.each([
  ['Bearer abc', 'abc'],
  ['bearer abc', 'abc'],
  ['BEARER   abc', 'abc'],
  ['Bearer Az09-._~+/==', 'Az09-._~+/=='],
  // What no token may hold is for the token's format to refuse.
  ['Bearer abc def', 'abc def'],
  ['Bearer =', '='],
  ['Bearer ä', 'ä'],
])('%j holds the token', async (header, value) => {
  expect(await readIn(header)).toEqual({ ok: true, value })
})

test.each(['Bearer', 'Bearer  ', 'Bearerabc', 'Bearer\tabc', 'Basic abc', 'xBearer abc'])(
  '%j holds none',
  async (header) => {
    expect(await readIn(header)).toEqual({
      ...{
        ok: false,
        error: { reason: 'token_invalid', fault: { kind: 'unreadable', detail: 'not_bearer' } },
      },
    })
  },
)

test('no header is no credential', async () => {
  expect(await read([])).toEqual({ ok: false, error: { reason: 'credentials_missing' } })
  expect(await read(['x-authorization', 'Bearer abc', 'authorizations_', 'Bearer abc'])).toEqual({
    ...{ ok: false, error: { reason: 'credentials_missing' } },
  })
})

test('one header counts, however its name is spelled; two never do, nor does the query', async () => {
  expect(await read(['AUTHORIZATION', 'Bearer abc'])).toEqual({ ok: true, value: 'abc' })
  const misplaced = { ok: false, error: { reason: 'credentials_misplaced' } }
  expect(await read(['Authorization', 'Bearer abc', 'x-a', 'b', 'authorization', 'Bearer abc'])).toEqual(
    misplaced,
  )
  expect(await read(['authorization', 'Bearer abc'], '/?access_token=abc')).toEqual(misplaced)
  expect(await read([], '/?access_token=')).toEqual(misplaced)
  // As long a name as that of the header.
  expect(await read(['if-none-match', 'a', 'authorization', 'Bearer abc', 'accept-ranges', 'none'])).toEqual({
    ...{ ok: true, value: 'abc' },
  })
  // The value of another header is no name of one.
  expect(await read(['x-a', 'authorization', 'authorization', 'Bearer abc'], '/?token=a')).toEqual({
    ...{ ok: true, value: 'abc' },
  })
})
