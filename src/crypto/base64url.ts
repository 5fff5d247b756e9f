const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const ONLY_ALPHABET = /^[A-Za-z0-9_-]*$/

/**
 * Whether `text` is what an encoder of RFC 7515 §2 would write: the alphabet alone, no padding, and no bits set that
 * decode to nothing. Then text and bytes are one to one, and no second spelling of a token slips past a cache (T-11).
 * Same answer as decoding and encoding again, without doing it.
 */
export function isCanonicalBase64url(text: string): boolean {
  if (!ONLY_ALPHABET.test(text)) return false
  const rest = text.length % 4
  if (rest === 1) return false
  const unusedBits = rest === 2 ? 0b1111 : rest === 3 ? 0b11 : 0
  return (ALPHABET.indexOf(text.charAt(text.length - 1)) & unusedBits) === 0
}

/** How many characters of base64url `bytes` bytes take. */
export const base64urlChars = (bytes: number): number => Math.ceil((bytes * 4) / 3)
