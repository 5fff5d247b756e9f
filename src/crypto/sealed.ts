import { createHmac, createSecretKey } from 'node:crypto'
import type { Result } from '../kernel/result.ts'
import { decryptDirect, encryptDirect } from './jose.ts'
import type { Reason } from './reason.ts'

/**
 * A 256-bit key for one use out of a secret with at least that much entropy (HKDF-SHA-256, RFC 5869, no salt).
 * Different labels give unrelated keys.
 */
export function deriveKey(secret: Uint8Array | string, label: string): Uint8Array {
  // §2.2 and the one block of §2.3 that 256 bits take: half the time of `hkdfSync`.
  const pseudorandom = createHmac('sha256', NO_SALT).update(secret).digest()
  return createHmac('sha256', createSecretKey(pseudorandom)).update(label).update(FIRST_BLOCK).digest()
}

/** No salt is one of zeros, as long as the hash (RFC 5869 §2.2). */
const NO_SALT = createSecretKey(Buffer.alloc(32))
const FIRST_BLOCK = Buffer.of(1)

/**
 * Encrypts to whoever holds the 32-byte key: compact JWE, `dir`, A256GCM. `typ` names what it is, e.g.
 * `mx-successor+jwe`; what was sealed as one thing does not open as another.
 */
export function sealWith(key: Uint8Array, typ: string, plaintext: Uint8Array | string): Promise<string> {
  if (key.length !== KEY_BYTES) throw new Error('sealing needs a key of 32 bytes')
  return encryptDirect(key, typ, plaintext)
}

/** Opens what {@link sealWith} made with the same key and `typ`. */
export function openWith(key: Uint8Array, typ: string, sealed: string): Promise<Result<Uint8Array, Reason>> {
  if (key.length !== KEY_BYTES) throw new Error('opening needs a key of 32 bytes')
  return decryptDirect(key, typ, sealed)
}

const KEY_BYTES = 32
