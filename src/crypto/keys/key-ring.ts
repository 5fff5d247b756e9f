import { hkdfSync, type KeyObject } from 'node:crypto'
import { KeyFault } from './key-fault.ts'
import { readKeyFolder, type CheckedFile, type KeyFolder } from './key-folder.ts'
import { publicHalf, type Jwk } from './jwk.ts'
import type {
  AuditHeadKeys,
  AuditHeadVerifiers,
  Key,
  KeyInfo,
  KeySet,
  LocalKeys,
  Purpose,
  ServiceName,
} from './key.ts'
import { KINDS, kindOf, type Prefix } from './kinds.ts'
import { importKey } from './material.ts'

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
  readonly peer: PeerKeys
  readonly infos: readonly KeyInfo[]
}

/** Everything the MCP server may hold. Signing keys of the portal are here as public halves, pinned. */
export interface McpKeys {
  readonly tokenEncryption: KeySet<'token-encryption'>
  readonly tokenSigning: KeySet<'token-signing'>
  readonly internalSigning: KeySet<'internal-signing'>
  readonly receipt: KeySet<'receipt'>
  readonly wrapping: KeySet<'wrapping'>
  readonly preTag: PreTagKeys
  readonly local: LocalKeys
  readonly auditHead: AuditHeadKeys
  /** Public halves of the operator's keys; none before `keys` made one. */
  readonly operator: OperatorKeys
  readonly peer: PeerKeys
  readonly infos: readonly KeyInfo[]
}

export interface OperatorKeys {
  find(kid: string): Key<'ops'> | undefined
}

/** What servers of one service sign with among themselves; none before `keys` made one. */
export interface PeerKeys {
  readonly active: Key<'peer'> | undefined
  find(kid: string): Key<'peer'> | undefined
}

/** A pre-tag key is bound to one token encryption key and found by that one's kid. */
export interface PreTagKeys {
  findFor(encryptionKid: string): Key<'pre-tag'> | undefined
}

/**
 * Reads and checks the portal's key folder (`DATA_DIR/portal/keys`). Call it again on SIGHUP.
 * @throws KeyFault
 */
export async function loadPortalKeys(folder: string): Promise<PortalKeys> {
  const keys = await readKeyFolder(folder, 'portal')
  demandOneActive(keys, ['mt', 'ps', 'pi', 'pc', 'pl', 'pa', 'ma'])
  return {
    tokenEncryption: await keySet(keys, 'mt', 'token-encryption'),
    tokenSigning: await keySet(keys, 'ps', 'token-signing'),
    internalSigning: await keySet(keys, 'pi', 'internal-signing'),
    code: await keySet(keys, 'pc', 'code'),
    preTag: await preTagKeys(keys),
    local: await localKeys(keys, 'pl'),
    auditHead: await auditHeadKeys(keys, 'pa'),
    publicJwks: { keys: ofKind(keys, 'ps').map(toPublicJwk) },
    peer: await peerKeys(keys, 'pj'),
    infos: keys.files.map(toInfo),
  }
}

/**
 * Reads and checks the MCP server's key folder (`DATA_DIR/mcp/keys`). Call it again on SIGHUP.
 * @throws KeyFault
 */
export async function loadMcpKeys(folder: string): Promise<McpKeys> {
  const keys = await readKeyFolder(folder, 'mcp')
  demandOneActive(keys, ['mt', 'ps', 'pi', 'mg', 'mw', 'ml', 'ma', 'pa'])
  return {
    tokenEncryption: await keySet(keys, 'mt', 'token-encryption'),
    tokenSigning: await keySet(keys, 'ps', 'token-signing'),
    internalSigning: await keySet(keys, 'pi', 'internal-signing'),
    receipt: await keySet(keys, 'mg', 'receipt'),
    wrapping: await keySet(keys, 'mw', 'wrapping'),
    preTag: await preTagKeys(keys),
    local: await localKeys(keys, 'ml'),
    auditHead: await auditHeadKeys(keys, 'ma'),
    operator: byKid(await loadKind(keys, 'op', 'ops')),
    peer: await peerKeys(keys, 'mj'),
    infos: keys.files.map(toInfo),
  }
}

/**
 * Reads the key that the operator signs with (`DATA_DIR/ops/keys`).
 * @throws KeyFault
 */
export async function loadOperatorKey(folder: string): Promise<Key<'ops'>> {
  const keys = await readKeyFolder(folder, 'ops')
  demandOneActive(keys, ['op'])
  return theActive(await loadKind(keys, 'op', 'ops'))
}

/**
 * Reads the audit-head keys of both services from one service's key folder: enough to verify a log.
 * @throws KeyFault
 */
export async function loadAuditHeadVerifiers(
  folder: string,
  owner: ServiceName,
): Promise<AuditHeadVerifiers> {
  return auditHeadVerifiers(await readKeyFolder(folder, owner))
}

