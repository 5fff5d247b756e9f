import type { Result } from '../kernel/result.ts'

/** How far a chain had come: whoever holds it signed can tell that a shorter or other log is not the whole one. */
export interface Head {
  /** `<service>/<instance>`. */
  readonly origin: string
  readonly n: number
  readonly hash: string
  /** Clock of the signer, milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** Returns the signed head as text, at most 2,048 characters (`signHead` of src/crypto). */
export type SignHead = (content: Uint8Array) => Promise<string>

/** Returns the content when a known audit-head key signed it (`verifyHead` of src/crypto). */
export type VerifyHead = (
  head: string,
) => Promise<Result<{ readonly content: Uint8Array; readonly owner: string }, unknown>>

/** Why another service's head was not accepted. The last two are evidence of tampering and are in our own log. */
export type HeadRefusal = 'bad_signature' | 'malformed' | 'own_head' | 'went_back' | 'forked'
