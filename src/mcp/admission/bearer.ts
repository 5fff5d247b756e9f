import { sha256Base64url } from '../../crypto/digest.ts'

/** A token as it was sent, and the name by which the caches know it. */
export interface Bearer {
  readonly text: string
  /** SHA-256 of it, base64url. */
  readonly digest: string
}

/** By connection: the last token that was a good one. */
const last = new WeakMap<object, Bearer>()

/**
 * A client sends the same kilobytes with every request of its connection, and to compare them is quicker than to hash them.
 * What the caches say of the digest is asked each time.
 */
export function bearerOn(connection: object, text: string): Bearer {
  const known = last.get(connection)
  return known?.text === text ? known : { text, digest: sha256Base64url(text) }
}

/**
 * Keeps a token with its connection, in clear, and as long as that lasts or until another one comes. Only what was proven:
 * strangers could fill the memory with it.
 */
export function keepBearer(connection: object, bearer: Bearer): void {
  if (last.get(connection) !== bearer) last.set(connection, bearer)
}
