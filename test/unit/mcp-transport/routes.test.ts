import formbody from '@fastify/formbody'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SCOPES } from '../../../src/mcp/admission/scopes.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { openDoor, type McpDoor } from '../../support/mcp/mcp-door.ts'
import { call, legacyRequest, modernRequest, post, without } from '../../support/mcp/mcp-requests.ts'
import { broken, echo, refusing, SECRET_CAUSE, writing } from '../../support/mcp/small-tools.ts'

let door: McpDoor
let token: string

beforeAll(async () => {
  door = await openDoor({ catalog: [echo, refusing, broken, writing] })
  token = await door.token()
})
afterAll(() => door.close())

describe('tools/call answers in one JSON body', () => {
  test('in the older era', async () => {
    const answer = await door.app.inject(legacyRequest(call('echo_text', { text: 'a"b' }), token))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers['content-type']).toMatch(/^application\/json/)
    expect(answer.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: { content: [{ type: 'text', text: 'a"b' }] },
    })
  })

  test('in the revision of 2026-07-28, with result type and server identity', async () => {
    const answer = await door.app.inject(modernRequest(call('echo_text', { text: 'hi', times: 2 }), token))
    expect(answer.json()).toEqual({
      jsonrpc: '2.0',
      id: 1,
      result: {
        content: [{ type: 'text', text: 'hihi' }],
        resultType: 'complete',
        _meta: {
          'io.modelcontextprotocol/serverInfo': {
            name: 'maximo-mcp',
            title: 'IBM Maximo',
            version: '0.0.0-test',
          },
        },
      },
    })
  })

  test('a problem is an error result with what to do and an id that the log carries', async () => {
    const answer = await door.app.inject(legacyRequest(call('always_refuses'), token))
    const { result } = answer.json<{ result: { isError: boolean; content: { text: string }[] } }>()
    expect(result.isError).toBe(true)
    expect(result.content[0]?.text).toBe(
      `not_found: Nothing.\nWhat to do: Look elsewhere.\nError id: ${String(answer.headers['x-correlation-id'])}`,
    )
  })

  test('a bug of ours shows no cause to the client, and the cause to the log', async () => {
    const answer = await door.app.inject(modernRequest(call('always_breaks'), token))
    expect(answer.statusCode).toBe(200)
    expect(answer.body).not.toContain('hunter2')
    expect(answer.body).toContain('internal: This server made a mistake.')
    expect(door.log.text()).toContain(SECRET_CAUSE)
    expect(door.log.text()).toContain(String(answer.headers['x-correlation-id']))
  })

  test('an unknown tool is -32602 and suggests only what the caller may see', async () => {
    const near = await door.app.inject(legacyRequest(call('echo_txet', {}), token))
    expect(near.json()).toMatchObject({
      error: { code: -32602, message: expect.stringContaining('"echo_text"') },
    })
    const hidden = await door.app.inject(legacyRequest(call('write_txt', {}), token))
    expect(hidden.json<{ error: { message: string } }>().error.message).not.toContain('write_text')
  })

  test('invalid arguments name each mistake and suggest the argument that was meant', async () => {
    const answer = await door.app.inject(legacyRequest(call('echo_text', { txt: 'a', times: 9 }), token))
    const { result } = answer.json<{ result: { isError: boolean; content: { text: string }[] } }>()
    expect(result.isError).toBe(true)
    expect(result.content[0]?.text).toMatch(
      /^invalid_input: .*text: .*times: .*There is no argument "txt"\. Did you mean "text"\?/,
    )
  })
})

test('an answer of the direct path has the very headers of one that Fastify sends', async () => {
  const fast = await door.app.inject(modernRequest(call('echo_text', { text: 'é' }), token))
  const usual = await door.app.inject(modernRequest({ method: 'server/discover' }, token))
  const plain = (headers: object): object => ({
    ...headers,
    ...{ 'content-length': '', 'x-correlation-id': '', date: '' },
  })
  // What is left is another number, and a tool has more limits than a message.
  const limits = {
    'ratelimit-policy': expect.any(String),
    ratelimit: expect.stringContaining('"tool_rate";r='),
  }
  expect(plain(fast.headers)).toEqual({ ...plain(usual.headers), ...limits, 'cache-control': 'no-store' })
  expect(fast.headers['x-correlation-id']).toMatch(/^[A-Za-z0-9_-]{16}$/)
  expect(fast.headers['content-length']).toBe(String(Buffer.byteLength(fast.body)))
})

