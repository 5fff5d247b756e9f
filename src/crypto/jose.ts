import type { KeyObject, webcrypto } from 'node:crypto'
import { calculateJwkThumbprint, compactDecrypt, CompactEncrypt, compactVerify } from 'jose'
import { z } from 'zod'
import { err, ok, type Result } from '../kernel/result.ts'
import { base64urlChars, isCanonicalBase64url } from './base64url.ts'
import { directKey, newKeyFor, openCompact, sealCompact, signCompact } from './compact.ts'
import type { JweFormat, JwsFormat } from './formats.ts'
import type { Key, Purpose } from './keys/key.ts'
import type { Reason } from './reason.ts'
import { readStrictJson } from './strict-json.ts'

/*
 * The only speaker of JOSE. A format says beforehand what an artefact looks like, a key what it is for; nothing that
 * arrives chooses an algorithm, a key type or a place to fetch a key from (RFC 8725 §3.1, §3.5, §3.10). Compact
 * serialisation alone; no `zip`, no `crit`; what is hostile is refused, never thrown. Who computes what: decision 7.
 */

type HeaderMembers = Readonly<Record<string, unknown>>

/** Evidence that a string has the exact form of `format`. Nothing is proven about its maker. */
export interface JweShape<P extends Purpose = Purpose> {
  readonly format: JweFormat<P>
  readonly text: string
  readonly kid: string
  readonly varying: Readonly<Record<string, string>>
  readonly encryptedKeyChars: number
}

/** Reads the form of a compact JWE (RFC 7516 §7.1) without any key. Costs microseconds. */
export function readJweShape<P extends Purpose>(
  format: JweFormat<P>,
  text: string,
): Result<JweShape<P>, Reason> {
  if (text.length < format.minChars || text.length > format.maxChars) return err('length_out_of_range')
  const read = readJweHeader(text, format.header)
  if (!read.ok) return read
  const { members, encryptedKeyChars } = read.value
  const { kid, ...others } = members
  const varying = exactMembers(others, format)
  if (!isKid(kid) || varying === null) return err('header_not_exact')
  return ok({ format, text, kid, varying, encryptedKeyChars })
}

/** Decrypts with a key of the format's purpose. One answer for whatever is wrong inside (T-12). */
export async function decrypt<P extends Purpose>(
  shape: JweShape<P>,
  key: Key<P>,
): Promise<Result<Uint8Array, Reason>> {
  const { format } = shape
  demandPurpose(format.purpose, key)
  if (format.header.alg === 'RSA-OAEP-256' && shape.encryptedKeyChars !== modulusChars(key)) {
    return err('segments_malformed')
  }
  const { alg, enc } = format.header
  return alg === 'dir' && enc === 'A256GCM'
    ? openCompact(shape.text, directKey(key.material).key)
    : decryptCompact(shape.text, key.material, format.header)
}

/** Shape, key by kid, decryption. */
export async function openJwe<P extends Purpose>(
  format: JweFormat<P>,
  text: string,
  keys: { find(kid: string): Key<P> | undefined },
): Promise<Result<{ plaintext: Uint8Array; key: Key<P> }, Reason>> {
  const shape = readJweShape(format, text)
  if (!shape.ok) return shape
  const key = keys.find(shape.value.kid)
  if (key === undefined) return err('kid_unknown')
  const plaintext = await decrypt(shape.value, key)
  return plaintext.ok ? ok({ plaintext: plaintext.value, key }) : plaintext
}

/** Encrypts in the given format. `varying` must name exactly the format's varying members. */
export async function encrypt<P extends Purpose>(
  format: JweFormat<P>,
  key: Key<P>,
  content: { plaintext: Uint8Array | string; varying?: Readonly<Record<string, string>> },
): Promise<string> {
  demandPurpose(format.purpose, key)
  const { alg, enc, ...rest } = format.header
  const header = { alg, enc, kid: key.kid, ...rest, ...content.varying }
  if (enc === 'A128CBC-HS256')
    return new CompactEncrypt(Buffer.from(content.plaintext)).setProtectedHeader(header).encrypt(key.material)
  const contentKey = alg === 'dir' ? directKey(key.material) : newKeyFor(key.material)
  return sealCompact(header, contentKey, content.plaintext)
}

/** Encrypts under bare bytes that no kid names: what a derived, short-lived key protects. */
export async function encryptDirect(
  key: Uint8Array,
  typ: string,
  plaintext: Uint8Array | string,
): Promise<string> {
  return Promise.resolve(sealCompact({ ...DIRECT, typ }, { key, encrypted: '' }, plaintext))
}

