import { DiskUnavailable } from '../kernel/disk.ts'
import { StoreUnavailable } from '../kernel/store/contract.ts'
import { ClerkUnavailable } from './clerk/clerk-client.ts'

/** Something we depend on cannot be asked: nobody was refused, the answer is `503` (never `invalid_grant` or a sign-out). */
export const isOutage = (error: unknown): boolean =>
  error instanceof StoreUnavailable || error instanceof DiskUnavailable || error instanceof ClerkUnavailable

export const RETRY_AFTER_S = 2

/** A client error that Fastify itself found (size, content type, malformed JSON): its HTTP status, else `null`. */
export function clientErrorStatus(error: unknown): number | null {
  const status =
    typeof error === 'object' && error !== null && 'statusCode' in error ? error.statusCode : null
  return typeof status === 'number' && status >= 400 && status < 500 ? status : null
}
