import { ask, type JsonAnswer } from './json-http.ts'

export type Era = '2025-11-25' | '2026-07-28'

const META = 'io.modelcontextprotocol/'

/** One JSON-RPC request over plain HTTP, as a client of either era sends it. */
export function rpc(address: string, token: string, era: Era, call: RpcCall): Promise<JsonAnswer> {
  const { method, params = {} } = call
  const modern = era === '2026-07-28'
  const named = typeof params['name'] === 'string' ? { 'mcp-name': params['name'] } : {}
  return ask(address, {
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': era,
      ...(modern ? { 'mcp-method': method, ...named } : {}),
    },
    json: { jsonrpc: '2.0', id: 1, method, params: modern ? { ...params, _meta: envelope(era) } : params },
  })
}

export interface RpcCall {
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
}

const envelope = (era: Era): Record<string, unknown> => ({
  [`${META}protocolVersion`]: era,
  [`${META}clientCapabilities`]: {},
  [`${META}clientInfo`]: { name: 'maximo-mcp-walk', version: '1.0.0' },
})
