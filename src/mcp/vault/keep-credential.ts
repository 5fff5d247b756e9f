import type { Wrapped } from '../../crypto/credential.ts'
import type { EnvironmentClass } from '../../crypto/internal-api.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { openWrapped, wrapCredential } from '../../crypto/wrapped.ts'
import { randomId } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { Secret } from '../../kernel/secret.ts'
import type { CredentialMethod } from '../../maximo/credentials/credential.ts'
import type { SavedCredential } from '../records/credentials.ts'
import type { Records } from '../records/records.ts'
import type { ShownEnvironment, VaultOutcome } from './session.ts'

export interface KeepDeps {
  readonly records: Records
  readonly keys: () => McpKeys
}

/** A tested credential, as the form gave it. */
export interface NewCredential {
  readonly baseUrl: string
  readonly method: CredentialMethod
  readonly credential: Secret<string>
  /** Thumbprint of the operator's client certificate that is shown besides. */
  readonly certificate?: string | undefined
}

/** What is told of a credential when a person saves it. */
export interface Told {
  /** Absent: as it was. */
  readonly cls?: EnvironmentClass
  readonly admin: boolean
}

export type KeepRefusal = 'too_long' | 'blob_unreadable' | 'environment_removed' | 'nothing_to_settle'
type Saved = Extract<VaultOutcome, { state: 'saved' }>

/** A credential of an owner's environment: the newest that is known, with what it says about itself. */
export interface Current {
  readonly ver: number
  readonly blob: string
  readonly content: Wrapped
  readonly saved: SavedCredential | null
}

interface Owned {
  readonly sub: string
  readonly env: string
}

/**
 * The newest credential of an environment: the journaled one, unless the portal's is newer. It must open for this owner
 * and this environment, so nobody gets at another's by naming it.
 */
export async function findCurrent(
  owned: Owned,
  portalBlob: string | null,
  { records, keys }: KeepDeps,
): Promise<Result<Current, KeepRefusal>> {
  if (records.ledger.isRemoved(owned.env)) return err('environment_removed')
  const saved = records.ledger.newestCredential(owned)
  const candidates = [saved?.blob, portalBlob].filter((blob) => typeof blob === 'string')
  const opened = await Promise.all(
    candidates.map(async (blob) => ({ blob, result: await openWrapped(blob, owned, keys()) })),
  )
  const readable = opened
    .flatMap(({ blob, result }) =>
      result.ok ? [{ blob, content: result.value, ver: result.value.ver, saved }] : [],
    )
    .sort((left, right) => right.ver - left.ver)
  return readable[0] === undefined ? err('blob_unreadable') : ok(readable[0])
}

/** Wraps the credential of a new environment, whose id is made here, and journals it. */
export async function addCredential(
  asked: {
    readonly sub: string
    readonly label: string
    readonly credential: NewCredential
    readonly told: Told
  },
  deps: KeepDeps,
): Promise<Result<Saved, KeepRefusal>> {
  const owned = { sub: asked.sub, env: randomId() }
  const { label, credential, told } = asked
  return save({ owned, ver: 1, label, credential, previous: null, about: told }, deps)
}

/** Wraps a replacement and journals it beside the one it replaces, which can be brought back for 7 days. */
export async function replaceCredential(
  asked: {
    readonly owned: Owned
    readonly label: string
    readonly credential: NewCredential
    readonly current: Current
    readonly told: Told
  },
  deps: KeepDeps,
): Promise<Result<Saved, KeepRefusal>> {
  const { owned, label, credential, current, told } = asked
  const previous = { ver: current.ver, blob: current.blob }
  return save({ owned, ver: current.ver + 1, label, credential, previous, about: told }, deps)
}

interface Saving {
  readonly owned: Owned
  readonly ver: number
  readonly label: string
  readonly credential: NewCredential
  readonly previous: { readonly ver: number; readonly blob: string } | null
  readonly about: Told | { readonly since: number }
}

async function save(
  { owned, ver, label, credential, previous, about }: Saving,
  { records, keys }: KeepDeps,
): Promise<Result<Saved, KeepRefusal>> {
  const { baseUrl: u, method: a, credential: k, certificate: x } = credential
  const wrapped = await wrapCredential(
    { v: 1, ...owned, ver, c: { u, a, k, ...(x === undefined ? {} : { x }) } },
    keys(),
  )
  if (!wrapped.ok) return err('too_long')
  const { origin, host } = new URL(u)
  await records.record('credential.saved', {
    ...{ ...owned, ver, blob: wrapped.value, origin, label, previous },
    ...about,
  })
  return ok({ state: 'saved', env: owned.env, ver, label, host, blob: wrapped.value })
}

/**
 * Keeps the credential that the identity provider put in the place of the current one (a new refresh token): the next
 * version, at once and without a test, because the former may be dead already. What waits to be confirmed still does.
 */
export async function keepReplaced(owned: Owned, credential: string, deps: KeepDeps): Promise<void> {
  const saved = deps.records.ledger.newestCredential(owned)
  const current = await findCurrent(owned, null, deps)
  if (saved === null || !current.ok)
    throw new Error('a refresh token was replaced for an environment that is not there')
  const { u: baseUrl, a: method, x: certificate } = current.value.content.c
  const next = { baseUrl, method, certificate, credential: new Secret(credential) }
  const { label, previous } = saved
  const ver = current.value.ver + 1
  // The client secret, or whatever obtained it, is as old as before.
  const about = { since: saved.about.sinceMs }
  const kept = await save({ owned, ver, label, credential: next, previous, about }, deps)
  if (!kept.ok) throw new Error(`a replaced refresh token could not be kept: ${kept.error}`)
}

/** Forgets the replaced credential. */
export async function confirmCredential(owned: Owned, deps: KeepDeps): Promise<Result<void, KeepRefusal>> {
  const saved = deps.records.ledger.newestCredential(owned)
  if (saved?.previous === null || saved === null) return err('nothing_to_settle')
  await deps.records.record('credential.confirmed', { ...owned, ver: saved.ver })
  return ok(undefined)
}

/** Brings the replaced credential back, as a new version: versions only grow, so nobody serves the wrong one. */
export async function revertCredential(
  owned: Owned,
  { records, keys }: KeepDeps,
): Promise<Result<Saved, KeepRefusal>> {
  const saved = records.ledger.newestCredential(owned)
  if (saved?.previous === null || saved === null) return err('nothing_to_settle')
  const previous = await openWrapped(saved.previous.blob, owned, keys())
  if (!previous.ok) return err('blob_unreadable')
  const ver = saved.ver + 1
  const wrapped = await wrapCredential({ ...previous.value, ver }, keys())
  if (!wrapped.ok) return err('too_long')
  await records.record('credential.reverted', { ...owned, ver, blob: wrapped.value })
  const { host } = new URL(previous.value.c.u)
  return ok({ state: 'saved', env: owned.env, ver, label: saved.label, host, blob: wrapped.value })
}

/** Ends an environment for good, and with it every grant that reaches it. */
export async function removeEnvironment(
  sub: string,
  environment: ShownEnvironment,
  { records }: KeepDeps,
): Promise<VaultOutcome> {
  const markMs = records.ledger.nextMark()
  await records.record('environment.removed', { sub, env: environment.id, markMs })
  return { state: 'removed', env: environment.id }
}
