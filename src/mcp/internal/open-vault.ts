import type { z } from 'zod'
import type { vaultOpen, vaultTake } from '../../crypto/internal-api.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { findCurrent, type KeepDeps } from '../vault/keep-credential.ts'
import type { Changes } from '../changes/changes.ts'
import { mayApprove } from '../changes/approval.ts'
import { digestOf } from '../changes/plan.ts'
import type { ShownEnvironment, VaultSession } from '../vault/session.ts'
import type { Visits } from '../vault/visits.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'
import { proveLiveSession, type LiveDeps } from './use-once.ts'

type OpenAsk = z.output<typeof vaultOpen.ask>
type OpenAnswer = z.input<typeof vaultOpen.answer>
type TakeAnswer = z.input<typeof vaultTake.answer>

export interface OpenVaultDeps extends LiveDeps, KeepDeps {
  readonly visits: Visits
  readonly changes: Pick<Changes, 'plans'>
}

/** Announces a visit for the owner of a live session. What it concerns is opened here, so the host shown is the true one. */
export async function openVault(
  ask: OpenAsk,
  deps: OpenVaultDeps,
): Promise<Result<Act<OpenAnswer>, CallRefusal>> {
  const session = await proveLiveSession('vault', ask, deps)
  if (!session.ok) return session
  const { sub, sid } = session.value
  const concern = ask.purpose === 'change' ? await change(ask, sub, deps) : await concerned(ask, sub, deps)
  if (!concern.ok) return concern
  const { account, purpose, blob } = ask
  const { environment } = concern.value
  const announced = { sub, sid, account, purpose, blob: blob ?? null, ...concern.value }
  const answer = await deps.visits.announce(announced)
  const id = environment?.id
  const event = { principal: sub, sessionId: sid, ...(id === undefined ? {} : { environmentId: id }) }
  return ok({ answer, event })
}

type Concern = Pick<VaultSession, 'environment' | 'change'>

async function concerned(
  ask: OpenAsk,
  sub: string,
  deps: OpenVaultDeps,
): Promise<Result<Concern, CallRefusal>> {
  const { purpose, env, blob } = ask
  const isAboutOne = purpose === 'replace' || purpose === 'remove'
  if (ask.change !== undefined) return err(refused('malformed'))
  if (!isAboutOne)
    return env === undefined && blob === undefined ? ok({ environment: null }) : err(refused('malformed'))
  if (env === undefined) return err(refused('malformed'))
  const environment = await existing({ ...ask, env }, sub, deps)
  return environment.ok ? ok({ environment: environment.value }) : environment
}

/** A change that waits for this person. What it is bound to is fixed here: the page shows this plan or none. */
async function change(
  { change: id, env, blob }: OpenAsk,
  sub: string,
  { changes, records }: OpenVaultDeps,
): Promise<Result<Concern, CallRefusal>> {
  if (id === undefined || env !== undefined || blob !== undefined) return err(refused('malformed'))
  const plan = await changes.plans.find(id)
  // Somebody else's is as unknown as one that never was.
  if (plan === null || !mayApprove(plan, sub)) return err(refused('change_unknown'))
  const label = records.ledger.newestCredential({ sub: plan.sub, env: plan.env })?.label ?? ''
  return ok({
    environment: { id: plan.env, label, host: plan.host },
    change: { id: plan.id, digest: digestOf(plan) },
  })
}

async function existing(
  { env, label, blob }: OpenAsk & { readonly env: string },
  sub: string,
  deps: OpenVaultDeps,
): Promise<Result<ShownEnvironment, CallRefusal>> {
  const current = await findCurrent({ sub, env }, blob ?? null, deps)
  if (current.ok) {
    const { content, saved } = current.value
    return ok({ id: env, label: label ?? saved?.label ?? '', host: new URL(content.c.u).host })
  }
  return err(refused(current.error === 'environment_removed' ? current.error : 'credential_refused'))
}

/** Gives the outcome of a visit to the user and session that it was announced for, once. */
export async function takeFromVault(
  { take, sub, sid }: z.output<typeof vaultTake.ask>,
  { visits }: Pick<OpenVaultDeps, 'visits'>,
): Promise<Result<Act<TakeAnswer>, CallRefusal>> {
  const outcome = await visits.takeOutcome(take, { sub, sid })
  return ok({ answer: outcome ?? { state: 'gone' }, event: { principal: sub, sessionId: sid } })
}
