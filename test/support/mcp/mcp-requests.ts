/** Raw MCP requests of both eras, as a careful client writes them. */
export const MODERN = '2026-07-28'

export interface RpcMessage {
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
  readonly id?: unknown
}

export const ENVELOPE = {
  'io.modelcontextprotocol/protocolVersion': MODERN,
  'io.modelcontextprotocol/clientCapabilities': {},
  'io.modelcontextprotocol/clientInfo': { name: 'a test', version: '1.0' },
}

export const legacyBody = ({ method, params, id = 1 }: RpcMessage): object => ({
  jsonrpc: '2.0',
  id,
  method,
  ...(params !== undefined && { params }),
})

export const modernBody = ({ method, params = {}, id = 1 }: RpcMessage): object => {
  const meta = typeof params['_meta'] === 'object' ? params['_meta'] : {}
  return { jsonrpc: '2.0', id, method, params: { ...params, _meta: { ...ENVELOPE, ...meta } } }
}

export const modernHeaders = ({ method, params = {} }: RpcMessage): Record<string, string> => {
  const named = params['name'] ?? params['uri']
  return {
    'mcp-protocol-version': MODERN,
    'mcp-method': method,
    ...(typeof named === 'string' && { 'mcp-name': named }),
  }
}

const ACCEPT = 'application/json, text/event-stream'

export function legacyRequest(message: RpcMessage, token: string): Posted {
  return post(legacyBody(message), token, { 'mcp-protocol-version': '2025-11-25' })
}

export function modernRequest(message: RpcMessage, token: string): Posted {
  return post(modernBody(message), token, modernHeaders(message))
}

/** What `app.inject` and `fetch` both take apart from its address. */
export interface Posted {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Record<string, string>
  readonly payload: string
}

export function post(payload: unknown, token: string, headers: Record<string, string> = {}): Posted {
  return {
    method: 'POST',
    url: '/mcp',
    headers: {
      host: 'localhost:8081',
      authorization: `Bearer ${token}`,
      accept: ACCEPT,
      'content-type': 'application/json',
      ...headers,
    },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
  }
}

export const call = (name: string, args?: unknown): RpcMessage => ({
  method: 'tools/call',
  params: { name, ...(args !== undefined && { arguments: args }) },
})

/** Headers but the named ones. */
export const without = (headers: Record<string, string>, ...names: string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)))
