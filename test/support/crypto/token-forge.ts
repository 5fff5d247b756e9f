import {
  constants,
  createCipheriv,
  createHash,
  createHmac,
  publicEncrypt,
  randomBytes,
  sign as signWith,
  type KeyObject,
} from 'node:crypto'
import type { AccessClaims } from '../../../src/crypto/claims.ts'
import { privateKeyOf, publicKeyOf, secretOf, someClaims, type Workshop } from './token-workshop.ts'

/*
 * Makes JOSE by hand, from RFC 7515, 7516 and 7518, so that nothing keeps a forger from writing what a library would
 * refuse to write. A thing forged without a bend must open: that is the twin of every refusal.
 */

export type Text = object | string

const toBytes = (text: Text): Buffer => Buffer.from(typeof text === 'string' ? text : JSON.stringify(text))
export const b64 = (text: Text | Uint8Array): string =>
  (text instanceof Uint8Array ? Buffer.from(text) : toBytes(text)).toString('base64url')

/** Compact JWS; the header may be any text, `sign` may do anything. */
export function forgeJws(header: Text, payload: Text, sign: (input: Buffer) => Buffer): string {
  const input = `${b64(header)}.${b64(payload)}`
  return `${input}.${sign(Buffer.from(input)).toString('base64url')}`
}

export const ed25519 =
  (key: KeyObject) =>
  (input: Buffer): Buffer =>
    signWith(null, input, key)

export interface JweBend {
  /** `dir`: the content key itself. Otherwise it is made and encrypted to the public key. */
  readonly directKey?: Buffer
  readonly publicKey?: KeyObject
  readonly oaepHash?: 'sha256' | 'sha1'
  readonly padding?: number
  readonly ivBytes?: number
  readonly tagBytes?: number
}

/** Compact JWE with A256GCM; the header may be any text. */
export function forgeJwe(header: Text, plaintext: Buffer | string, bend: JweBend): string {
  const aad = b64(header)
  const cek = bend.directKey ?? randomBytes(32)
  const iv = randomBytes(bend.ivBytes ?? 12)
  const cipher = createCipheriv('aes-256-gcm', cek, iv, { authTagLength: 16 })
  cipher.setAAD(Buffer.from(aad))
  const text = Buffer.concat([cipher.update(plaintext), cipher.final()])
  const tag = cipher.getAuthTag().subarray(0, bend.tagBytes ?? 16)
  return [aad, encryptedKey(cek, bend), b64(iv), b64(text), b64(tag)].join('.')
}

function encryptedKey(cek: Buffer, { publicKey, padding, oaepHash }: JweBend): string {
  if (publicKey === undefined) return ''
  const how = padding ?? constants.RSA_PKCS1_OAEP_PADDING
  const hash = padding === undefined ? { oaepHash: oaepHash ?? 'sha256' } : {}
  return b64(publicEncrypt({ key: publicKey, padding: how, ...hash }, cek))
}

/** Everything that makes one access token, each part open to a bend. */
export interface Parts {
  outerHeader: Record<string, unknown>
  innerHeader: Record<string, unknown>
  claims: Record<string, unknown>
  sign: (input: Buffer) => Buffer
  jwe: JweBend
  /** Instead of the inner JWS. */
  inner?: string
  /** Instead of the outer header's JSON. */
  outerText?: string
  innerText?: string
  claimsText?: string
}

/** The parts of a good token, made with every key the portal has. */
export async function goodParts(workshop: Workshop, bend: Partial<AccessClaims> = {}): Promise<Parts> {
  const claims = await someClaims(workshop, bend)
  const encryption = await workshop.file('portal', 'mt')
  const signing = await workshop.file('portal', 'ps')
  return {
    outerHeader: {
      alg: 'RSA-OAEP-256',
      enc: 'A256GCM',
      kid: encryption.kid,
      typ: 'mx-at+jwe',
      cty: 'JWT',
      rid: claims.jti,
      rt: await tagFor(workshop, encryption.kid, claims.jti),
    },
    innerHeader: { alg: 'Ed25519', kid: signing.kid, typ: 'at+jwt' },
    claims: { ...claims },
    sign: ed25519(privateKeyOf(signing)),
    jwe: { publicKey: publicKeyOf(encryption) },
  }
}

export async function tagFor(workshop: Workshop, kid: string, rid: string): Promise<string> {
  const secret = secretOf(await workshop.file('portal', 'pt'))
  return b64(createHmac('sha256', secret).update(`at1|${kid}|${rid}`).digest().subarray(0, 16))
}

export function assemble(parts: Parts): string {
  const inner =
    parts.inner ??
    forgeJws(parts.innerText ?? parts.innerHeader, parts.claimsText ?? parts.claims, parts.sign)
  return forgeJwe(parts.outerText ?? parts.outerHeader, inner, parts.jwe)
}

/** Puts the automation prefix in front, right for whatever follows. */
export const withCiPrefix = (jwe: string): string =>
  `mxci_${createHash('sha256').update(jwe).digest('base64url').slice(0, 6)}_${jwe}`
