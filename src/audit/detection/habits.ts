import { z } from 'zod'

/**
 * What one grant usually does. Days are whole days since the epoch and hours are those of UTC, so that nothing depends on
 * where somebody is; a neighbouring hour counts as usual, which covers summer time and a late start.
 */
export const habits = z.strictObject({
  /** When it was first seen. */
  sinceMs: z.int().positive(),
  /** On which it was seen, ascending. */
  days: z.array(z.int()).max(40),
  /** The last day on which it was seen in each hour; 0: never. */
  hours: z.array(z.int().nonnegative()).length(24),
  /** Where it was seen, with the last day. */
  networks: z.array(z.tuple([z.string().max(64), z.int()])).max(40),
  /** Most records within one window, by day. */
  peaks: z.array(z.tuple([z.int(), z.int().nonnegative()])).max(40),
})
export type Habits = z.output<typeof habits>

export const noHabits = (atMs: number): Habits => ({
  ...{ sinceMs: atMs, days: [], networks: [], peaks: [] },
  hours: Array.from({ length: 24 }, () => 0),
})

export const dayOf = (atMs: number): number => Math.floor(atMs / DAY_MS)
const hourOf = (atMs: number): number => Math.floor(atMs / HOUR_MS) % 24

/** Null: it was not seen on enough days before this one to say. */
export function isUsualHour({ days, hours }: Habits, atMs: number, learnDays: number): boolean | null {
  const today = dayOf(atMs)
  if (days.filter((day) => day < today).length < learnDays) return null
  const hour = hourOf(atMs)
  return [23, 0, 1].some((step) => (hours[(hour + step) % 24] ?? 0) > today - KEPT_DAYS)
}

/** Null: it is not known for long enough to say. */
export function isKnownNetwork(
  { sinceMs, networks }: Habits,
  seen: { readonly network: string; readonly atMs: number },
  learnMs: number,
): boolean | null {
  if (networks.some(([network]) => network === seen.network)) return true
  return seen.atMs - sinceMs < learnMs ? null : false
}

/** The busiest window of any earlier day that is remembered; null: there were too few. */
export function usualPeak({ peaks }: Habits, atMs: number, learnDays: number): number | null {
  const earlier = peaks.filter(([day]) => day < dayOf(atMs))
  return earlier.length < learnDays ? null : Math.max(...earlier.map(([, sum]) => sum))
}

/** The same object when nothing is new, so that it need not be kept again. */
export function learnVisit(known: Habits, atMs: number, network: string): Habits {
  const day = dayOf(atMs)
  const hour = hourOf(atMs)
  const isOld =
    known.days.includes(day) &&
    known.hours[hour] === day &&
    known.networks.some(([one, last]) => one === network && last >= day)
  if (isOld) return known
  const hours = known.hours.map((last, index) => (index === hour ? Math.max(last, day) : last))
  return mergeHabits(known, { ...known, days: [day], hours, networks: [[network, day]] })
}

/** A sum that hardly grew is not learned again: each time costs a write. */
export function learnPeak(known: Habits, atMs: number, sum: number): Habits {
  const day = dayOf(atMs)
  const before = known.peaks.find(([one]) => one === day)?.[1] ?? 0
  return sum <= before * WORTH_LEARNING ? known : mergeHabits(known, { ...known, peaks: [[day, sum]] })
}

/** Of two servers' knowledge of one grant; the order does not matter. */
export function mergeHabits(one: Habits, other: Habits): Habits {
  const days = [...new Set([...one.days, ...other.days])].sort((left, right) => left - right)
  const newest = days.at(-1) ?? 0
  const isKept = (day: number): boolean => day > newest - KEPT_DAYS
  const networks = latest([...one.networks, ...other.networks])
  return {
    sinceMs: Math.min(one.sinceMs, other.sinceMs),
    days: days.filter(isKept),
    hours: one.hours.map((last, hour) => Math.max(last, other.hours[hour] ?? 0)),
    networks: networks.sort(([, left], [, right]) => right - left).slice(0, MAX_NETWORKS),
    peaks: highest([...one.peaks, ...other.peaks]).filter(([day]) => isKept(day)),
  }
}

function latest(seen: readonly (readonly [string, number])[]): [string, number][] {
  const byName = new Map<string, number>()
  for (const [name, day] of seen) byName.set(name, Math.max(byName.get(name) ?? 0, day))
  return [...byName]
}

function highest(peaks: readonly (readonly [number, number])[]): [number, number][] {
  const byDay = new Map<number, number>()
  for (const [day, sum] of peaks) byDay.set(day, Math.max(byDay.get(day) ?? 0, sum))
  return [...byDay]
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A report of every month is still remembered when the next one is due. */
const KEPT_DAYS = 35
const MAX_NETWORKS = 32
const WORTH_LEARNING = 1.1
