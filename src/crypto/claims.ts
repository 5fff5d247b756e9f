import { z } from 'zod'
import { addressRanges, objectsFixed, rateProfile, riskCode } from './restrictions.ts'

/**
 * Claims of the inner JWS of an access token: the whole contract between the domain that issues and the domain that
 * checks. Strict: a member that is not listed is a refusal. Times are NumericDate (RFC 7519 §2).
 */
export const accessClaims = z.strictObject({
  iss: z.url(),
  /** One string, never an array: the canonical resource (RFC 8707). */
  aud: z.url(),
  /** Equal to the `rid` of the outer header. */
  jti: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  iat: z.int().positive(),
  /** Absent only for `knd: "ci"` without expiry. */
  exp: z.int().positive().optional(),
  /** Grant id; every token of one consent shares it. */
  gid: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  scope: z.string().max(400),
  knd: z.enum(['at', 'ci']),
  /** The grant receipt (`src/crypto/receipt.ts`), opaque to the portal. */
  gr: z.string().max(2500),
})
export type AccessClaims = z.infer<typeof accessClaims>

const keyId = z.string().regex(/^[a-z]{2}-[A-Za-z0-9_-]{8}$/)

/**
 * What the MCP server fixes at consent and alone can read back. Short codes keep the token small.
 * `at` is milliseconds of the MCP server's clock; it, and nothing the portal writes, is compared with watermarks.
 */
export const receiptClaims = z.strictObject({
  v: z.literal(1),
  /** Clerk user id and session id of the attested session. */
  sub: z.string().max(100),
  sid: z.string().max(100),
  /** Environment id, random, made by the MCP server. */
  env: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  /** Version of the wrapped credential; a newer journaled one serves instead. */
  ver: z.int().positive(),
  cid: z.string().max(512),
  /** Scope ceiling, space separated. */
  scp: z.string().max(400),
  knd: z.enum(['at', 'ci']),
  gid: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  /** Rate profile of design §6. */
  prf: rateProfile,
  /** Plan and features as attested by Clerk, used until a newer plan record exists. */
  pla: z.string().max(100),
  fea: z.string().max(300),
  at: z.int().positive(),
  /** Latest `exp` (seconds) a token may carry; absent for a `ci` receipt without expiry. */
  max: z.int().positive().optional(),
  /** Only for `ci`: the one token id this receipt serves. */
  jti: z
    .string()
    .regex(/^[A-Za-z0-9_-]{22}$/)
    .optional(),
  /** Only for `ci`: kids of the encryption and the signing key of that token (design §4.6). */
  kids: z.tuple([keyId, keyId]).optional(),
  /** Objects that may be touched; absent: whatever the scopes and Maximo allow. */
  obj: objectsFixed.optional(),
  /** Highest risk of a change without a person; absent: low. */
  rsk: riskCode.optional(),
  /** Networks that the token may be used from; absent: any. */
  net: addressRanges.optional(),
  c: z.strictObject({
    /** Base URL of Maximo, e.g. `https://host/maximo`. */
    u: z.url(),
    a: z.enum(['apikey', 'maxauth', 'basic', 'oauth', 'oidc', 'certificate']),
    /** The credential, as its method has it: an API key, `user:password`, what obtains a bearer. */
    k: z.string().min(1).max(900),
    /** Thumbprint of the operator's client certificate that is shown besides (`x5t#S256`, RFC 8705). */
    x: z
      .string()
      .regex(/^[A-Za-z0-9_-]{43}$/)
      .optional(),
  }),
})
export type ReceiptClaims = z.infer<typeof receiptClaims>

/** Content of a wrapped credential: what the portal stores in Clerk private metadata and cannot read. */
export const wrappedCredential = z.strictObject({
  v: z.literal(1),
  sub: z.string().max(100),
  env: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  ver: z.int().positive(),
  c: receiptClaims.shape.c,
})
export type WrappedCredential = z.infer<typeof wrappedCredential>
