const MINUTE_MS = 60_000

const formatters = new Map<string, Intl.DateTimeFormat>()

function formatterOf(zone: string): Intl.DateTimeFormat {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' })
  formatters.set(zone, made)
  return made
}

const QUARTER_MS = 15 * MINUTE_MS
const WEEK_MS = 7 * 24 * 60 * MINUTE_MS
const offsets = new Map<string, number>()

/**
 * Minutes east of UTC in this IANA zone at this instant. No zone changes its clocks twice in a week: a week that begins
 * and ends with the same offset has no other. Where it changes, it does so on a quarter of an hour.
 */
function offsetMinutes(instantMs: number, zone: string): number {
  const week = Math.floor(instantMs / WEEK_MS)
  const start = offsetAt(week * WEEK_MS, zone)
  if (start === offsetAt((week + 1) * WEEK_MS, zone)) return start
  return offsetAt(Math.floor(instantMs / QUARTER_MS) * QUARTER_MS, zone)
}

function offsetAt(instantMs: number, zone: string): number {
  const key = `${zone} ${instantMs}`
  const offset = offsets.get(key) ?? readOffset(instantMs, zone)
  if (offsets.size > MAX_CACHED) offsets.clear()
  offsets.set(key, offset)
  return offset
}

const MAX_CACHED = 20_000

function readOffset(instantMs: number, zone: string): number {
  const name = formatterOf(zone)
    .formatToParts(instantMs)
    .find((part) => part.type === 'timeZoneName')?.value
  const [, sign, hours, minutes] = /GMT([+-])(\d{2}):(\d{2})/.exec(name ?? '') ?? []
  if (sign === undefined) return 0
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** `2026-11-22T09:30:00-05:00`: whole seconds and the reader's own offset, as Maximo writes it. */
export function formatInstant(instantMs: number, zone: string): string {
  const offset = offsetMinutes(instantMs, zone)
  const local = new Date(instantMs + offset * MINUTE_MS).toISOString().slice(0, 19)
  const absolute = Math.abs(offset)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(absolute / 60))}:${two(absolute % 60)}`
}

/** The instant of a wall-clock time in this zone; the first of two when a clock is put back. */
export function instantOfLocal(localAsUtcMs: number, zone: string): number {
  const guess = localAsUtcMs - offsetMinutes(localAsUtcMs, zone) * MINUTE_MS
  return localAsUtcMs - offsetMinutes(guess, zone) * MINUTE_MS
}

/** The calendar day of an instant in this zone, `yyyy-MM-dd`. */
export const localDate = (instantMs: number, zone: string): string =>
  formatInstant(instantMs, zone).slice(0, 10)
