import { nowSeconds } from '../../kernel/clock.ts'
import { ClerkUnavailable } from '../clerk/clerk-client.ts'
import type { PortalDeps } from '../deps.ts'
import { storeKeys } from '../records/keys.ts'
import { cappedSince } from '../sent-plan.ts'
import type { Wanted } from './read-event.ts'

export type ActDeps = Pick<PortalDeps, 'owners' | 'accounts' | 'mcp' | 'store' | 'clock' | 'config'>

/** What came of an event, for the record; `unavailable` is tried again by whoever delivers it. */
export type EventOutcome = 'ended' | 'unchanged' | 'capped' | 'ignored' | 'unavailable'

/**
 * Does what an event asks for, twice as well as once. What Clerk says now counts, so that an old event changes nothing;
 * only where Clerk cannot be asked, its signed word that a user is gone is enough.
 *
 * @throws ClerkUnavailable, StoreUnavailable, DiskUnavailable
 */
export async function actOnEvent(wanted: Wanted, deps: ActDeps): Promise<EventOutcome> {
  switch (wanted.act) {
    case 'end':
      await deps.owners.endAll(wanted.sub, 'deleted')
      return 'ended'
    case 'look':
      return look(wanted, deps)
    case 'cap':
      return cap(wanted.sub, deps)
    case 'nothing':
      return 'ignored'
  }
}

async function look(
  { sub, isGone }: Extract<Wanted, { act: 'look' }>,
  { owners }: ActDeps,
): Promise<EventOutcome> {
  try {
    return (await owners.checkOne(sub)) === 'good' ? 'unchanged' : 'ended'
  } catch (error) {
    if (!isGone || !(error instanceof ClerkUnavailable)) throw error
    await owners.endAll(sub, 'banned')
    return 'ended'
  }
}

async function cap(sub: string, deps: ActDeps): Promise<EventOutcome> {
  const { pla, fea } = await deps.accounts.subscription(sub)
  const told = await deps.mcp.capPlan({ sub, pla: fitting(pla, 100), fea: fitting(fea, 300) })
  if (!told.ok) return 'unavailable'
  // The next page tells the MCP server what Clerk signed since, although it may be what it was told before.
  await deps.store.put(storeKeys.sentPlan(sub), cappedSince(nowSeconds(deps.clock)), CAP_NOTED_MS)
  return 'capped'
}

/** As many of the list as there is room for: what is left out is not allowed, so a cap errs on the low side. */
function fitting(list: string, maxChars: number): string {
  return list.length <= maxChars ? list : list.slice(0, list.lastIndexOf(',', maxChars))
}

const CAP_NOTED_MS = 30 * 24 * 3_600_000
