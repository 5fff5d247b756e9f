import type { z } from 'zod'
import type { vaultOpen, vaultTake } from '../../crypto/internal-api.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { findCurrent, type KeepDeps } from '../vault/keep-credential.ts'
import type { ShownEnvironment } from '../vault/session.ts'
import type { Visits } from '../vault/visits.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'
import { proveLiveSession, type LiveDeps } from './use-once.ts'

type OpenAsk = z.output<typeof vaultOpen.ask>
type OpenAnswer = z.input<typeof vaultOpen.answer>
type TakeAnswer = z.input<typeof vaultTake.answer>

export interface OpenVaultDeps extends LiveDeps, KeepDeps {
  readonly visits: Visits
}

/** Announces a visit for the owner of a live session. What it concerns is opened here, so the host shown is the true one. */
export async function openVault(
  ask: OpenAsk,
  deps: OpenVaultDeps,
): Promise<Result<Act<OpenAnswer>, CallRefusal>> {
  const session = await proveLiveSession('vault', ask, deps)
  if (!session.ok) return session
  const { sub, sid } = session.value
  const environment = await concerned(ask, sub, deps)
  if (!environment.ok) return environment
  const { account, purpose, blob } = ask
  const announced = { sub, sid, account, purpose, environment: environment.value, blob: blob ?? null }
  const answer = await deps.visits.announce(announced)
  const id = environment.value?.id
  const event = { principal: sub, sessionId: sid, ...(id === undefined ? {} : { environmentId: id }) }
  return ok({ answer, event })
}

async function concerned(
  ask: OpenAsk,
  sub: string,
  deps: OpenVaultDeps,
): Promise<Result<ShownEnvironment | null, CallRefusal>> {
  const { purpose, env, blob } = ask
  const isAboutOne = purpose === 'replace' || purpose === 'remove'
  if (!isAboutOne) return env === undefined && blob === undefined ? ok(null) : err(refused('malformed'))
  if (env === undefined) return err(refused('malformed'))
  return existing({ ...ask, env }, sub, deps)
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
