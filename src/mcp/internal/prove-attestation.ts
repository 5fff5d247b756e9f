import type { z } from 'zod'
import type { ClerkSession } from '../../crypto/clerk-token.ts'
import type { Wrapped } from '../../crypto/credential.ts'
import type { grantAttest } from '../../crypto/internal-api.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { openWrapped } from '../../crypto/wrapped.ts'
import type { Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Presets } from '../admission/presets.ts'
import type { Records } from '../records/records.ts'
import { refused, unavailable, type CallRefusal } from './call-refusal.ts'
import { recordPlan } from './record-plan.ts'
import { storeClockAgrees } from './store-clock.ts'
import { proveLiveSession, type LiveDeps } from './use-once.ts'

/** What every ask for an attestation says, whatever it is to make. */
type AttestAsk = Pick<
  z.output<typeof grantAttest.ask>,
  'clerkToken' | 'transaction' | 'gid' | 'env' | 'blob' | 'cid'
>

export interface AttestDeps extends LiveDeps {
  readonly records: Records
  readonly keys: () => McpKeys
  readonly clock: Clock
  readonly presets: Presets
}

/** What one kind of attestation asks beside what all of them do. */
interface Checks<Ask, Owned, Deps> {
  /** What can be refused without knowing who asks. */
  readonly checkShape: (ask: Ask, deps: Deps) => Result<void, CallRefusal>
  /** What is refused to this person. */
  readonly checkOwner: (ask: Ask, session: ClerkSession, deps: Deps) => Result<Owned, CallRefusal>
}

/** What a receipt may be made of. */
export interface Attestation<Ask, Owned> {
  readonly ask: Ask
  readonly session: ClerkSession
  readonly credential: Wrapped
  /** Up to when such grants were ended when the session was proven. */
  readonly floorMs: number
  /** What the check of the owner found. */
  readonly owned: Owned
}

/**
 * What must hold before any receipt is made (design §4.2, §4.9): a live session that this server verified itself, a grant
 * id that nobody has, a credential that its owner's vault wrapped. The order is part of it: nothing is used up for an ask
 * whose shape is wrong, and what was ended while we wait is measured from before the first wait.
 *
 * @throws StoreUnavailable
 */
export async function proveAttestation<Ask extends AttestAsk, Owned, Deps extends AttestDeps>(
  ask: Ask,
  { checkShape, checkOwner }: Checks<Ask, Owned, Deps>,
  deps: Deps,
): Promise<Result<Attestation<Ask, Owned>, CallRefusal>> {
  const { records, clock } = deps
  if (!records.isPrimed()) return err(unavailable('store_unprimed'))
  if (!(await storeClockAgrees(deps.store, clock))) return err(unavailable('clock'))
  const shape = checkShape(ask, deps)
  if (!shape.ok) return shape
  const session = await proveLiveSession('grant', ask, deps)
  if (!session.ok) return session
  const owned = checkOwner(ask, session.value, deps)
  if (!owned.ok) return owned
  const { sub } = session.value
  const floorMs = records.ledger.floorOver({ sub, cid: ask.cid, env: ask.env })
  if (!(await takeGrantId(ask.gid, deps))) return err(refused('grant_exists'))
  const credential = await newestCredential(ask, sub, deps)
  if (!credential.ok) return credential
  await recordPlan(session.value, records)
  return ok({ ask, session: session.value, credential: credential.value, floorMs, owned: owned.value })
}

/** A grant id that came twice at once, or again, would hide one of the grants from its owner's list. */
async function takeGrantId(gid: string, { store, records }: AttestDeps): Promise<boolean> {
  const isFirst = await store.putOnce(`gid:${gid}`, '1', GRANT_ID_MEMORY_MS)
  return isFirst && records.ledger.findGrant(gid) === null
}

/** The owner's credential for this environment: the one the portal keeps, or the newer one of our own journal. */
async function newestCredential(
  { env, blob }: Pick<AttestAsk, 'env' | 'blob'>,
  sub: string,
  { records, keys }: AttestDeps,
): Promise<Result<Wrapped, CallRefusal>> {
  const kept = await openWrapped(blob, { sub, env }, keys())
  if (!kept.ok) return err(refused('credential_refused'))
  const owner = records.ledger.ownerOf(env)
  if (owner !== null && owner !== sub) return err(refused('credential_refused'))
  if (records.ledger.isRemoved(env)) return err(refused('environment_removed'))
  const saved = records.ledger.newestCredential({ sub, env })
  if (saved === null || saved.ver <= kept.value.ver) return ok(kept.value)
  const newest = await openWrapped(saved.blob, { sub, env }, keys())
  return newest.ok ? newest : err(refused('credential_refused'))
}

/**
 * What was ended while we waited for disk and keys. Asked in the same step that takes the attestation time, which would
 * otherwise be moved past the very watermark that meant this grant.
 */
export function checkStillStanding(
  { ask: { cid, env }, session: { sub }, floorMs }: Attestation<AttestAsk, unknown>,
  { ledger }: Records,
): Result<void, CallRefusal> {
  if (ledger.isRemoved(env)) return err(refused('environment_removed'))
  return ledger.floorOver({ sub, cid, env }) > floorMs ? err(refused('ended_meanwhile')) : ok(undefined)
}

/** Until the ledger knows it for good. */
const GRANT_ID_MEMORY_MS = 15 * 60_000
