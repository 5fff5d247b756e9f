import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Result } from '../../kernel/result.ts'
import type { Admitted } from './admitted.ts'
import type { Caller } from './caller.ts'
import type { Demand, Door } from './demand.ts'
import type { Refusal } from './refusal.ts'

/** Where a refusal is answered. */
export interface Refused {
  readonly door: Door
  /** `id` of the JSON-RPC request; null before the body was parsed, and for a message without one. */
  readonly rpcId: string | number | null
}

/** `RateLimit-Policy` and `RateLimit` of what a caller was admitted to last; null: nothing yet. */
export type LimitFields = Readonly<Record<string, string>> | null

/**
 * The door of the MCP server, as the transport sees it. In this order:
 *
 * 1. `identify` in `onRequest`, before the body is read: Origin and Host, bearer, caches, pre-tag, limiter, decryption,
 *    signature, claims, receipt, expiry. No store call. A token that is known as good is judged without a promise.
 * 2. the transport parses the message.
 * 3. `admit` once per message: scope and feature, then the one store call. `message` for everything but `tools/call`.
 * 4. the work, then `admitted.release()`.
 *
 * Both have written every refusal to the audit log when they return. A `message` that is admitted is written too; the
 * tool runner writes the one event of a tool call. Neither throws but for a bug.
 */
export interface Admission {
  identify(request: FastifyRequest, door: Door): Result<Caller, Refusal> | Promise<Result<Caller, Refusal>>
  admit(caller: Caller, demand: Demand): Promise<Result<Admitted, Refusal>>
  limitFields(caller: Caller): LimitFields
  /**
   * Sends a refusal: status, `WWW-Authenticate` or `Retry-After`, and a JSON-RPC error whose `code` is the HTTP status
   * (outside the range that JSON-RPC and MCP keep for themselves) and whose `data.reason` names the family.
   */
  answer(reply: FastifyReply, refusal: Refusal, refused: Refused): FastifyReply
}
