import type { FastifyReply, FastifyRequest } from 'fastify'
import { mayApprove } from '../../changes/approval.ts'
import { digestOf, type Plan } from '../../changes/plan.ts'
import { recordAct, recordIntent, sendPage, sendRefusal, type VaultEvent } from '../answer.ts'
import type { VaultDeps } from '../deps.ts'
import { VAULT_PATHS } from '../forms.ts'
import { DonePage } from '../pages.tsx'
import type { VaultSession } from '../session.ts'
import type { Visit } from '../visits.ts'
import { ChangePage } from './change-page.tsx'

type ChangeDeps = Pick<VaultDeps, 'visits' | 'records' | 'changes' | 'portalUrl'>

/** The page of a plan that waits. */
export async function showChange(reply: FastifyReply, visit: Visit, deps: ChangeDeps): Promise<FastifyReply> {
  const { session } = visit
  const plan = await planOf(session, deps)
  if (plan === null || session.environment === null) return gone(reply, deps)
  const page = ChangePage({
    frame: { account: session.account, portalUrl: deps.portalUrl },
    plan,
    environment: session.environment,
    clientName: deps.records.ledger.findGrant(plan.gid)?.clientName ?? plan.cid,
    expires: MINUTES.format(plan.endsMs),
    isSecond: plan.sub !== session.sub,
    forms: {
      approve: deps.visits.formToken(visit, VAULT_PATHS.approveChange),
      refuse: deps.visits.formToken(visit, VAULT_PATHS.refuseChange),
    },
  })
  return sendPage(reply, 200, page)
}

type Step = (
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  deps: VaultDeps,
) => Promise<FastifyReply>

/** `POST /vault/change/approve`: a yes to the plan whose page this visit was shown, and to no other. */
export const approveChange: Step = async (request, reply, visit, deps) => {
  const { session } = visit
  const plan = await planOf(session, deps)
  if (plan === null) return gone(reply, deps)
  const event = { eventType: 'change.approved', operation: 'approve', outcome: 'success' } as const
  await recordAct(request, session, { ...event, responseCode: 200, ...namesOf(plan) }, deps)
  await deps.changes.plans.agree(plan, { sub: session.sub, by: 'page' })
  const text = 'The client can write it now: let it commit the change again. Nothing was written yet.'
  return finish(reply, visit, { title: 'You agreed to this change', text }, deps)
}

/** `POST /vault/change/refuse`: it can never be written. */
export const refuseChange: Step = async (request, reply, visit, deps) => {
  const plan = await planOf(visit.session, deps)
  if (plan === null) return gone(reply, deps)
  const event = { eventType: 'change.discarded', operation: 'refuse', ...namesOf(plan) } as const
  // On record first: what the log cannot take is not done.
  await recordIntent(request, visit.session, event, deps)
  const isDropped = await deps.changes.discard(plan)
  const outcome = isDropped ? ({ outcome: 'success', responseCode: 200 } as const) : TOO_LATE
  await recordAct(request, visit.session, { ...event, ...outcome }, deps)
  if (!isDropped) return gone(reply, deps)
  const text = 'It can never be written. Nothing was changed in Maximo.'
  return finish(reply, visit, { title: 'The change is discarded', text }, deps)
}

/** The plan of this visit, unchanged, if it still waits and this person may decide on it. */
async function planOf(
  { change, sub }: VaultSession,
  { changes }: Pick<VaultDeps, 'changes'>,
): Promise<Plan | null> {
  if (change === undefined) return null
  const plan = await changes.plans.find(change.id)
  if (plan === null || digestOf(plan) !== change.digest || !mayApprove(plan, sub)) return null
  return (await changes.plans.findClaim(plan.id)) === null ? plan : null
}

const namesOf = ({ id, env, gid, cid, host }: Plan): Partial<VaultEvent> => ({
  ...{ environmentId: env, grantId: gid, clientId: cid, masInstance: host, reason: `change_${id}` },
})

async function finish(
  reply: FastifyReply,
  visit: Visit,
  { title, text }: { readonly title: string; readonly text: string },
  deps: VaultDeps,
): Promise<FastifyReply> {
  const { session } = visit
  await deps.visits.keep({ ...visit, session: { ...session, isDone: true } })
  const frame = { account: session.account, portalUrl: deps.portalUrl }
  return sendPage(reply, 200, DonePage({ frame, title, text, from: 'changes' }))
}

const gone = (reply: FastifyReply, { portalUrl }: Pick<VaultDeps, 'portalUrl'>): FastifyReply =>
  sendRefusal(reply, 410, { text: GONE, portalUrl })

/** It was committed in this very moment. */
const TOO_LATE = { outcome: 'refused', responseCode: 410 } as const

const GONE =
  'This change does not wait any more: it was written, discarded, or its time is over. Nothing was done now.'

const MINUTES = new Intl.DateTimeFormat('en-CA', {
  dateStyle: 'short',
  timeStyle: 'short',
  hourCycle: 'h23',
  timeZone: 'UTC',
})
