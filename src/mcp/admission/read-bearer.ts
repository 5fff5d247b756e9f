import type { FastifyRequest } from 'fastify'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Refusal } from './refusal.ts'

/**
 * The bearer token of a request (RFC 6750 §2.1), unread. Only the header counts: never the query, never the body, never
 * a cookie, and not two headers, of which another hop might read the other one.
 */
export function readBearer(request: FastifyRequest): Result<string, Refusal> {
  if (namesToken(request.query) || authorizationHeaders(request) > 1) {
    return err({ reason: 'credentials_misplaced' })
  }
  const header = request.headers.authorization
  if (header === undefined) return err({ reason: 'credentials_missing' })
  const scheme = BEARER.exec(header)?.[0]
  if (scheme === undefined) {
    return err({ reason: 'token_invalid', fault: { kind: 'unreadable', detail: 'not_bearer' } })
  }
  return ok(header.slice(scheme.length))
}

const namesToken = (query: unknown): boolean =>
  typeof query === 'object' && query !== null && Object.hasOwn(query, 'access_token')

/** Node keeps the first of several `Authorization` headers; only the raw list tells that there were more. */
function authorizationHeaders(request: FastifyRequest): number {
  const { rawHeaders } = request.raw
  let found = 0
  for (let at = 0; at < rawHeaders.length; at += 2) if (isAuthorization(rawHeaders[at] ?? '')) found += 1
  return found
}

const isAuthorization = (name: string): boolean =>
  name.length === 'authorization'.length && name.toLowerCase() === 'authorization'

/**
 * The scheme is case-insensitive (RFC 9110 §11.1). What follows it is checked by the token's format, which a token that
 * the cache knows has passed: an expression over all of its kilobytes at every call would find nothing.
 */
const BEARER = /^bearer +(?=[^ ])/i
