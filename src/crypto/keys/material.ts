import { createPrivateKey, createPublicKey, createSecretKey, webcrypto, type KeyObject } from 'node:crypto'
import type { Key, KeyState, Purpose } from './key.ts'
import { holdsPrivate, type Jwk } from './jwk.ts'

/** Turns a checked JWK into a key that can do what its purpose needs and nothing else. */
export async function importKey<P extends Purpose>(
  about: { readonly purpose: P; readonly kid: string; readonly state: KeyState },
  jwk: Jwk,
): Promise<Key<P>> {
  const { purpose, kid, state } = about
  return { purpose, kid, state, material: await importMaterial(jwk) }
}

/** What `compact.ts` works with is a KeyObject; a CryptoKey, what goes through the thread pool or `jose`. */
async function importMaterial(jwk: Jwk): Promise<webcrypto.CryptoKey | KeyObject> {
  const { subtle } = webcrypto
  switch (jwk.kty) {
    case 'RSA':
      return holdsPrivate(jwk)
        ? subtle.importKey('jwk', jwk, { name: 'RSA-OAEP', hash: 'SHA-256' }, false, ['decrypt'])
        : createPublicKey({ key: jwk, format: 'jwk' })
    case 'OKP':
      return holdsPrivate(jwk)
        ? createPrivateKey({ key: jwk, format: 'jwk' })
        : subtle.importKey('jwk', jwk, 'Ed25519', false, ['verify'])
    case 'oct':
      return createSecretKey(Buffer.from(jwk.k, 'base64url'))
  }
}
