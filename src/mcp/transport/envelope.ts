import {
  CLIENT_CAPABILITIES_META_KEY,
  CLIENT_INFO_META_KEY,
  classifyInboundRequest,
  LOG_LEVEL_META_KEY,
  PROTOCOL_VERSION_META_KEY,
} from '@modelcontextprotocol/server'
import { LRUCache } from 'lru-cache'
import type { JsonRecord } from './message.ts'
import { MODERN_VERSION } from './protocol.ts'

const MAX_KEPT = 500
/** Envelopes of real clients are a few hundred characters; larger ones are judged each time. */
const MAX_KEPT_LENGTH = 4_096

const judged = new LRUCache<string, boolean>({ max: MAX_KEPT })

/**
 * Whether the SDK accepts a request's `_meta` envelope. A client sends the same one with every call, so the SDK's
 * schemas judge each once; only sound and unsound verdicts are kept, nothing about the caller.
 */
export function isSoundEnvelope(meta: JsonRecord): boolean {
  if (meta[PROTOCOL_VERSION_META_KEY] !== MODERN_VERSION) return false
  const info = meta[CLIENT_INFO_META_KEY]
  const capabilities = meta[CLIENT_CAPABILITIES_META_KEY]
  const level = meta[LOG_LEVEL_META_KEY]
  const key = JSON.stringify([info, capabilities, level])
  if (key.length > MAX_KEPT_LENGTH) return judge(meta)
  const kept = judged.get(key)
  if (kept !== undefined) return kept
  const verdict = judge(meta)
  judged.set(key, verdict)
  return verdict
}

function judge(meta: JsonRecord): boolean {
  const body = {
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/list',
    params: { _meta: { ...meta, progressToken: 1 } },
  }
  return classifyInboundRequest({ httpMethod: 'POST', body }).kind === 'modern'
}
