import type { IncomingHttpHeaders } from 'node:http'
import { PROTOCOL_VERSION_META_KEY } from '@modelcontextprotocol/server'
import { declaresForms } from './elicitation.ts'
import { isSoundEnvelope } from './envelope.ts'
import { isRecord, isRpcId, type JsonRecord, type RpcId } from './message.ts'
import { declaresApps } from './pictures.ts'
import { knowsLinks, LEGACY_VERSIONS, MODERN_VERSION } from './protocol.ts'

export type Era = 'modern' | 'legacy'

export type PlainRequest =
  | {
      readonly method: 'tools/list'
      readonly era: Era
      readonly id: RpcId
      /** Whether the list names the pictures of its tools. */
      readonly isPictured: boolean
    }
  | {
      readonly method: 'tools/call'
      readonly era: Era
      readonly id: RpcId
      readonly name: string
      readonly args: JsonRecord | undefined
      /** The envelope declares that the client puts questions to its person. */
      readonly canElicit: boolean
      /** Its revision has links in answers. */
      readonly knowsLinks: boolean
      /** Its client wants to hear how far the call is, and reads streams. */
      readonly progressToken: RpcId | undefined
    }

/**
 * Recognises a `tools/list` or `tools/call` that has nothing unusual about it. Only these take the direct path.
 * Whatever else comes (another method, a missing or disagreeing header, a broken envelope, a parameter we do not use)
 * is `null` and goes to the SDK, so that its answer, not a copy of it, is what a client gets.
 */
export function readPlain(body: unknown, headers: IncomingHttpHeaders): PlainRequest | null {
  if (!isRecord(body) || body['jsonrpc'] !== '2.0' || !hasOnly(body, REQUEST_KEYS)) return null
  const { id, method } = body
  // `null` is not the same as nothing: the SDK refuses it.
  const { params = {} } = body
  if (!isRpcId(id) || !isRecord(params)) return null
  switch (method) {
    case 'tools/list':
      return readList(id, params, headers)
    case 'tools/call':
      return readCall(id, params, headers)
    default:
      return null
  }
}

function readList(id: RpcId, params: JsonRecord, headers: IncomingHttpHeaders): PlainRequest | null {
  const method = 'tools/list'
  const era = hasOnly(params, LIST_KEYS) ? eraOf(params['_meta'], headers, method) : null
  return era === null
    ? null
    : { method, era, id, isPictured: era === 'legacy' || declaresApps(params['_meta']) }
}

function readCall(id: RpcId, params: JsonRecord, headers: IncomingHttpHeaders): PlainRequest | null {
  const { name, arguments: args } = params
  if (!hasOnly(params, CALL_KEYS) || typeof name !== 'string') return null
  if (args !== undefined && !isRecord(args)) return null
  const method = 'tools/call'
  const era = eraOf(params['_meta'], headers, method)
  if (era === null) return null
  // SEP-2243: the header names the tool. A name in the base64 form is rare enough for the SDK's path.
  if (era === 'modern' && headers['mcp-name'] !== name) return null
  const canElicit = era === 'modern' && declaresForms(params['_meta'])
  const progressToken = progressTokenIn(params['_meta'], headers)
  return { method, era, id, name, args, canElicit, knowsLinks: knowsLinks(headers), progressToken }
}

/** The era is decided by the body: an envelope with a protocol version claims the modern one. */
function eraOf(meta: unknown, headers: IncomingHttpHeaders, method: string): Era | null {
  if (meta === undefined) return namesLegacyVersion(headers) ? 'legacy' : null
  if (!isRecord(meta) || !isPlainMeta(meta)) return null
  if (!Object.hasOwn(meta, PROTOCOL_VERSION_META_KEY)) return namesLegacyVersion(headers) ? 'legacy' : null
  const agrees = headers['mcp-protocol-version'] === MODERN_VERSION && headers['mcp-method'] === method
  return agrees && isSoundEnvelope(meta) ? 'modern' : null
}

function namesLegacyVersion(headers: IncomingHttpHeaders): boolean {
  const version = headers['mcp-protocol-version']
  return version === undefined || (typeof version === 'string' && LEGACY_VERSIONS.has(version))
}

/** No task, no retry state, no key of the protocol that we have not read; a progress token of a legal type. */
function isPlainMeta(meta: JsonRecord): boolean {
  for (const key in meta) if (key.startsWith(RESERVED) && !ENVELOPE_KEYS.has(key)) return false
  const token = meta['progressToken']
  return token === undefined || isRpcId(token)
}

/** Undefined where no answer but one JSON body is read, whatever was asked. */
const progressTokenIn = (meta: unknown, { accept = '' }: IncomingHttpHeaders): RpcId | undefined =>
  isRecord(meta) && isRpcId(meta['progressToken']) && accept.includes('text/event-stream')
    ? meta['progressToken']
    : undefined

function hasOnly(record: JsonRecord, known: ReadonlySet<string>): boolean {
  for (const key in record) if (!known.has(key)) return false
  return true
}

const RESERVED = 'io.modelcontextprotocol/'
const ENVELOPE_KEYS: ReadonlySet<string> = new Set(
  ['protocolVersion', 'clientInfo', 'clientCapabilities', 'logLevel'].map((name) => `${RESERVED}${name}`),
)
const REQUEST_KEYS: ReadonlySet<string> = new Set(['jsonrpc', 'id', 'method', 'params'])
const LIST_KEYS: ReadonlySet<string> = new Set(['_meta'])
const CALL_KEYS: ReadonlySet<string> = new Set(['_meta', 'name', 'arguments'])