/** Opens {@link encryptDirect} with the same key and `typ`. */
export async function decryptDirect(
  key: Uint8Array,
  typ: string,
  text: string,
): Promise<Result<Uint8Array, Reason>> {
  if (text.length > MAX_DIRECT_CHARS) return err('length_out_of_range')
  const read = readJweHeader(text, DIRECT)
  if (!read.ok) return read
  if (!isSame(read.value.members, { ...DIRECT, typ })) return err('header_not_exact')
  return Promise.resolve(openCompact(text, key))
}

/** Signs in the given format. */
export async function sign<P extends Purpose>(
  format: JwsFormat<P>,
  key: Key<P>,
  payload: Uint8Array | string,
): Promise<string> {
  demandPurpose(format.purpose, key)
  const { alg, typ } = format.header
  return Promise.resolve(signCompact({ alg, kid: key.kid, typ }, key.material, payload))
}

/** Verifies a compact JWS (RFC 7515 §7.1) of exactly the given format. */
export async function verify<P extends Purpose>(
  format: JwsFormat<P>,
  text: string,
  keys: { find(kid: string): Key<P> | undefined },
): Promise<Result<{ payload: Uint8Array; key: Key<P> }, Reason>> {
  const members = readJwsHeader(text, format.maxChars)
  if (!members.ok) return members
  const { kid, ...others } = members.value
  if (!isKid(kid) || !isSame(others, format.header)) return err('header_not_exact')
  const key = keys.find(kid)
  if (key === undefined) return err('kid_unknown')
  demandPurpose(format.purpose, key)
  const payload = await verifyCompact(text, key.material, format.header.alg)
  return payload.ok ? ok({ payload: payload.value, key }) : payload
}

/** What a token of somebody else may look like. `types`: allowed values of `typ`, `undefined` where it may be missing. */
export interface ForeignRules {
  readonly algorithms: readonly string[]
  readonly types: readonly (string | undefined)[]
  /** Members that name a key by a label, tolerated and not looked at. */
  readonly ignored?: readonly 'x5t'[]
  readonly maxChars: number
}

/** Keys of somebody else: those that may have signed under a header. */
export interface ForeignKeySource<K extends { readonly material: webcrypto.CryptoKey | KeyObject }> {
  find(header: { readonly kid: string | undefined; readonly alg: string }): readonly K[]
}

/**
 * Verifies a token of somebody else. Their header may gain members that we do not know, but none that names or carries a
 * key, an encoding or an extension.
 */
export async function verifyForeign<K extends { readonly material: webcrypto.CryptoKey | KeyObject }>(
  text: string,
  keys: ForeignKeySource<K>,
  rules: ForeignRules,
): Promise<Result<{ header: HeaderMembers; payload: Uint8Array; key: K }, Reason>> {
  const header = readJwsHeader(text, rules.maxChars)
  if (!header.ok) return header
  const named = foreignHeader.safeParse(header.value)
  const isForbidden = (name: string): boolean =>
    FORBIDDEN_MEMBERS.has(name) && rules.ignored?.some((label) => label === name) !== true
  if (!named.success || Object.keys(header.value).some(isForbidden)) return err('header_not_exact')
  const { alg, kid, typ } = named.data
  if (!rules.algorithms.includes(alg) || !rules.types.includes(typ)) return err('header_not_exact')
  const candidates = keys.find({ kid, alg })
  for (const key of candidates) {
    const payload = await verifyCompact(text, key.material, alg)
    if (payload.ok) return ok({ header: header.value, payload: payload.value, key })
  }
  return err(candidates.length === 0 ? 'kid_unknown' : 'signature_wrong')
}

/** RFC 7638, SHA-256, base64url. */
export const thumbprint = (jwk: Readonly<Record<string, string>>): Promise<string> =>
  calculateJwkThumbprint(jwk, 'sha256')

async function decryptCompact(
  text: string,
  key: webcrypto.CryptoKey | KeyObject,
  header: { readonly alg: string; readonly enc: string },
): Promise<Result<Uint8Array, Reason>> {
  try {
    const opened = await compactDecrypt(text, key, {
      keyManagementAlgorithms: [header.alg],
      contentEncryptionAlgorithms: [header.enc],
      maxDecompressedLength: 0,
    })
    return ok(opened.plaintext)
  } catch {
    return err('decryption_failed')
  }
}

async function verifyCompact(
  text: string,
  key: webcrypto.CryptoKey | KeyObject,
  alg: string,
): Promise<Result<Uint8Array, Reason>> {
  try {
    return ok((await compactVerify(text, key, { algorithms: [alg] })).payload)
  } catch {
    return err('signature_wrong')
  }
}

