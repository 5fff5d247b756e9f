import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import type { Fault } from '../../src/dev/simulator/faults.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { aStack, connect, type Connection } from '../support/stack.ts'

let stack: Stack
let connection: Connection
beforeAll(async () => {
  stack = await aStack(null)
  connection = await connect(stack)
}, 60_000)
afterAll(() => stack.close())
afterEach(() => stack.simulator.faults.clear())

interface ToolResult {
  readonly isError?: boolean
  readonly content: readonly { readonly text: string }[]
}

async function query(): Promise<ToolResult> {
  const answer = await rpc(connection.address, connection.tokens.access_token, '2026-07-28', {
    method: 'tools/call',
    params: { name: 'query_records', arguments: { object: 'mxapiasset', select: ['assetnum'], limit: 1 } },
  })
  expect(answer.status).toBe(200)
  return (answer.body as { result: ToolResult }).result
}

describe('trouble at Maximo is a tool error that says so, and never Maximo’s own words', () => {
  test('without trouble the same call succeeds', async () => {
    expect((await query()).isError).not.toBe(true)
  })

  test.each<[string, Fault, RegExp]>([
    ['a router’s error page', { kind: 'html-error', status: 502 }, /unavailable|not.*available|down/i],
    ['a sign-in page with status 200', { kind: 'login-page' }, /not the API of Maximo/],
    ['JSON that stops half way', { kind: 'truncated-json' }, /unexpected|incomplete|not.*understood|answer/i],
    ['the wrong content type', { kind: 'content-type', value: 'text/plain' }, /unexpected|answer/i],
    ['a reset connection', { kind: 'reset', when: 'before-answer' }, /unavailable|connection|reach/i],
    [
      'a redirect elsewhere',
      { kind: 'redirect', location: 'https://evil.example/' },
      /unexpected|redirect|answer/i,
    ],
    ['admin mode', { kind: 'admin-mode' }, /maintenance|admin/i],
    ['an error inside a 200', { kind: 'error-in-200' }, /./],
    ['too many requests', { kind: 'too-many-requests', retryAfter: '30' }, /30|later|limit/i],
  ])('%s', async (_name, fault, says) => {
    stack.simulator.faults.add({ fault })
    const { isError, content } = await query()
    const text = content[0]!.text
    expect(isError).toBe(true)
    expect(text).toMatch(says)
    expect(text).not.toMatch(/<html|<body|evil\.example|127\.0\.0\.1|at [A-Z]\w+\.|stack/i)
    expect(text).toMatch(/error id/i)
  })

  test('Maximo that is not there', async () => {
    await stack.simulator.close()
    const { isError, content } = await query()
    expect([isError, content[0]?.text]).toEqual([true, expect.stringMatching(/^upstream_down: /)])
    expect(content[0]?.text).not.toMatch(/ECONNREFUSED|127\.0\.0\.1/)
  })
})
