import type { Clock } from '../kernel/clock.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { accessClaims, type AccessClaims } from './claims.ts'
import type { Receipt } from './credential.ts'
import { safeEqual, sha256Base64url } from './digest.ts'
import { ACCESS_TOKEN, CI_PREFIX_CHARS, INNER_TOKEN } from './formats.ts'
import { decrypt, readJweShape, verify, type JweShape } from './jose.ts'
import type { Key } from './keys/key.ts'
import type { McpKeys } from './keys/key-ring.ts'
import { preTag } from './pre-tag.ts'
import type { Reason } from './reason.ts'
import { openReceipt } from './receipt.ts'
import { readPayload } from './strict-json.ts'
import { checkAgainstReceipt, checkClaims } from './token-checks.ts'

/** A bearer string that could be one of our tokens. Nothing is proven yet. */
export interface TokenShape {
  readonly jwe: JweShape<'token-encryption'>
  /** `prefixed`: it came as `mxci_…`. */
  readonly form: 'bare' | 'prefixed'
  /** Token id, in the clear. */
  readonly rid: string
}

/** A token whose pre-tag was made with the key that portal and MCP server share. Saves work; grants nothing. */
export class TaggedToken {
  readonly #shape: TokenShape

  private constructor(shape: TokenShape) {
    this.#shape = shape
  }

  /** Called by {@link checkPreTag} alone. */
  static assertion(shape: TokenShape): TaggedToken {
    return new TaggedToken(shape)
  }

  get shape(): TokenShape {
    return this.#shape
  }

  /** Token id, proven by the tag: for limits, revocation and logs before any RSA. */
  get rid(): string {
    return this.#shape.rid
  }
}

/** A token of ours, whole: signed by the portal, sealed for us, within the receipt that we made ourselves. */
export interface OpenedToken {
  readonly claims: Omit<AccessClaims, 'gr'>
  readonly receipt: Receipt
  readonly encryptionKid: string
  readonly signingKid: string
  readonly receiptKid: string
}

export interface OpenOptions {
  /** `PUBLIC_PORTAL_URL`. */
  readonly issuer: string
  /** `PUBLIC_MCP_URL/mcp`. */
  readonly audience: string
  readonly clock: Clock
}

/** Microseconds of work, no keys: length, segments, canonical base64url, exact header. Strips and checks `mxci_`. */
export function readTokenShape(bearer: string): Result<TokenShape, Reason> {
  const bare = stripPrefix(bearer)
  if (!bare.ok) return bare
  const jwe = readJweShape(ACCESS_TOKEN, bare.value)
  if (!jwe.ok) return jwe
  const form = bare.value === bearer ? 'bare' : 'prefixed'
  return ok({ jwe: jwe.value, form, rid: jwe.value.varying['rid'] ?? '' })
}

/** One HMAC: does the tag belong to this kid and rid? No RSA is spent on what fails here. */
export function checkPreTag(shape: TokenShape, keys: Pick<McpKeys, 'preTag'>): Result<TaggedToken, Reason> {
  const { kid, varying } = shape.jwe
  const key = keys.preTag.findFor(kid)
  if (key === undefined) return err('kid_unknown')
  return safeEqual(preTag(key, kid, shape.rid), varying['rt'] ?? '')
    ? ok(TaggedToken.assertion(shape))
    : err('pre_tag_wrong')
}

/**
 * Decrypts, verifies the portal's signature and the claims, opens the receipt and checks that the token only narrows it.
 * Revocation, allow-list and limits are not checked here. On a cache hit compare `claims.exp` again.
 *
 * @returns the token, or why it was refused: for the log alone, on the wire every refusal is the same `invalid_token`.
 * @throws only on a bug or a broken key; a hostile token never throws.
 */
export async function openToken(
  tagged: TaggedToken,
  keys: McpKeys,
  options: OpenOptions,
): Promise<Result<OpenedToken, Reason>> {
  const signed = await openSigned(tagged.shape, keys)
  if (!signed.ok) return signed
  const { claims, encryption, signing } = signed.value
  const narrow = checkClaims(claims, { ...options, rid: tagged.rid })
  if (narrow !== null) return err(narrow)
  if ((claims.knd === 'ci') !== (tagged.shape.form === 'prefixed')) return err('form_mismatch')
  const isCiKey = encryption.state === 'ci-only' || signing.state === 'ci-only'
  if (isCiKey && claims.knd !== 'ci') return err('key_ci_only')

  const { gr, ...rest } = claims
  const opened = await openReceipt(gr, keys)
  if (!opened.ok) return err('receipt_refused')
  const { receipt, kid } = opened.value
  const kids = [encryption.kid, signing.kid] as const
  const widened = checkAgainstReceipt(rest, receipt, kids)
  if (widened !== null) return err(widened)
  return ok({ claims: rest, receipt, encryptionKid: kids[0], signingKid: kids[1], receiptKid: kid })
}

/** The nested JWT out of its envelope, its signature verified and its claims well-formed. */
async function openSigned(
  { jwe }: TokenShape,
  keys: McpKeys,
): Promise<Result<{ claims: AccessClaims; encryption: Key; signing: Key }, Reason>> {
  const encryption = keys.tokenEncryption.find(jwe.kid)
  if (encryption === undefined) return err('kid_unknown')
  const inner = await decrypt(jwe, encryption)
  if (!inner.ok) return inner
  // Byte for character: what is not ASCII stays so and fails the canonical check of `verify`.
  const verified = await verify(INNER_TOKEN, Buffer.from(inner.value).toString('latin1'), keys.tokenSigning)
  if (!verified.ok) return verified
  const claims = readPayload(verified.value.payload, accessClaims)
  if (!claims.ok) return claims
  return ok({ claims: claims.value, encryption, signing: verified.value.key })
}

function stripPrefix(bearer: string): Result<string, Reason> {
  if (!bearer.startsWith('mxci_')) return ok(bearer)
  if (bearer.length > CI_PREFIX_CHARS + ACCESS_TOKEN.maxChars) return err('length_out_of_range')
  const jwe = bearer.slice(CI_PREFIX_CHARS)
  const head = `mxci_${sha256Base64url(jwe).slice(0, 6)}_`
  return bearer.startsWith(head) ? ok(jwe) : err('prefix_check_wrong')
}