/** Which service signed an audit head, by its kid. */
export const ownerOf = (kid: string): ServiceName => (kindOf(kid)?.owner === 'portal' ? 'portal' : 'mcp')

function demandOneActive(keys: KeyFolder, prefixes: readonly Prefix[]): void {
  const problems = prefixes.flatMap((prefix) => {
    const count = ofKind(keys, prefix).filter(({ state }) => state === 'active').length
    return count === 1 ? [] : [`${KINDS[prefix].purpose} (${prefix}): ${count} active keys instead of one`]
  })
  const bound = new Set(ofKind(keys, 'pt').map(({ boundTo }) => boundTo))
  const untagged = ofKind(keys, 'mt').filter(({ kid }) => !bound.has(kid))
  problems.push(...untagged.map(({ kid }) => `${kid}: has no pre-tag key`))
  if (problems.length > 0) throw new KeyFault(problems.map((problem) => `${keys.path}: ${problem}`))
}

async function keySet<P extends Purpose>(keys: KeyFolder, prefix: Prefix, purpose: P): Promise<KeySet<P>> {
  const loaded = await loadKind(keys, prefix, purpose)
  return { purpose, active: theActive(loaded), ...byKid(loaded) }
}

const loadKind = <P extends Purpose>(keys: KeyFolder, prefix: Prefix, purpose: P): Promise<Key<P>[]> =>
  Promise.all(ofKind(keys, prefix).map((file) => importKey({ ...file, purpose }, file.jwk)))

function byKid<P extends Purpose>(loaded: readonly Key<P>[]): { find(kid: string): Key<P> | undefined } {
  const found = new Map(loaded.map((key) => [key.kid, key]))
  return { find: (kid) => found.get(kid) }
}

async function peerKeys(keys: KeyFolder, prefix: 'mj' | 'pj'): Promise<PeerKeys> {
  const signers = await loadKind(keys, prefix, 'peer')
  const verifiers = await Promise.all(
    ofKind(keys, prefix).map((file) => importKey({ ...file, purpose: 'peer' }, publicHalf(file.jwk))),
  )
  return { active: signers.find(({ state }) => state === 'active'), ...byKid(verifiers) }
}

async function preTagKeys(keys: KeyFolder): Promise<PreTagKeys> {
  const loaded = await Promise.all(
    ofKind(keys, 'pt').map(
      async (file) => [file.boundTo, await importKey({ ...file, purpose: 'pre-tag' }, file.jwk)] as const,
    ),
  )
  const byEncryptionKid = new Map(loaded)
  return { findFor: (kid) => byEncryptionKid.get(kid) }
}

async function localKeys(keys: KeyFolder, prefix: Prefix): Promise<LocalKeys> {
  const loaded = await Promise.all(
    ofKind(keys, prefix).map(async (file) => {
      const { material } = await importKey({ ...file, purpose: 'local' }, file.jwk)
      const secret = material as KeyObject // local secrets are always loaded as KeyObject
      return { kid: file.kid, state: file.state, derive: derivation(secret) }
    }),
  )
  const active = theActive(loaded)
  return { active, all: [active, ...loaded.filter((key) => key !== active)] }
}

/** Each sub-key is derived once: the labels are few, and written in the code. */
function derivation(secret: KeyObject): (label: string) => Uint8Array {
  const derived = new Map<string, Uint8Array>()
  return (label) => {
    const known = derived.get(label) ?? new Uint8Array(hkdfSync('sha256', secret, '', label, 32))
    derived.set(label, known)
    return known
  }
}

async function auditHeadKeys(keys: KeyFolder, prefix: 'pa' | 'ma'): Promise<AuditHeadKeys> {
  const own = await keySet(keys, prefix, 'audit-head')
  return { signer: own.active, verifiers: await auditHeadVerifiers(keys) }
}

async function auditHeadVerifiers(keys: KeyFolder): Promise<AuditHeadVerifiers> {
  const files = [...ofKind(keys, 'pa'), ...ofKind(keys, 'ma')]
  const loaded = await Promise.all(
    files.map((file) => importKey({ ...file, purpose: 'audit-head' }, publicHalf(file.jwk))),
  )
  return byKid(loaded)
}

const ofKind = (keys: KeyFolder, prefix: Prefix): readonly CheckedFile[] =>
  keys.files.filter((file) => file.prefix === prefix)

function theActive<K extends { readonly state: string }>(loaded: readonly K[]): K {
  const active = loaded.find(({ state }) => state === 'active')
  if (active === undefined) throw new Error('no active key: demandOneActive comes first')
  return active
}

const toPublicJwk = (file: {
  readonly kid: string
  readonly jwk: Jwk
}): Readonly<Record<string, string>> => ({
  ...publicHalf(file.jwk),
  kid: file.kid,
  alg: 'Ed25519',
  use: 'sig',
})

const toInfo = ({ kid, prefix, state, thumbprint }: CheckedFile): KeyInfo => ({
  kid,
  purpose: KINDS[prefix].purpose,
  state,
  thumbprint,
})
