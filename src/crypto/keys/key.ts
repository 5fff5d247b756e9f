import type { KeyObject, webcrypto } from 'node:crypto'

/** What a key is for. A kid serves one purpose (design §4.10); its two-letter prefix says which. */
export type Purpose =
  | 'token-encryption'
  | 'token-signing'
  | 'internal-signing'
  | 'receipt'
  | 'wrapping'
  | 'code'
  | 'pre-tag'
  | 'local'
  | 'audit-head'
  | 'ops'
  | 'peer'

/**
 * `active` makes and opens. `accept` opens what was made before a rotation. `next` opens what another server makes
 * already. `ci-only` opens nothing but automation tokens, which pin their keys for good.
 */
export type KeyState = 'active' | 'accept' | 'next' | 'ci-only'

/** One of the two services, each a trust domain of its own. */
export type ServiceName = 'portal' | 'mcp'

/** Who has a key folder: the services, and the operator, whose folder no service reads. */
export type Owner = ServiceName | 'ops'

/** A key that can do one thing. Its material prints as nothing, and the MCP server's RSA key cannot be exported. */
export interface Key<P extends Purpose = Purpose> {
  readonly purpose: P
  readonly kid: string
  readonly state: KeyState
  readonly material: webcrypto.CryptoKey | KeyObject
}

/** All keys of one purpose. */
export interface KeySet<P extends Purpose = Purpose> {
  readonly purpose: P
  /** The one that new artefacts are made with. */
  readonly active: Key<P>
  find(kid: string): Key<P> | undefined
}

/** For logs and `keys status`: nothing of the material. */
export interface KeyInfo {
  readonly kid: string
  readonly purpose: Purpose
  readonly state: KeyState
  /** RFC 7638 thumbprint, base64url. */
  readonly thumbprint: string
}

/** A secret of one service from which it derives sub-keys by label: hashes, cookies, form tokens, cursors. */
export interface LocalKey {
  readonly kid: string
  /** 32 bytes, HKDF-SHA-256; the same label gives the same bytes. */
  derive(label: string): Uint8Array
}

export interface LocalKeys {
  readonly active: LocalKey
  /** Every key that may have been used, the active one first. */
  readonly all: readonly LocalKey[]
}

/** Signs this service's audit heads and verifies those of both. */
export interface AuditHeadKeys {
  readonly signer: Key<'audit-head'>
  readonly verifiers: AuditHeadVerifiers
}

export interface AuditHeadVerifiers {
  find(kid: string): Key<'audit-head'> | undefined
}
