import type { FastifyRequest } from 'fastify'
import { DiskUnavailable } from '../kernel/disk.ts'
import { Overloaded } from '../kernel/load/load.ts'
import { StoreUnavailable } from '../kernel/store/contract.ts'
import { ClerkUnavailable } from './clerk/clerk-client.ts'

/** Something we depend on cannot be asked: nobody was refused, the answer is `503` (never `invalid_grant` or a sign-out). */
export const isOutage = (error: unknown): boolean =>
  error instanceof StoreUnavailable ||
  error instanceof DiskUnavailable ||
  error instanceof ClerkUnavailable ||
  error instanceof Overloaded

/** Seconds after which to try again. */
export const waitSeconds = (error: unknown): number =>
  error instanceof Overloaded ? error.retryAfterS : RETRY_AFTER_S

export const RETRY_AFTER_S = 2

/** Overload is counted and recorded elsewhere, once for many: a line for each would add to it. */
export function logOutage(request: FastifyRequest, error: unknown): void {
  if (!(error instanceof Overloaded)) request.log.warn({ err: error }, 'cannot decide')
}

/** A client error that Fastify itself found (size, content type, malformed JSON): its HTTP status, else `null`. */
export function clientErrorStatus(error: unknown): number | null {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : null
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}