function readJweHeader(
  text: string,
  { alg, enc }: Pick<JweFormat['header'], 'alg' | 'enc'>,
): Result<{ members: HeaderMembers; encryptedKeyChars: number }, Reason> {
  const segments = text.split('.', 6)
  if (!isFive(segments)) return err('segments_malformed')
  const [header, encryptedKey, iv, , tag] = segments
  if (!ENCRYPTED_KEY_CHARS[alg].includes(encryptedKey.length)) return err('segments_malformed')
  if (iv.length !== IV_CHARS[enc] || tag.length !== TAG_CHARS) return err('segments_malformed')
  if (!segments.every(isCanonicalBase64url)) return err('not_canonical')
  const members = readHeader(header)
  return members.ok ? ok({ members: members.value, encryptedKeyChars: encryptedKey.length }) : members
}

function readJwsHeader(text: string, maxChars: number): Result<HeaderMembers, Reason> {
  if (text.length > maxChars) return err('length_out_of_range')
  const segments = text.split('.', 4)
  if (!isThree(segments)) return err('segments_malformed')
  if (!segments.every(isCanonicalBase64url)) return err('not_canonical')
  return readHeader(segments[0])
}

function readHeader(segment: string): Result<HeaderMembers, Reason> {
  if (segment.length > MAX_HEADER_CHARS) return err('segments_malformed')
  const json = readStrictJson(Buffer.from(segment, 'base64url'))
  if (!json.ok) return err('header_malformed')
  const members = headerMembers.safeParse(json.value)
  return members.success ? ok(members.data) : err('header_malformed')
}

/** The varying members, or null when anything is missing, wrong or too much. */
function exactMembers(others: HeaderMembers, format: JweFormat): Readonly<Record<string, string>> | null {
  const { success, data } = varyingMembers.safeParse(
    Object.fromEntries(format.varying.map((name) => [name, others[name]])),
  )
  return success && isSame(others, { ...format.header, ...data }) ? data : null
}

/** Same own members with the same values. */
function isSame(
  found: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, unknown>>,
): boolean {
  const names = Object.keys(wanted)
  return (
    Object.keys(found).length === names.length &&
    names.every((name) => Object.hasOwn(found, name) && found[name] === wanted[name])
  )
}

const isFive = (segments: string[]): segments is [string, string, string, string, string] =>
  segments.length === 5

const isThree = (segments: string[]): segments is [string, string, string] => segments.length === 3

const isKid = (value: unknown): value is string => typeof value === 'string' && KID.test(value)

function demandPurpose(purpose: Purpose, key: Key): void {
  if (key.purpose !== purpose) throw new Error(`a ${key.purpose} key was used for ${purpose}`)
}

function modulusChars(key: Key): number {
  const { algorithm } = key.material as webcrypto.CryptoKey // RSA keys are always loaded as CryptoKey
  return base64urlChars((algorithm as webcrypto.RsaHashedKeyAlgorithm).modulusLength / 8)
}

const KID = /^[a-z]{2}-[A-Za-z0-9_-]{8}$/
const headerMembers = z.record(z.string(), z.unknown())
const foreignHeader = z.looseObject({
  alg: z.string(),
  kid: z.string().min(1).max(200).optional(),
  typ: z.string().optional(),
})
const varyingMembers = z.record(z.string(), z.string().length(22).refine(isCanonicalBase64url))
const MAX_HEADER_CHARS = 400
const MAX_DIRECT_CHARS = 65_536
/** RSA of 2048, 3072 and 4096 bits. */
const ENCRYPTED_KEY_CHARS: Readonly<Record<JweFormat['header']['alg'], readonly number[]>> = {
  'RSA-OAEP-256': [342, 512, 683],
  dir: [0],
}
/** 12 bytes for GCM (RFC 7518 §5.3), 16 for CBC (§5.2). */
const IV_CHARS: Readonly<Record<JweFormat['header']['enc'], number>> = { A256GCM: 16, 'A128CBC-HS256': 22 }
const TAG_CHARS = 22
const DIRECT = { alg: 'dir', enc: 'A256GCM' } as const
/** RFC 7515 §4.1, RFC 7516 §4.1, RFC 7518 §4, RFC 7797: all that could change how or with what a token is checked. */
const FORBIDDEN_MEMBERS = new Set(
  'jku jwk x5u x5c x5t x5t#S256 crit b64 cty zip enc epk apu apv p2s p2c iv tag'.split(' '),
)
