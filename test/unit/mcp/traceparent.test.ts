import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ALICE, McpWorld, send, type Answer } from '../../support/mcp/mcp-world.ts'

const TRACE = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const OTHER = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00'

let world: McpWorld
let token: string
beforeAll(async () => {
  world = await McpWorld.start()
  token = await world.token(await world.attest(ALICE))
})
afterAll(() => world.close())

/** One call that asks Maximo, as one with a trace. */
function call(trace: { readonly header?: string; readonly meta?: unknown }): Promise<Answer> {
  world.simulator.requests.reset()
  const params = {
    name: 'query_records',
    arguments: { object: 'mxapiasset', select: ['assetnum'], limit: 1 },
    ...(trace.meta === undefined ? {} : { _meta: { traceparent: trace.meta } }),
  }
  return send(`${world.mcpUrl}/mcp`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      ...{ 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      ...(trace.header === undefined ? {} : { traceparent: trace.header }),
    },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params }),
  })
}
const seen = (what: 'traceparent' | 'correlationId'): unknown[] => [
  ...new Set(world.simulator.requests.seen().map((request) => request[what])),
]

describe('the trace that a call is part of reaches Maximo', () => {
  test.each<[string, Parameters<typeof call>[0], string | null]>([
    ['by its header', { header: TRACE }, TRACE],
    ['by what the MCP client says in _meta', { meta: TRACE }, TRACE],
    ['by the header, where both are there', { header: OTHER, meta: TRACE }, OTHER],
    ['not at all, where there is none', {}, null],
    ['not with a version that we do not know', { header: TRACE.replace('00-', 'cc-') }, null],
    ['not with an id of zeros', { header: `00-${'0'.repeat(32)}-00f067aa0ba902b7-01` }, null],
    [
      'not with a parent of zeros',
      { header: `00-4bf92f3577b34da6a3ce929d0e0e4736-${'0'.repeat(16)}-01` },
      null,
    ],
    ['not in other letters', { header: TRACE.toUpperCase() }, null],
    ['not with more behind it', { header: `${TRACE}-x` }, null],
    ['not as a line of its own', { meta: `${TRACE}\r\napikey: x` }, null],
    ['not as something else', { meta: { at: TRACE } }, null],
  ])('%s', async (_name, trace, expected) => {
    const answer = await call(trace)
    expect(answer.status).toBe(200)
    expect(seen('traceparent')).toEqual([expected])
    expect(seen('correlationId')).toEqual([answer.headers['x-correlation-id']])
  })
})
