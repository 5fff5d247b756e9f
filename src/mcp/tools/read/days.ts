import { dayFromEpoch, epochDays, parseDay, renderDay } from '../../../maximo/query/instant.ts'
import { zoneOffsetMinutes } from '../../../maximo/query/time-zone.ts'

/** Calendar days as text, `2026-05-01`. */

/** The day that a calendar in this zone (IANA) shows; UTC for a zone that is not known. */
export function dayAt(ms: number, zone: string | null): string {
  const seconds = Math.floor(ms / 1000)
  const offset = zone === null ? 0 : (zoneOffsetMinutes(zone, seconds) ?? 0)
  return renderDay(dayFromEpoch(Math.floor((seconds + offset * 60) / DAY_SECONDS)))
}

/** When clocks of this zone show midnight at the start of a day, or of one some days later: milliseconds since the epoch. */
export function startOf(day: string, zone: string | null, later = 0): number {
  const shown = (numberOf(day) + later) * DAY_SECONDS
  const offset = (seconds: number): number =>
    zone === null ? 0 : (zoneOffsetMinutes(zone, seconds) ?? 0) * 60
  // The offset that holds then, not the one of the first guess: clocks may change that night.
  return (shown - offset(shown - offset(shown))) * 1000
}

/** @throws Error for what is no day */
export const moved = (day: string, days: number): string => renderDay(dayFromEpoch(numberOf(day) + days))

/** Days from one day to another. */
export const daysBetween = (from: string, to: string): number => numberOf(to) - numberOf(from)

/** 0 is Monday (ISO 8601). 1970-01-01 was a Thursday. */
export const weekday = (day: string): number => (((numberOf(day) + 3) % 7) + 7) % 7

/** The same day of another month, or the last one where that month is shorter. */
export function movedMonths(day: string, months: number): string {
  const { year, month, day: inMonth } = partsOf(day)
  const first = firstOf(year, month + months)
  const length = firstOf(year, month + months + 1) - first
  return renderDay(dayFromEpoch(first + Math.min(inMonth, length) - 1))
}

/** The first and the last day of a month, counted from the month of `day`. */
export function monthOf(day: string, months: number): { readonly from: string; readonly to: string } {
  const { year, month } = partsOf(day)
  const [first, next] = [firstOf(year, month + months), firstOf(year, month + months + 1)]
  return { from: renderDay(dayFromEpoch(first)), to: renderDay(dayFromEpoch(next - 1)) }
}

const DAY_SECONDS = 86_400

/** Months count from 1, and beyond either end of the year. */
const firstOf = (year: number, month: number): number =>
  epochDays({
    year: year + Math.floor((month - 1) / 12),
    month: ((((month - 1) % 12) + 12) % 12) + 1,
    day: 1,
  })

function partsOf(day: string) {
  const parts = parseDay(day)
  if (parts === null) throw new Error('not a calendar day')
  return parts
}

const numberOf = (day: string): number => epochDays(partsOf(day))
