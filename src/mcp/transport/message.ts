/** JSON-RPC 2.0 as it stands in a parsed body, and nothing about what it asks. */
export type JsonRecord = Readonly<Record<string, unknown>>
export type RpcId = string | number

export const isRecord = (value: unknown): value is JsonRecord =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** MCP allows strings and integers, not `null` (spec, basic: "Requests"). */
export const isRpcId = (id: unknown): id is RpcId => typeof id === 'string' || Number.isInteger(id)

/** The id to echo in an error, `null` where the body has no request in it. */
export const echoedId = (body: unknown): RpcId | null =>
  isRecord(body) && typeof body['method'] === 'string' && isRpcId(body['id']) ? body['id'] : null

/** The method a message names, for limits and records; `unknown` for what names none. */
export const methodOf = (body: unknown): string =>
  isRecord(body) && typeof body['method'] === 'string' ? body['method'].slice(0, MAX_METHOD) : 'unknown'

const MAX_METHOD = 100
