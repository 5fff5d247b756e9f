import type { FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { vaultTake } from '../../crypto/internal-api.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import type { Account } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent } from '../events.ts'
import type { SignedIn } from '../session/session-state.ts'
import type { Notice } from '../ui/environments-page.tsx'
import { keepPendingTakes, type PendingTake, readPendingTakes } from './pending-takes.ts'

type Outcome = z.output<typeof vaultTake.answer>

export interface Collected {
  readonly notices: readonly Notice[]
  /** Something of the account changed: read it again. */
  readonly hasChanged: boolean
  readonly next: string | undefined
}

export interface Collecting extends PortalDeps {
  readonly request: FastifyRequest
  readonly session: SignedIn
  readonly account: Account
}

/**
 * Fetches what the vault made since the last visit and writes it to the account. Each outcome can be fetched once, by
 * the same user in the same session, so the account was read (and Clerk found to answer) before.
 *
 * @throws StoreUnavailable, ClerkUnavailable, DiskUnavailable
 */
export async function collectFromVault(collecting: Collecting): Promise<Collected> {
  const { session, store } = collecting
  const owner = { userId: session.userId, sessionId: session.sessionId }
  const pending = await readPendingTakes(owner, store)
  const settled: Settled[] = []
  for (const one of pending) settled.push(await collectOne(one, collecting))
  const waiting = settled.filter(({ isOpen }) => isOpen).map(({ one }) => one)
  if (waiting.length !== pending.length) await keepPendingTakes(waiting, owner, store)
  return {
    notices: settled.flatMap(({ notice }) => notice ?? []),
    hasChanged: settled.some(({ notice }) => notice?.tone === 'good'),
    next:
      settled.findLast(({ outcome, one }) => outcome === 'saved' && one.next !== null)?.one.next ?? undefined,
  }
}

interface Settled {
  readonly one: PendingTake
  /** To be asked for again. */
  readonly isOpen: boolean
  readonly notice?: Notice
  readonly outcome?: Outcome['state']
}

async function collectOne(one: PendingTake, collecting: Collecting): Promise<Settled> {
  const { userId, sessionId } = collecting.session
  const taken = await collecting.mcp.takeFromVault({ take: one.take, sub: userId, sid: sessionId })
  if (!taken.ok)
    return taken.error.reason === 'unavailable'
      ? { one, isOpen: true, notice: SILENT }
      : { one, isOpen: false }
  const outcome = taken.value
  if (!isOver(outcome)) return { one, isOpen: outcome.state === 'pending' }
  return { one, isOpen: false, outcome: outcome.state, notice: await settle(outcome, collecting) }
}

type Over = Extract<Outcome, { readonly state: 'saved' | 'removed' }>
const isOver = (outcome: Outcome): outcome is Over => outcome.state === 'saved' || outcome.state === 'removed'

const SILENT: Notice = {
  tone: 'warn',
  text: 'The MCP server does not answer, so what you did in the vault may not be shown yet. Reload in a moment.',
}

async function settle(outcome: Over, collecting: Collecting): Promise<Notice> {
  const notice =
    outcome.state === 'saved' ? await save(outcome, collecting) : await remove(outcome, collecting)
  const { request, session } = collecting
  await writeEvent(request, collecting, {
    eventType: 'environment.changed',
    outcome: notice.tone === 'good' ? 'success' : 'refused',
    operation: outcome.state,
    principal: session.userId,
    authMethod: 'clerk_session',
    responseCode: 200,
    environmentId: outcome.env,
    sessionId: session.sessionId,
    ...(outcome.state === 'saved' ? { masInstance: outcome.host } : {}),
  })
  return notice
}

async function save(
  saved: Extract<Over, { readonly state: 'saved' }>,
  { accounts, account, clock }: Collecting,
): Promise<Notice> {
  const { env, label, host, blob, ver } = saved
  const added = account.environments.find((known) => known.env === env)?.added ?? nowSeconds(clock)
  const kept = await accounts.saveEnvironment(account.userId, { env, label, host, blob, ver, added })
  if (kept.ok) return { tone: 'good', text: `“${label}” is saved.` }
  if (kept.error.reason === 'account_gone')
    return { tone: 'bad', text: 'Your account is gone, so nothing was saved.' }
  const [largest] = kept.error.stored
  const hint = largest === undefined ? '' : ` Removing “${largest.label}” would make room.`
  const { neededBytes, limitBytes } = kept.error
  return {
    tone: 'bad',
    text: `“${label}” was not saved: your account has room for ${limitBytes} bytes and ${neededBytes} would be needed.${hint}`,
  }
}

/** The MCP server refuses the environment's grants from now on; the list of connections says so too. */
async function remove(
  removed: Extract<Over, { readonly state: 'removed' }>,
  { accounts, account, records }: Collecting,
): Promise<Notice> {
  await accounts.removeEnvironment(account.userId, removed.env)
  const { connections } = records
  for (const { gid, maxS, env, sub } of connections.live())
    if (sub === account.userId && env === removed.env)
      await records.record('connection.ended', { gid, maxS, by: 'mcp', reason: 'ended_elsewhere' })
  return { tone: 'good', text: 'The environment is removed, and its connections have ended.' }
}
