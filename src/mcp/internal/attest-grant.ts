import type { z } from 'zod'
import { checkAutomation, checkOwner, limitReplaced, restrictionsOf } from './attest-automation.ts'
import type { ClerkSession } from '../../crypto/clerk-token.ts'
import type { Receipt, Wrapped } from '../../crypto/credential.ts'
import type { grantAttest } from '../../crypto/internal-api.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { isMachineClient } from '../../crypto/machine-proof.ts'
import { sealReceipt } from '../../crypto/receipt.ts'
import { openWrapped } from '../../crypto/wrapped.ts'
import { nowSeconds, type Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { allowedScopes, isKnownScope } from '../admission/scopes.ts'
import type { Records } from '../records/records.ts'
import type { Presets } from '../admission/presets.ts'
import type { Grant } from '../records/ledger.ts'
import { refused, unavailable, type CallRefusal } from './call-refusal.ts'
import { storeClockAgrees } from './store-clock.ts'
import { recordPlan } from './record-plan.ts'
import type { Act } from './signed-route.ts'
import { proveLiveSession, type LiveDeps } from './use-once.ts'

type Ask = z.output<typeof grantAttest.ask>
type Answer = z.input<typeof grantAttest.answer>

export interface AttestDeps extends LiveDeps {
  readonly records: Records
  readonly keys: () => McpKeys
  readonly clock: Clock
  readonly presets: Presets
}

/**
 * Makes a grant receipt (design §4.2): only with a live session that this server verified itself, only for a credential
 * that its owner's vault wrapped, and never without a record of it in this server's own log.
 */
export async function attestGrant(ask: Ask, deps: AttestDeps): Promise<Result<Act<Answer>, CallRefusal>> {
  const { records, clock } = deps
  if (!records.isPrimed()) return err(unavailable('store_unprimed'))
  if (!(await storeClockAgrees(deps.store, clock))) return err(unavailable('clock'))
  const shape = checkShape(ask, deps)
  if (!shape.ok) return shape
  const session = await proveLiveSession('grant', ask, deps)
  if (!session.ok) return session
  const replaced = checkOwner(ask, session.value, records)
  if (!replaced.ok) return replaced
  const { sub } = session.value
  const floorMs = records.ledger.floorOver({ sub, cid: ask.cid, env: ask.env })
  if (!(await takeGrantId(ask.gid, deps))) return err(refused('grant_exists'))
  const credential = await newestCredential(ask, sub, deps)
  if (!credential.ok) return credential
  await recordPlan(session.value, records)
  return makeReceipt(
    { ask, session: session.value, credential: credential.value, floorMs, replaced: replaced.value },
    deps,
  )
}

/** A grant id that came twice at once, or again, would hide one of the grants from its owner's list. */
export async function takeGrantId(gid: string, { store, records }: AttestDeps): Promise<boolean> {
  const isFirst = await store.putOnce(`gid:${gid}`, '1', GRANT_ID_MEMORY_MS)
  return isFirst && records.ledger.findGrant(gid) === null
}

/** What can be refused without knowing who asks. */
function checkShape(ask: Ask, { keys }: AttestDeps): Result<void, CallRefusal> {
  const names = ask.scp.split(' ')
  // Its tokens would pass for a machine's, which nobody attested.
  if (isMachineClient(ask.cid)) return err(refused('client_is_machine'))
  if (!names.every(isKnownScope) || allowedScopes(ask.scp).size === 0) return err(refused('scope_unknown'))
  return ask.knd === 'ci' ? checkAutomation(ask, keys()) : checkInteractive(ask)
}

function checkInteractive(ask: Ask): Result<void, CallRefusal> {
  const isOfAutomation = [ask.jti, ask.kids, ask.obj, ask.rsk, ask.net, ask.replaces]
  if (isOfAutomation.some((member) => member !== undefined)) return err(refused('kind_mismatch'))
  if (ask.lifeS === null || ask.lifeS > MAX_LIFE_S) return err(refused('life_too_long'))
  return ok(undefined)
}

/** The owner's credential for this environment: the one the portal keeps, or the newer one of our own journal. */
export async function newestCredential(
  { env, blob }: Pick<Ask, 'env' | 'blob'>,
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

interface Attestation {
  readonly ask: Ask
  readonly session: ClerkSession
  readonly credential: Wrapped
  /** Up to when such grants were ended when the session was proven. */
  readonly floorMs: number
  /** The token that this one follows. */
  readonly replaced: Grant | null
}

interface Standing {
  readonly ask: Pick<Ask, 'cid' | 'env'>
  readonly session: Pick<ClerkSession, 'sub'>
  readonly floorMs: number
}

/**
 * What was ended while we waited for disk and keys. Asked in the same step that takes the attestation time, which would
 * otherwise be moved past the very watermark that meant this grant.
 */
export function checkStillStanding(
  { ask: { cid, env }, session: { sub }, floorMs }: Standing,
  { ledger }: Records,
): Result<void, CallRefusal> {
  if (ledger.isRemoved(env)) return err(refused('environment_removed'))
  return ledger.floorOver({ sub, cid, env }) > floorMs ? err(refused('ended_meanwhile')) : ok(undefined)
}

async function makeReceipt(
  attestation: Attestation,
  deps: AttestDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  const { records, keys, clock, presets } = deps
  const { ask, session, credential } = attestation
  const standing = checkStillStanding(attestation, records)
  if (!standing.ok) return standing
  const { sub, sid, pla, fea } = session
  const { gid, env, cid, scp, knd, prf, jti, kids } = ask
  const at = records.ledger.attestTime({ sub, cid, env })
  const maxS = ask.lifeS === null ? null : nowSeconds(clock) + ask.lifeS
  const restrictions = restrictionsOf(ask, presets)
  const receipt: Receipt = {
    ...{ v: 1, sub, sid, env, ver: credential.ver, cid, scp, knd, gid, prf, pla, fea, at, c: credential.c },
    ...(maxS === null ? {} : { max: maxS }),
    ...(jti === undefined ? {} : { jti }),
    ...(kids === undefined ? {} : { kids }),
    ...restrictions,
  }
  const kid = keys().receipt.active.kid
  const sealed = await sealReceipt(receipt, keys())
  if (!sealed.ok) return err(refused(`too_long_${sealed.error.part.replace('.', '_')}`))
  await records.record('grant.attested', {
    ...{ gid, sub, sid, env, cid, scp, knd, prf, at, maxS, kid, ver: credential.ver },
    clientName: ask.clientName,
    redirectHost: ask.redirectHost,
    ...restrictions,
  })
  await allowToken(attestation, maxS, deps)
  const event = { principal: sub, sessionId: sid, grantId: gid, clientId: cid, environmentId: env }
  const masInstance = new URL(credential.c.u).host
  const { obj } = restrictions
  const answer = { receipt: sealed.value, at, max: maxS, ...(obj === undefined ? {} : { obj }) }
  return ok({ answer, event: { ...event, masInstance } })
}

/** Only now may an automation token be used: an entry of the allow-list always has its grant beside it. */
async function allowToken(
  { ask: { jti, gid, kids, replaces }, replaced }: Attestation,
  maxS: number | null,
  deps: Pick<AttestDeps, 'records' | 'clock'>,
): Promise<void> {
  if (jti === undefined) return
  await deps.records.record('allow.added', { jti, gid, maxS, kids: [...(kids ?? [])] })
  if (replaced !== null && replaces !== undefined) await limitReplaced(replaced, replaces.untilS, deps)
}

/** The absolute life of a person's grant (design §4.6). */
const MAX_LIFE_S = 180 * 86_400
/** Until the ledger knows it for good. */
const GRANT_ID_MEMORY_MS = 15 * 60_000
