import type { Detection, Rule, Subject } from '../../crypto/detection.ts'
import type { OddVisit } from './habit-book.ts'
import type { DetectionPolicy } from './policy.ts'
import type { Tally } from './tallies.ts'

/** What exceeded a limit, before anybody asked whether it was told already. */
export interface Finding {
  readonly seen: Omit<Detection, 'id' | 'untilMs'>
  /** How much of its count was not there at the last look. */
  readonly more: number
}

interface Judged {
  readonly tally: Tally
  readonly atMs: number
  readonly windowMs: number
  readonly more: number
}

/** More failed sign-ins than `more_than`. `told`: how many of them were told with another subject. */
export function judgeFailures(
  judged: Judged,
  told: number,
  { more_than }: DetectionPolicy['failed_sign_ins'],
): Finding | null {
  return judged.tally.total - told > more_than
    ? found('failed_sign_ins', judged, { count: judged.tally.total, limit: more_than })
    : null
}

/** One refusal is enough for what has no reason to try; a person's client asks for more in that very way. */
export function judgeDenials(
  judged: Judged,
  { integrations, persons }: DetectionPolicy['scope_escalation'],
): Finding | null {
  const least = judged.tally.notes.isUnattended ? integrations : persons
  const count = judged.tally.total
  return count >= least ? found('scope_escalation', judged, { count, limit: least - 1 }) : null
}

/** @param limit of this grant, by what it usually reads */
export function judgeVolume(judged: Judged, limit: number): Finding | null {
  const count = judged.tally.total
  return count > limit ? found('data_volume', judged, { count, limit }) : null
}

/** Percent of calls that failed, where there were enough to speak of a rate. `count` and `limit` are percents. */
export function judgeErrors(
  judged: Judged,
  calls: number,
  { more_than_percent, at_least_calls }: DetectionPolicy['error_rate'],
): Finding | null {
  const { tally } = judged
  if (calls < at_least_calls || tally.total * 100 <= more_than_percent * calls) return null
  const count = Math.floor((tally.total * 100) / calls)
  return found('error_rate', judged, { count, limit: more_than_percent })
}

export const findingOf = ({ rule, visit }: OddVisit): Finding => ({
  more: 1,
  seen: {
    rule,
    subject: { kind: 'grant', id: visit.grantId },
    owners: visit.owner === null ? [] : [visit.owner],
    ...{ atMs: visit.atMs, count: 1, limit: 0, windowMs: 0 },
    addresses: [visit.address],
    correlationIds: visit.correlationId === null ? [] : [visit.correlationId],
    ...(visit.environmentId === null ? {} : { environmentId: visit.environmentId }),
  },
})

/** So many addresses at once that one more is no news. */
export const everywhereFrom = ({ seen }: Finding, limit: number): Finding => ({
  more: 1,
  seen: { ...seen, subject: EVERYWHERE, count: limit + 1, limit, windowMs: FLOOD_WINDOW_MS },
})

const EVERYWHERE: Subject = { kind: 'everywhere', id: '*' }
export const FLOOD_WINDOW_MS = 3_600_000

function found(
  rule: Rule,
  { tally: { subject, notes, tool }, atMs, windowMs, more }: Judged,
  exceeded: { readonly count: number; readonly limit: number },
): Finding {
  const seen = {
    ...{ rule, subject, atMs, windowMs, ...exceeded },
    owners: [...notes.owners],
    correlationIds: [...notes.correlationIds].map((text) => text.slice(0, 100)),
    addresses: [...notes.addresses].map((text) => text.slice(0, 64)),
    ...(tool === undefined ? {} : { tool: tool.slice(0, 64) }),
    ...(notes.environmentId === null ? {} : { environmentId: notes.environmentId }),
  }
  return { seen, more }
}
