import { createHash, createHmac, createSecretKey, hash, type KeyObject, timingSafeEqual } from 'node:crypto'

/** SHA-256 as 43 characters of base64url. Text is hashed as UTF-8. */
export const sha256Base64url = (data: string | Uint8Array): string => hash('sha256', data, 'base64url')

/** SHA-256, 32 bytes. */
export const sha256 = (data: string | Uint8Array): Uint8Array => createHash('sha256').update(data).digest()

/** HMAC-SHA-256 as 43 characters of base64url: a hash that only the holder of `key` can compute or compare. */
export const keyedHash = (key: Uint8Array, data: string | Uint8Array): string =>
  createHmac('sha256', keyObjectOf(key)).update(data).digest('base64url')

/** Bytes become a key of OpenSSL's once: from Node 24 on that costs several times the hash. */
function keyObjectOf(key: Uint8Array): KeyObject {
  const known = keyObjects.get(key)
  if (known !== undefined) return known
  const made = createSecretKey(key)
  keyObjects.set(key, made)
  return made
}

const keyObjects = new WeakMap<Uint8Array, KeyObject>()

/** Compares without telling by its time where two strings part. Their lengths are not secret. */
export function safeEqual(left: string, right: string): boolean {
  const a = Buffer.from(left)
  const b = Buffer.from(right)
  return a.length === b.length && timingSafeEqual(a, b)
}
