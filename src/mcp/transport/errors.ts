import type { FastifyInstance, FastifyReply } from 'fastify'
import type { Log } from '../../kernel/log.ts'
import { errorAnswer } from './answers.ts'
import type { RpcId } from './message.ts'

/** One JSON-RPC error as an HTTP answer. */
export interface RpcFailure {
  readonly status: number
  readonly code: number
  readonly message: string
  readonly id?: RpcId | null
}

export function sendError(reply: FastifyReply, failure: RpcFailure): FastifyReply {
  return sendJson(reply.code(failure.status), errorAnswer(failure.id ?? null, failure.code, failure.message))
}

/** Sends JSON that is already text. Answers belong to one token: no cache may keep them. */
export const sendJson = (reply: FastifyReply, body: string | Buffer): FastifyReply =>
  reply.header('content-type', 'application/json').header('cache-control', 'no-store').send(body)

const PARSE_ERROR = -32_700
export const INVALID_PARAMS = -32_602
const INVALID_REQUEST = -32_600
export const INTERNAL_ERROR = -32_603
/** What the SDK answers where JSON-RPC has no code: methods, media types and sizes. */
const TRANSPORT_ERROR = -32_000

export const NOT_ALLOWED: RpcFailure = { status: 405, code: TRANSPORT_ERROR, message: 'Method not allowed.' }
export const WRONG_MEDIA_TYPE: RpcFailure = {
  status: 415,
  code: TRANSPORT_ERROR,
  message: 'Unsupported Media Type: Content-Type must be application/json',
}
export const BATCH: RpcFailure = {
  status: 400,
  code: INVALID_REQUEST,
  message: 'Bad Request: JSON-RPC batches are not supported; send one message per request',
}
const NOT_JSON: RpcFailure = { status: 400, code: PARSE_ERROR, message: 'Parse error: Invalid JSON' }
const TOO_DEEP: RpcFailure = { status: 400, code: INVALID_REQUEST, message: 'Bad Request: nested too deeply' }
const NAME_TWICE: RpcFailure = {
  status: 400,
  code: INVALID_REQUEST,
  message: 'Bad Request: an object has two members of one name',
}
const TOO_LARGE: RpcFailure = {
  status: 413,
  code: TRANSPORT_ERROR,
  message: 'Payload Too Large: the body exceeds 256 KiB',
}
const BROKEN: RpcFailure = { status: 500, code: INTERNAL_ERROR, message: 'Internal server error' }

/** What went wrong before a handler ran, in the words of JSON-RPC; our own bugs show no message. */
export function answerErrorsAsRpc(app: FastifyInstance, log: Log): void {
  app.setErrorHandler((error, request, reply) => {
    const failure = failureOf(error)
    if (failure === BROKEN) log.error({ err: error, correlationId: request.id }, 'mcp.broken')
    return sendError(reply, failure)
  })
}

function failureOf(error: unknown): RpcFailure {
  const { code, statusCode } = error as { readonly code?: unknown; readonly statusCode?: unknown }
  if (code === 'JSON_TOO_DEEP') return TOO_DEEP
  if (code === 'JSON_NAME_TWICE') return NAME_TWICE
  if (statusCode === 413) return TOO_LARGE
  if (statusCode === 415) return WRONG_MEDIA_TYPE
  return typeof statusCode === 'number' && statusCode < 500 ? NOT_JSON : BROKEN
}
