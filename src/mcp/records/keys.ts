import { sha256Base64url } from '../../crypto/digest.ts'

/** Names of the projected keys, without the store's prefix. Written by the projection alone, read by the one store call. */
export const recordKeys = {
  revokedToken: (tokenId: string): string => `rev:t:${tokenId}`,
  revokedGrant: (grantId: string): string => `rev:g:${grantId}`,
  userMark: (subject: string): string => `wm:u:${subject}`,
  /** A client id may be a long URL. */
  clientMark: (clientId: string): string => `wm:c:${sha256Base64url(clientId)}`,
  environmentMark: (environment: string): string => `wm:e:${environment}`,
  keyMark: (kid: string): string => `wm:k:${kid}`,
  /** Over every receipt. */
  timeMark: 'wm:t',
  /** Times of attestation that are refused: a list of ranges. */
  windows: 'wm:w',
  /** Present: this automation token may be used. */
  allowed: (tokenId: string): string => `ci:${tokenId}`,
  lastUse: (grantId: string): string => `use:${grantId}`,
  plan: (subject: string): string => `plan:${subject}`,
  /** `<version>.<blob>` of the newest credential. */
  credential: (owner: { readonly sub: string; readonly env: string }): string =>
    `cred:${owner.sub}:${owner.env}`,
} as const