describe('the list of tools', () => {
  test('depends on the scopes of the token', async () => {
    const names = async (scope: string): Promise<string[]> => {
      const answer = await door.app.inject(
        legacyRequest({ method: 'tools/list' }, await door.token({ scope })),
      )
      return answer.json<{ result: { tools: { name: string }[] } }>().result.tools.map(({ name }) => name)
    }
    expect(await names('maximo:read')).toEqual(['echo_text', 'always_refuses', 'always_breaks'])
    expect(await names('maximo:write')).toEqual([
      'echo_text',
      'always_refuses',
      'always_breaks',
      'write_text',
    ])
  })

  test('what is not listed is not callable: 403 with the scope to ask for', async () => {
    const refused = await door.app.inject(legacyRequest(call('write_text'), token))
    expect(refused.statusCode).toBe(403)
    expect(refused.headers['www-authenticate']).toContain('scope="maximo:write"')
    const allowed = await door.app.inject(
      legacyRequest(call('write_text'), await door.token({ scope: 'maximo:write' })),
    )
    expect(allowed.json()).toMatchObject({ result: { content: [{ text: 'written' }] } })
  })

  test('is exactly what may be called, for every combination of scopes', async () => {
    const catalog = SCOPES.flatMap((scope, index) => [
      { ...echo, name: `needs_${index}`, scopes: [scope] },
      { ...echo, name: `needs_${index}_and_write`, scopes: [scope, 'maximo:write' as const] },
    ])
    const all = await openDoor({ catalog })
    for (let bits = 0; bits < 2 ** SCOPES.length; bits += 1) {
      const scope = SCOPES.filter((_name, index) => (bits & (2 ** index)) !== 0).join(' ')
      const theirs = await all.token({ scope })
      const answer = await all.app.inject(legacyRequest({ method: 'tools/list' }, theirs))
      const listed = answer
        .json<{ result: { tools: { name: string }[] } }>()
        .result.tools.map(({ name }) => name)
      const callable: string[] = []
      for (const { name } of catalog) {
        const { statusCode } = await all.app.inject(legacyRequest(call(name, { text: 'x' }), theirs))
        if (statusCode === 200) callable.push(name)
      }
      expect([scope, listed]).toEqual([scope, callable])
    }
    await all.close()
  })

  test('may be kept by the client, but by nobody else', async () => {
    const answer = await door.app.inject(modernRequest({ method: 'tools/list' }, token))
    expect(answer.json()).toMatchObject({
      result: { cacheScope: 'private', resultType: 'complete', ttlMs: 300_000 },
    })
    expect(answer.headers['cache-control']).toBe('no-store')
  })
})

describe('the caller is proven before the body is read', () => {
  test('without a token every method is 401, whatever the body is', async () => {
    for (const method of ['GET', 'POST', 'DELETE'] as const) {
      const answer = await door.app.inject({
        method,
        url: '/mcp',
        headers: { host: 'localhost:8081', 'content-type': 'application/json' },
        ...(method === 'POST' && { payload: '{"broken' }),
      })
      expect([method, answer.statusCode]).toEqual([method, 401])
      expect(answer.headers['www-authenticate']).toContain('resource_metadata="http://localhost:8081/')
    }
  })

  test('with one, GET and DELETE are 405 and name POST', async () => {
    for (const method of ['GET', 'DELETE'] as const) {
      const answer = await door.app.inject({ method, url: '/mcp', headers: post('', token).headers })
      expect([answer.statusCode, answer.headers['allow']]).toEqual([405, 'POST'])
    }
  })

  test('a foreign Origin is 403, no Origin passes', async () => {
    const message = { method: 'ping' }
    const foreign = { origin: 'https://evil.example' }
    const refused = await door.app.inject({ ...post({ jsonrpc: '2.0', id: 1, ...message }, token, foreign) })
    expect(refused.statusCode).toBe(403)
    expect((await door.app.inject(legacyRequest(message, token))).statusCode).toBe(200)
  })

  test('the address of another environment refuses the token; its own takes it', async () => {
    const environment = randomId()
    const mine = await door.token({ environment })
    const at = (url: string) =>
      door.app.inject({ ...legacyRequest(call('echo_text', { text: 'x' }), mine), url })
    expect((await at(`/mcp/${environment}`)).statusCode).toBe(200)
    expect((await at(`/mcp/${randomId()}`)).statusCode).toBe(401)
    expect((await at('/ci/mcp')).statusCode).toBe(401)
  })

  test('a token that was revoked is 401 at the very next message of any kind', async () => {
    const subject = 'user_revoked'
    const theirs = await door.token({ subject })
    const statuses = async () =>
      Promise.all(
        [
          call('echo_text', { text: 'x' }),
          call('echo_text', { wrong: 1 }),
          call('no_such_tool'),
          { method: 'tools/list' },
          { method: 'ping' },
        ].map(async (message) => (await door.app.inject(legacyRequest(message, theirs))).statusCode),
      )
    expect(await statuses()).toEqual([200, 200, 200, 200, 200])
    await door.revokeUser(subject)
    expect(await statuses()).toEqual([401, 401, 401, 401, 401])
  })
})

describe('what is not a message is refused in the shape of JSON-RPC', () => {
  test.each([
    ['bad JSON', '{"jsonrpc":', 400, -32700],
    ['an empty body', '', 400, -32700],
    ['nesting of 40 levels', '['.repeat(40) + ']'.repeat(40), 400, -32600],
    ['a batch', [{ jsonrpc: '2.0', id: 1, method: 'ping' }], 400, -32600],
    ['an empty batch', [], 400, -32600],
    ['a body of 300 KB', JSON.stringify({ pad: 'x'.repeat(300_000) }), 413, -32000],
    ['a message without a method', { jsonrpc: '2.0', id: 1 }, 400, -32600],
  ])('%s', async (_name, payload, status, code) => {
    const answer = await door.app.inject(post(payload, token))
    expect(answer.statusCode).toBe(status)
    expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code } })
  })

  test.each(['text/plain', 'application/x-www-form-urlencoded', undefined])(
    'a media type of %s is 415',
    async (type) => {
      const headers = without(post('{}', token).headers, 'content-type')
      const answer = await door.app.inject({
        ...post('{}', token),
        headers: { ...headers, ...(type !== undefined && { 'content-type': type }) },
      })
      expect(answer.statusCode).toBe(415)
      expect(answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32000 } })
    },
  )

  test('a form is 415 also where the listener reads forms for others', async () => {
    const both = await openDoor({
      catalog: [echo],
      prepare: async (app) => {
        await app.register(formbody)
      },
    })
    const form = { 'content-type': 'application/x-www-form-urlencoded' }
    const answer = await both.app.inject(post('jsonrpc=2.0&id=1&method=tools/list', await both.token(), form))
    expect(answer.statusCode).toBe(415)
    await both.close()
  })
})
