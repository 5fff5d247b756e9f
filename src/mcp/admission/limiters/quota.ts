import type { Left } from './limiter.ts'

/** Units that a user may spend; null: without limit. */
export interface Quota {
  readonly perDay: number | null
  /** Of a calendar month. */
  readonly perMonth: number | null
}

/** What a user has spent on the last day, and in the month, in which he spent anything. Days are counted from the epoch, UTC. */
export interface Spent {
  readonly day: number
  readonly units: number
  /** First day of the month. */
  readonly month: number
  readonly monthUnits: number
}

/** What a quota says of a call that costs `units`. */
export type QuotaLook =
  | { readonly state: 'spent'; readonly limit: 'daily_quota' | 'monthly_quota'; readonly resetMs: number }
  | {
      readonly state: 'enough'
      readonly text: string
      readonly day: Left | null
      readonly month: Left | null
    }

/**
 * Day and month of a user, both by the store's clock in UTC. Kept as `<day> <units> <first day of the month> <units>`. Where
 * both are spent the month is named, since it ends later. `limiters-lua.ts` is its twin.
 */
export function lookAtQuota(held: string | null, asked: Quota & { units: number }, nowMs: number): QuotaLook {
  const now = calendarOf(nowMs)
  const spent = spentAt(readSpent(held), now)
  const [units, monthUnits] = [spent.units + asked.units, spent.monthUnits + asked.units]
  if (isAbove(monthUnits, asked.perMonth))
    return { state: 'spent', limit: 'monthly_quota', resetMs: now.nextMonthMs }
  if (isAbove(units, asked.perDay)) return { state: 'spent', limit: 'daily_quota', resetMs: now.nextDayMs }
  return {
    state: 'enough',
    text: `${now.day} ${units} ${now.month} ${monthUnits}`,
    day: leftOf(asked.perDay, units, now.nextDayMs),
    month: leftOf(asked.perMonth, monthUnits, now.nextMonthMs),
  }
}

/** How much of it was spent on this day and in this month. */
export const spentAt = (
  spent: Spent | null,
  { day, month }: Calendar,
): Pick<Spent, 'units' | 'monthUnits'> => ({
  units: spent?.day === day ? spent.units : 0,
  monthUnits: spent?.month === month ? spent.monthUnits : 0,
})

export function readSpent(text: string | null): Spent | null {
  const [, day, units, month, monthUnits] = /^(\d+) (\d+) (\d+) (\d+)$/.exec(text ?? '') ?? []
  return day === undefined
    ? null
    : { day: Number(day), units: Number(units), month: Number(month), monthUnits: Number(monthUnits) }
}

const isAbove = (units: number, atMost: number | null): boolean => atMost !== null && units > atMost

const leftOf = (atMost: number | null, units: number, resetMs: number): Left | null =>
  atMost === null ? null : { remaining: atMost - units, resetMs }

/** Where a moment lies in the calendar, in days since the epoch, and how many milliseconds are left of its day and month. */
export interface Calendar {
  readonly day: number
  readonly month: number
  readonly nextDayMs: number
  readonly nextMonthMs: number
}

export function calendarOf(nowMs: number): Calendar {
  const day = Math.floor(nowMs / DAY_MS)
  const month = firstOfMonth(day)
  return {
    day,
    month,
    nextDayMs: (day + 1) * DAY_MS - nowMs,
    // No month has more than 31 days, and none fewer than 28.
    nextMonthMs: firstOfMonth(month + 31) * DAY_MS - nowMs,
  }
}

/**
 * First day of the month of a day, both in days since the epoch (proleptic Gregorian calendar). Years are counted from the
 * 1st of March, so that the leap day is the last of one; an era is 400 of them.
 */
function firstOfMonth(day: number): number {
  const sinceMarch0 = day + 719_468
  const ofEra = sinceMarch0 % 146_097
  const year = Math.floor(
    (ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365,
  )
  const ofYear = ofEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  const month = Math.floor((5 * ofYear + 2) / 153)
  return day - (ofYear - Math.floor((153 * month + 2) / 5))
}

const DAY_MS = 86_400_000
/** As long as the longest month, and a day more. */
export const QUOTA_KEPT_MS = 32 * DAY_MS
