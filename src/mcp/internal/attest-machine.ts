import type { z } from 'zod'
import type { ClerkSession } from '../../crypto/clerk-token.ts'
import { namesSomebody } from '../../crypto/claim-rules.ts'
import type { machineAttest } from '../../crypto/internal-api.ts'
import { CLIENT_SECRET_FEATURE, type MachineProof } from '../../crypto/machine-proof.ts'
import { sealRoot } from '../../crypto/root-receipt.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { allowedScopes, isKnownScope } from '../admission/scopes.ts'
import type { WorkloadIssuers } from '../workload/issuers.ts'
import { checkNetworks, limitReplaced, restrictionsOf } from './attest-automation.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import { checkFreshSignIn } from './fresh-sign-in.ts'
import {
  checkStillStanding,
  proveAttestation,
  type AttestDeps,
  type Attestation,
} from './prove-attestation.ts'
import type { Act } from './signed-route.ts'

type Ask = z.output<typeof machineAttest.ask>
type Answer = z.input<typeof machineAttest.answer>

export interface AttestMachineDeps extends AttestDeps {
  readonly workloads: WorkloadIssuers
  readonly portalUrl: string
}

/**
 * Makes a root receipt (design §4.9): with a live session whose sign-in is fresh, for the owner's own credential, and for a
 * proof that names somebody. It stands in this server's log and on its allow-list before it is handed out.
 */
export async function attestMachine(
  ask: Ask,
  deps: AttestMachineDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  const proven = await proveAttestation(ask, { checkShape, checkOwner }, deps)
  return proven.ok ? makeRoot(proven.value, deps) : proven
}

function checkShape(ask: Ask, deps: AttestMachineDeps): Result<void, CallRefusal> {
  const { scp } = ask
  if (!scp.split(' ').every(isKnownScope) || allowedScopes(scp).size === 0)
    return err(refused('scope_unknown'))
  const networks = checkNetworks(ask)
  return networks.ok ? checkProof(ask.proof, deps) : networks
}

function checkProof(proof: MachineProof, deps: AttestMachineDeps): Result<void, CallRefusal> {
  switch (proof.kind) {
    case 'secret':
      return ok(undefined)
    case 'keys': {
      const isTwice = new Set(proof.thumbprints).size !== proof.thumbprints.length
      return isTwice ? err(refused('proof_malformed')) : ok(undefined)
    }
    case 'workload': {
      const issuer = deps.workloads.find(proof.issuer)
      if (issuer === null) return err(refused('issuer_unknown'))
      // A token that was made for somebody else must never serve here.
      if (!audiencesOf(deps.portalUrl).includes(proof.audience)) return err(refused('audience_not_ours'))
      return namesSomebody(proof.rules, issuer.identity_claims)
        ? ok(undefined)
        : err(refused('rules_too_wide'))
    }
  }
}

/** The issuer, or its token endpoint (RFC 7523 §3). */
const audiencesOf = (portalUrl: string): readonly string[] => [portalUrl, `${portalUrl}/oauth/token`]

function checkOwner(
  { cid, proof }: Ask,
  session: ClerkSession,
  { records }: AttestMachineDeps,
): Result<void, CallRefusal> {
  const owner = records.ledger.ownerOfClient(cid)
  if (owner !== null && owner !== session.sub) return err(refused('client_of_another'))
  if (proof.kind === 'secret' && !session.fea.split(',').includes(CLIENT_SECRET_FEATURE))
    return err(refused('feature_missing'))
  return checkFreshSignIn(session)
}

async function makeRoot(
  attestation: Attestation<Ask, void>,
  { records, keys, clock, presets }: AttestMachineDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  const { ask, session, credential } = attestation
  const standing = checkStillStanding(attestation, records)
  if (!standing.ok) return standing
  const { sub, sid, pla, fea } = session
  const { gid, env, cid, scp, prf, proof, clientName } = ask
  const { ver, c } = credential
  const at = records.ledger.attestTime({ sub, cid, env })
  const rid = randomId()
  const kid = keys().receipt.active.kid
  const restrictions = restrictionsOf(ask, presets)
  const granted = { sub, sid, env, ver, cid, scp, gid, prf, at, ...restrictions }
  const sealed = await sealRoot({ v: 1, ...granted, pla, fea, rid, proof, c }, keys())
  if (!sealed.ok) return err(refused(`too_long_${sealed.error.part.replaceAll('.', '_')}`))
  const earlier = records.ledger.machineGrants(cid)
  await records.record('grant.attested', {
    ...granted,
    ...{ knd: 'at', maxS: null, kid, clientName, redirectHost: '' },
    machine: { rid, proof: proof.kind },
  })
  // Only now may it make children: an entry of the allow-list always has its grant beside it.
  await records.record('allow.added', { jti: rid, gid, maxS: null, kids: [] })
  // Tokens that its former root gave live out their hour; whoever removes a key ends that root himself.
  const untilS = nowSeconds(clock) + FORMER_ROOT_S
  for (const former of earlier) await limitReplaced(former, untilS, { records, clock })
  const event = { principal: sub, sessionId: sid, grantId: gid, clientId: cid, environmentId: env }
  const masInstance = new URL(c.u).host
  const { obj } = restrictions
  const answer = { root: sealed.value, at, ...(obj === undefined ? {} : { obj }) }
  return ok({ answer, event: { ...event, masInstance } })
}

const FORMER_ROOT_S = 3_600
