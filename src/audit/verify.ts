import type { VerifyHead } from './heads.ts'

/** What holds of one log. */
export interface VerifiedLog {
  readonly file: string
  readonly origin: string
  readonly records: number
  /** Number of the newest record that a signed head vouches for; records after it could be cut without a trace. */
  readonly vouchedTo: number
}

/** The first thing that does not hold. */
export interface BadRecord {
  readonly file: string
  /** From 1. For a cut tail: the line after the last one. */
  readonly line: number
  readonly what: string
}

export type AuditVerdict =
  | { readonly ok: true; readonly logs: readonly VerifiedLog[] }
  | { readonly ok: false; readonly bad: BadRecord }

/**
 * Verifies every log in the folders: chain, order, signatures, and length against the newest signed head found
 * anywhere, the other services' copies included.
 *
 * @throws when a folder cannot be read
 */
export function verifyAudit(folders: readonly string[], verify: VerifyHead): Promise<AuditVerdict> {
  return Promise.reject(new Error(`not yet: ${folders.length} ${typeof verify}`))
}
