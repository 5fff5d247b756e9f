import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import type { Fault } from '../../src/dev/simulator/faults.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { aStack, connect, type Connection } from '../support/stack.ts'
import {
  askedTooMuch,
  IN_ADMIN_MODE,
  NOT_AVAILABLE,
  NOT_MAXIMO,
  NOT_REACHED,
  REFUSED_BY_RULE,
  withoutErrorId,
} from '../support/maximo/trouble-texts.ts'

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

  test.each<[string, Fault, string]>([
    ['a router’s error page', { kind: 'html-error', status: 502 }, NOT_AVAILABLE],
    ['a sign-in page with status 200', { kind: 'login-page' }, NOT_MAXIMO],
    ['JSON that stops half way', { kind: 'truncated-json' }, NOT_MAXIMO],
    ['the wrong content type', { kind: 'content-type', value: 'text/plain' }, NOT_MAXIMO],
    ['a reset connection', { kind: 'reset', when: 'before-answer' }, NOT_REACHED],
    ['a redirect elsewhere', { kind: 'redirect', location: 'https://evil.example/' }, NOT_MAXIMO],
    ['admin mode', { kind: 'admin-mode' }, IN_ADMIN_MODE],
    ['an error inside a 200', { kind: 'error-in-200' }, REFUSED_BY_RULE],
    ['too many requests', { kind: 'too-many-requests', retryAfter: '1' }, askedTooMuch(1)],
  ])('%s', async (_name, fault, says) => {
    stack.simulator.faults.add({ fault })
    const { isError, content } = await query()
    expect([isError, withoutErrorId(content[0]?.text ?? '')]).toEqual([true, says])
  })

  test('Maximo that is not there', async () => {
    await stack.simulator.close()
    // The pause that Maximo asked for before holds for all its callers.
    await sleep(1_100)
    const { isError, content } = await query()
    expect([isError, withoutErrorId(content[0]?.text ?? '')]).toEqual([true, NOT_REACHED])
  })
})
