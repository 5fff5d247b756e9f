import { createSecretKey, webcrypto, type KeyObject } from 'node:crypto'
import type { Key, KeyState, Purpose } from './key.ts'
import { holdsPrivate, type Jwk } from './jwk.ts'

/** Turns a checked JWK into a key that can do what its purpose needs and nothing else. Not extractable. */
export async function importKey<P extends Purpose>(
  about: { readonly purpose: P; readonly kid: string; readonly state: KeyState },
  jwk: Jwk,
): Promise<Key<P>> {
  const { purpose, kid, state } = about
  return { purpose, kid, state, material: await importMaterial(purpose, jwk) }
}

async function importMaterial(purpose: Purpose, jwk: Jwk): Promise<webcrypto.CryptoKey | KeyObject> {
  const { subtle } = webcrypto
  if (jwk.kty === 'RSA') {
    const usage = holdsPrivate(jwk) ? 'decrypt' : 'encrypt'
    return subtle.importKey('jwk', jwk, { name: 'RSA-OAEP', hash: 'SHA-256' }, false, [usage])
  }
  if (jwk.kty === 'OKP') {
    return subtle.importKey('jwk', jwk, 'Ed25519', false, [holdsPrivate(jwk) ? 'sign' : 'verify'])
  }
  const bytes = Buffer.from(jwk.k, 'base64url')
  return GCM_PURPOSES.has(purpose)
    ? subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt'])
    : createSecretKey(bytes)
}

/** The other secrets serve HMAC, HKDF or AES-CBC with HMAC, for which WebCrypto has no single key. */
const GCM_PURPOSES: ReadonlySet<Purpose> = new Set<Purpose>(['receipt', 'code'])
