import type { z } from 'zod'
import type { Receipt } from '../../crypto/credential.ts'
import type { grantDerive } from '../../crypto/internal-api.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import { sealReceipt } from '../../crypto/receipt.ts'
import { openRoot, type OpenedRoot, type RootReceipt } from '../../crypto/root-receipt.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { AdmissionStore, Standing } from '../admission/store.ts'
import type { Records } from '../records/records.ts'
import { refused, unavailable, type CallRefusal } from './call-refusal.ts'
import { proveMachine, type ProveMachineDeps } from './prove-machine.ts'
import type { Act } from './signed-route.ts'

type Ask = z.output<typeof grantDerive.ask>
type Answer = z.input<typeof grantDerive.answer>

export interface DeriveDeps extends ProveMachineDeps {
  readonly records: Records
  readonly keys: () => McpKeys
  readonly admissionStore: AdmissionStore
}

/**
 * Makes the receipt of one token of a machine client (design §4.9): from a root receipt that is listed and not ended, for
 * who proves to be the client. The child is as old as its root in the eyes of every revocation, so whatever ends the root
 * ends all its children with it.
 *
 * @throws StoreUnavailable
 */
export async function deriveGrant(ask: Ask, deps: DeriveDeps): Promise<Result<Act<Answer>, CallRefusal>> {
  if (!deps.records.isPrimed()) return err(unavailable('store_unprimed'))
  const opened = await openRoot(ask.root, deps.keys())
  if (!opened.ok) return err(refused('root_refused'))
  const { root } = opened.value
  if (!isWithin(ask.scp, root.scp)) return err(refused('scope_too_wide'))
  const standing = await checkStanding(opened.value, deps)
  if (!standing.ok) return standing
  const proven = await proveMachine(root, ask.proof, deps)
  if (!proven.ok) return proven
  return makeChild(root, ask.scp, deps)
}

const isWithin = (asked: string, ceiling: string): boolean => {
  const allowed = new Set(ceiling.split(' '))
  return asked.split(' ').every((name) => allowed.has(name))
}

/** One call to the store, as for a token: marks, everything that could have ended it, the allow-list. It spends nothing. */
async function checkStanding(
  opened: OpenedRoot,
  { records, admissionStore }: DeriveDeps,
): Promise<Result<void, CallRefusal>> {
  // What this server journaled counts even before the store has it.
  const grant = records.ledger.findGrant(opened.root.gid)
  if (grant !== null && records.ledger.isEnded(grant)) return err(refused('root_ended'))
  const verdict = await admissionStore.ask({
    marks: records.requiredMarks(),
    standing: standingOf(opened),
    spending: {},
  })
  if (verdict.state === 'passed') return ok(undefined)
  return err(verdict.state === 'unprimed' ? unavailable('store_unprimed') : refused('root_ended'))
}

const standingOf = ({ root, kid }: OpenedRoot): Standing => ({
  tokenId: root.rid,
  grantId: root.gid,
  subject: root.sub,
  environment: root.env,
  clientId: root.cid,
  // It is made with one key alone.
  encryptionKid: kid,
  signingKid: kid,
  // Its id must be on the allow-list, like that of an automation token.
  kind: 'ci',
  attestedMs: root.at,
  credentialVersion: root.ver,
})

async function makeChild(
  { rid, proof, ...root }: RootReceipt,
  scp: string,
  { keys, clock }: DeriveDeps,
): Promise<Result<Act<Answer>, CallRefusal>> {
  const max = nowSeconds(clock) + (proof.kind === 'workload' ? WORKLOAD_LIFE_S : CHILD_LIFE_S)
  const receipt: Receipt = { ...root, scp, knd: 'at', max }
  const sealed = await sealReceipt(receipt, keys())
  if (!sealed.ok) return err(refused('too_long'))
  const { sub, gid, cid, env, at, c } = root
  const event = { principal: sub, grantId: gid, clientId: cid, environmentId: env, resource: `root:${rid}` }
  const masInstance = new URL(c.u).host
  return ok({ answer: { receipt: sealed.value, at, max }, event: { ...event, masInstance } })
}

const CHILD_LIFE_S = 3_600
/** A workload can have a new one whenever it needs it. */
const WORKLOAD_LIFE_S = 900
