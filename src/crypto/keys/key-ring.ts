import type { AuditHeadKeys, AuditHeadVerifiers, Key, KeyInfo, KeySet, LocalKeys } from './key.ts'

/** Everything the portal may hold: it seals, signs and mints codes; it opens no token and no credential. */
export interface PortalKeys {
  readonly tokenEncryption: KeySet<'token-encryption'>
  readonly tokenSigning: KeySet<'token-signing'>
  readonly internalSigning: KeySet<'internal-signing'>
  readonly code: KeySet<'code'>
  readonly preTag: PreTagKeys
  readonly local: LocalKeys
  readonly auditHead: AuditHeadKeys
  /** For `GET /oauth/jwks`: public halves of the token signing keys. */
  readonly publicJwks: { readonly keys: readonly Readonly<Record<string, string>>[] }
  readonly infos: readonly KeyInfo[]
}

/** Everything the MCP server may hold. Signing keys of the portal are here as public halves, pinned. */
export interface McpKeys {
  readonly tokenEncryption: KeySet<'token-encryption'>
  readonly tokenSigning: VerifyingKeys<'token-signing'>
  readonly internalSigning: VerifyingKeys<'internal-signing'>
  readonly receipt: KeySet<'receipt'>
  readonly wrapping: KeySet<'wrapping'>
  readonly preTag: PreTagKeys
  readonly local: LocalKeys
  readonly auditHead: AuditHeadKeys
  readonly infos: readonly KeyInfo[]
}

export interface VerifyingKeys<P extends 'token-signing' | 'internal-signing'> {
  find(kid: string): Key<P> | undefined
}

/** A pre-tag key is bound to one token encryption key and found by that one's kid. */
export interface PreTagKeys {
  findFor(encryptionKid: string): Key<'pre-tag'> | undefined
}

/** The key folder cannot be used. Lists every problem by file name, never a value. The process must not start. */
export class KeyFault extends Error {
  override readonly name = 'KeyFault'
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`keys: ${problems.join('; ')}`)
    this.problems = problems
  }
}

/**
 * Reads and checks the portal's key folder (`DATA_DIR/portal/keys`). Call it again on SIGHUP.
 * @throws KeyFault
 */
export function loadPortalKeys(folder: string): Promise<PortalKeys> {
  return Promise.reject(new KeyFault([`${folder}: not implemented`]))
}

/**
 * Reads and checks the MCP server's key folder (`DATA_DIR/mcp/keys`). Call it again on SIGHUP.
 * @throws KeyFault
 */
export function loadMcpKeys(folder: string): Promise<McpKeys> {
  return Promise.reject(new KeyFault([`${folder}: not implemented`]))
}

/**
 * Reads the audit-head keys alone, of both services, from either service's key folder: enough to verify a log.
 * @throws KeyFault
 */
export function loadAuditHeadVerifiers(folder: string): Promise<AuditHeadVerifiers> {
  return Promise.reject(new KeyFault([`${folder}: not implemented`]))
}
