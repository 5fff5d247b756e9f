import { constants, createCipheriv, createHash, createHmac, publicEncrypt, sign } from 'node:crypto'
import { bytesOf, privateKey, publicKey } from './vector-keys.ts'

/*
 * JOSE from the RFCs with `node:crypto` alone, without randomness: what the wrapper must open, and what it must not.
 */

export const segment = (content: Buffer | string | object): string =>
  (Buffer.isBuffer(content)
    ? content
    : Buffer.from(typeof content === 'string' ? content : JSON.stringify(content), 'latin1')
  ).toString('base64url')

export interface Jwe {
  /** As text, so that it can be anything. */
  readonly header: string
  readonly cek: Buffer
  readonly encryptedKey?: Buffer
  readonly plaintext: string
  readonly iv?: Buffer
  /** Bytes of the tag that are written. */
  readonly tagBytes?: number
  /** Instead of the protected header as it is sent. */
  readonly aad?: string
}

/** RFC 7516 §5.1 with A256GCM (RFC 7518 §5.3). */
export function gcmJwe({
  header,
  cek,
  encryptedKey,
  plaintext,
  iv = bytesOf('iv', 12),
  ...rest
}: Jwe): string {
  const sent = segment(header)
  const cipher = createCipheriv('aes-256-gcm', cek, iv, { authTagLength: 16 })
  cipher.setAAD(Buffer.from(rest.aad ?? sent))
  const text = Buffer.concat([cipher.update(plaintext, 'latin1'), cipher.final()])
  const tag = cipher.getAuthTag().subarray(0, rest.tagBytes ?? 16)
  return [sent, segment(encryptedKey ?? Buffer.of()), segment(iv), segment(text), segment(tag)].join('.')
}

export interface CbcBend {
  readonly isPadded?: boolean
  readonly hasLength?: boolean
  /** The halves of the key the other way round. */
  readonly isSwapped?: boolean
  readonly hash?: string
  readonly lastBlock?: Buffer
}

/** The same with A128CBC-HS256 (RFC 7518 §5.2). */
export function cbcJwe(
  { header, cek, plaintext, iv = bytesOf('iv', 16), ...rest }: Jwe,
  bend: CbcBend = {},
): string {
  const sent = segment(header)
  const halves = [cek.subarray(0, 16), cek.subarray(16)]
  const [macKey, encKey] = (bend.isSwapped === true ? halves.reverse() : halves) as [Buffer, Buffer]
  const cipher = createCipheriv('aes-128-cbc', encKey, iv).setAutoPadding(bend.isPadded !== false)
  const clear = bend.lastBlock === undefined ? Buffer.from(plaintext, 'latin1') : bend.lastBlock
  const text = Buffer.concat([cipher.update(clear), cipher.final()])
  const aad = Buffer.from(rest.aad ?? sent)
  const length = Buffer.alloc(8)
  length.writeBigUInt64BE(BigInt(aad.length * 8))
  const mac = createHmac(bend.hash ?? 'sha256', macKey)
    .update(aad)
    .update(iv)
    .update(text)
  if (bend.hasLength !== false) mac.update(length)
  const tag = mac.digest().subarray(0, rest.tagBytes ?? 16)
  return [sent, '', segment(iv), segment(text), segment(tag)].join('.')
}

export interface Oaep {
  readonly hash?: 'sha1' | 'sha256' | 'sha384'
  readonly mgf?: 'sha1' | 'sha256'
  readonly label?: string
  readonly firstByte?: number
}

/** RSAES-OAEP (RFC 8017 §7.1.1) with a seed that is always the same. */
export function oaep(jwk: object, message: Buffer, bend: Oaep = {}): Buffer {
  const [hash, mgf] = [bend.hash ?? 'sha256', bend.mgf ?? bend.hash ?? 'sha256']
  const size = (publicKey(jwk).asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const labelHash = createHash(hash)
    .update(bend.label ?? '')
    .digest()
  const padding = Buffer.alloc(size - message.length - 2 * labelHash.length - 2)
  const block = Buffer.concat([labelHash, padding, Buffer.of(1), message])
  const seed = bytesOf('oaep seed', labelHash.length)
  const masked = xor(block, mask(seed, block.length, mgf))
  const maskedSeed = xor(seed, mask(masked, seed.length, mgf))
  return rawRsa(jwk, Buffer.concat([Buffer.of(bend.firstByte ?? 0), maskedSeed, masked]))
}

/** RSAES-PKCS1-v1_5 (RFC 8017 §7.2.1). */
export function pkcs1(jwk: object, message: Buffer): Buffer {
  const size = (publicKey(jwk).asymmetricKeyDetails?.modulusLength ?? 0) / 8
  const padding = bytesOf('pkcs1', size - message.length - 3).map((byte) => Math.max(byte, 1))
  return rawRsa(jwk, Buffer.concat([Buffer.of(0, 2), padding, Buffer.of(0), message]))
}

export const rawRsa = (jwk: object, block: Buffer): Buffer =>
  publicEncrypt({ key: publicKey(jwk), padding: constants.RSA_NO_PADDING }, block)

const xor = (left: Buffer, right: Buffer): Buffer =>
  Buffer.from(left.map((byte, i) => byte ^ (right[i] ?? 0)))

function mask(seed: Buffer, count: number, hash: string): Buffer {
  const blocks: Buffer[] = []
  for (let i = 0; Buffer.concat(blocks).length < count; i += 1)
    blocks.push(
      createHash(hash)
        .update(seed)
        .update(Buffer.of(0, 0, 0, i))
        .digest(),
    )
  return Buffer.concat(blocks).subarray(0, count)
}

/** RFC 7515 §5.1; `make` may do anything. */
export function jws(header: string, payload: string, make: (input: Buffer) => Buffer): string {
  const input = `${segment(header)}.${segment(payload)}`
  return `${input}.${segment(make(Buffer.from(input)))}`
}

export const ed25519 =
  (jwk: object) =>
  (input: Buffer): Buffer =>
    sign(null, input, privateKey(jwk))

export const rs256 =
  (jwk: object, hash = 'sha256') =>
  (input: Buffer): Buffer =>
    sign(hash, input, privateKey(jwk))

export const hmac =
  (key: Buffer | string, hash = 'sha256') =>
  (input: Buffer): Buffer =>
    createHmac(hash, key).update(input).digest()
