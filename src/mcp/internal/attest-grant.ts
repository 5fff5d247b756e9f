import type { z } from 'zod'
import type { Receipt } from '../../crypto/credential.ts'
import type { grantAttest } from '../../crypto/internal-api.ts'
import { isMachineClient } from '../../crypto/machine-proof.ts'
import { sealReceipt } from '../../crypto/receipt.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { allowedScopes, isKnownScope } from '../admission/scopes.ts'
import type { Grant } from '../records/ledger.ts'
import { checkAutomation, checkOwner, limitReplaced, restrictionsOf } from './attest-automation.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import {
  checkStillStanding,
  proveAttestation,
  type AttestDeps,
  type Attestation,
} from './prove-attestation.ts'
import type { Act } from './signed-route.ts'

type Ask = z.output<typeof grantAttest.ask>
type Answer = z.input<typeof grantAttest.answer>

/**
 * Makes a grant receipt (design §4.2): only with a live session that this server verified itself, only for a credential
 * that its owner's vault wrapped, and never without a record of it in this server's own log.
 */
export async function attestGrant(ask: Ask, deps: AttestDeps): Promise<Result<Act<Answer>, CallRefusal>> {
  const proven = await proveAttestation(ask, { checkShape, checkOwner }, deps)
  return proven.ok ? makeReceipt(proven.value, deps) : proven
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

async function makeReceipt(
  attestation: Attestation<Ask, Grant | null>,
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
  { ask: { jti, gid, kids, replaces }, owned: replaced }: Attestation<Ask, Grant | null>,
  maxS: number | null,
  deps: Pick<AttestDeps, 'records' | 'clock'>,
): Promise<void> {
  if (jti === undefined) return
  await deps.records.record('allow.added', { jti, gid, maxS, kids: [...(kids ?? [])] })
  if (replaced !== null && replaces !== undefined) await limitReplaced(replaced, replaces.untilS, deps)
}

/** The absolute life of a person's grant (design §4.6). */
const MAX_LIFE_S = 180 * 86_400
