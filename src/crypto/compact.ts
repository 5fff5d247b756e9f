import {
  constants,
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  KeyObject,
  publicEncrypt,
  sign,
  type webcrypto,
} from 'node:crypto'
import { random } from '../kernel/random.ts'
import { err, ok, type Result } from '../kernel/result.ts'

/*
 * The algorithms that run several times for every token, called in OpenSSL on the calling thread: each takes some
 * microseconds, and the way into the thread pool and back, which WebCrypto and hence `jose` must go, costs several times
 * that. Nothing is decided here: form, header and purpose of a key are `jose.ts`'s.
 */

type Material = webcrypto.CryptoKey | KeyObject

/** What the content of a JWE is encrypted with, and its encrypted key segment (RFC 7516 §5.1), empty for `dir`. */
export interface ContentKey {
  readonly key: KeyObject | Uint8Array
  readonly encrypted: string
}

/** `dir` (RFC 7518 §4.5). */
export const directKey = (material: Material): ContentKey => ({
  key: keyObject(material, 'secret'),
  encrypted: '',
})

/** `RSA-OAEP-256` (RFC 7518 §4.3): a new key, encrypted to the holder of an RSA key; SHA-256 for hash and mask. */
export function newKeyFor(material: Material): ContentKey {
  const key = random(KEY_BYTES)
  const padding = { padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: 'sha256' }
  const encrypted = publicEncrypt({ key: keyObject(material, 'public'), ...padding }, key)
  return { key, encrypted: encrypted.toString('base64url') }
}

/** A compact JWE with `A256GCM` (RFC 7518 §5.3). */
export function sealCompact(
  header: object,
  { key, encrypted }: ContentKey,
  plaintext: Uint8Array | string,
): string {
  const encoded = encode(JSON.stringify(header))
  const iv = random(IV_BYTES)
  const cipher = createCipheriv(GCM, secretKey(key), iv).setAAD(Buffer.from(encoded))
  const ciphertext = Buffer.concat([cipher.update(Buffer.from(plaintext)), cipher.final()])
  return [encoded, encrypted, encode(iv), encode(ciphertext), encode(cipher.getAuthTag())].join('.')
}

/** What the form of a text, judged before it comes here, promises. */
type Segments = [header: string, encryptedKey: string, iv: string, ciphertext: string, tag: string]

/** Opens a compact JWE with `A256GCM` and `dir`, whose five segments are canonical and of their sizes. */
export function openCompact(text: string, key: ContentKey['key']): Result<Uint8Array, 'decryption_failed'> {
  const [header, , iv, ciphertext, tag] = text.split('.') as Segments
  try {
    const decipher = createDecipheriv(GCM, secretKey(key), decode(iv), { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(header))
      .setAuthTag(decode(tag))
    // What `update` gives counts for nothing until `final` has compared the tag.
    return ok(Buffer.concat([decipher.update(decode(ciphertext)), decipher.final()]))
  } catch {
    return err('decryption_failed')
  }
}

/** A compact JWS with `Ed25519` (RFC 9864 §2.2, RFC 8037 §3.1). */
export function signCompact(header: object, material: Material, payload: Uint8Array | string): string {
  const input = `${encode(JSON.stringify(header))}.${encode(payload)}`
  return `${input}.${encode(sign(null, Buffer.from(input), keyObject(material, 'private')))}`
}

/** From Node 24 on a cipher takes bare bytes for several times what this costs. */
const secretKey = (key: ContentKey['key']): KeyObject =>
  key instanceof KeyObject ? key : createSecretKey(key)

function keyObject(material: Material, type: KeyObject['type']): KeyObject {
  if (material instanceof KeyObject && material.type === type) return material
  throw new Error(`a ${material.type} key stands where a ${type} one belongs`)
}

const encode = (data: Uint8Array | string): string => Buffer.from(data).toString('base64url')
const decode = (segment: string): Buffer => Buffer.from(segment, 'base64url')

const GCM = 'aes-256-gcm'
const KEY_BYTES = 32
const IV_BYTES = 12
const TAG_BYTES = 16
