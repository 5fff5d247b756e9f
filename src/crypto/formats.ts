import type { Purpose } from './keys/key.ts'

/** What an encrypted artefact looks like: the header members are these, `kid` and `varying`, and no others. */
export interface JweFormat<P extends Purpose = Purpose> {
  readonly purpose: P
  readonly header: {
    readonly alg: 'RSA-OAEP-256' | 'dir'
    readonly enc: 'A256GCM' | 'A128CBC-HS256'
    readonly typ: string
    readonly cty?: 'JWT'
  }
  /** Members whose value differs from one artefact to the next: 16 bytes each, 22 characters. */
  readonly varying: readonly string[]
  readonly minChars: number
  readonly maxChars: number
}

/** What a signed artefact looks like: the header is `alg`, `kid` and `typ`, nothing else. */
export interface JwsFormat<P extends Purpose = Purpose> {
  readonly purpose: P
  readonly header: { readonly alg: 'Ed25519'; readonly typ: string }
  readonly maxChars: number
}

/** The longest bearer string we make or read (design §4.7). */
const MAX_TOKEN_CHARS = 4000

/** `mxci_` + 6 + `_` in front of the JWE of an automation token. */
export const CI_PREFIX_CHARS = 12

export const ACCESS_TOKEN = {
  purpose: 'token-encryption',
  header: { alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'mx-at+jwe', cty: 'JWT' },
  varying: ['rid', 'rt'],
  minChars: 800,
  maxChars: MAX_TOKEN_CHARS - CI_PREFIX_CHARS,
} as const satisfies JweFormat

/** Inside the access token. `typ` by RFC 9068 §2.1. */
export const INNER_TOKEN = {
  purpose: 'token-signing',
  header: { alg: 'Ed25519', typ: 'at+jwt' },
  maxChars: MAX_TOKEN_CHARS,
} as const satisfies JwsFormat

export const RECEIPT = {
  purpose: 'receipt',
  header: { alg: 'dir', enc: 'A256GCM', typ: 'mx-grant+jwe' },
  varying: [],
  minChars: 200,
  /** So that the token around it keeps within its own limit with room for addresses and scopes. */
  maxChars: 1400,
} as const satisfies JweFormat

export const ROOT_RECEIPT = {
  purpose: 'receipt',
  header: { alg: 'dir', enc: 'A256GCM', typ: 'mx-root+jwe' },
  varying: [],
  minChars: 200,
  maxChars: 4096,
} as const satisfies JweFormat

export const WRAPPED = {
  purpose: 'wrapping',
  header: { alg: 'dir', enc: 'A128CBC-HS256', typ: 'mx-cred+jwe' },
  varying: [],
  minChars: 200,
  maxChars: 2048,
} as const satisfies JweFormat

export const CODE = {
  purpose: 'code',
  header: { alg: 'dir', enc: 'A256GCM', typ: 'mx-code+jwe' },
  varying: [],
  minChars: 200,
  maxChars: 4096,
} as const satisfies JweFormat

export const AUDIT_HEAD = {
  purpose: 'audit-head',
  header: { alg: 'Ed25519', typ: 'mx-head+jwt' },
  maxChars: 2048,
} as const satisfies JwsFormat

/** Who may sign a call: a service by its own key, the operator, or another server of the same service. */
export type CallPurpose = 'internal-signing' | 'ops' | 'peer'

/** `/internal/vault/open` → `mx-internal-vault-open+jwt`. */
export const internalCall = <P extends CallPurpose>(path: string, purpose: P): JwsFormat<P> => ({
  purpose,
  header: { alg: 'Ed25519', typ: `mx-${path.slice(1).replaceAll('/', '-')}+jwt` },
  // Peers send each other parts of their journals.
  maxChars: purpose === 'peer' ? MAX_PEER_CALL_CHARS : 32_768,
})

export const MAX_PEER_CALL_CHARS = 512 * 1024
