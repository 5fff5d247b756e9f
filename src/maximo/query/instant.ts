/**
 * Points in time without `Date`: whole seconds since the Unix epoch, read from and written as ISO 8601.
 * Maximo emits whole seconds and an offset (`2023-07-26T12:47:06-03:00`), so seconds are all we compare.
 */

export interface CalendarDay {
  readonly year: number
  readonly month: number
  readonly day: number
}

/** `YYYY-MM-DD`, a day that exists; null otherwise. */
export const parseDay = (text: string): CalendarDay | null => {
  const found = DAY.exec(text)
  return found === null ? null : dayOf(found[1], found[2], found[3])
}

/** Seconds since the epoch of `2026-05-01T08:30[:15[.250]](Z|±hh:mm)`; null if it is none or has no offset. */
export const parseInstant = (text: string): number | null => {
  const found = INSTANT.exec(text)
  if (found === null) return null
  const day = dayOf(found[1], found[2], found[3])
  if (day === null) return null
  const seconds = secondsOfDay(found[4], found[5], found[6])
  const offset = offsetSeconds(found[7])
  return seconds === null || offset === null ? null : epochDays(day) * DAY_SECONDS + seconds - offset
}

/** `2026-05-01T08:30:15+02:00`: the form Maximo emits itself, at an explicit offset from UTC. */
export const renderInstant = (epochSeconds: number, utcOffsetMinutes: number): string => {
  const local = epochSeconds + utcOffsetMinutes * 60
  const days = Math.floor(local / DAY_SECONDS)
  const rest = local - days * DAY_SECONDS
  const sign = utcOffsetMinutes < 0 ? '-' : '+'
  const offset = Math.abs(utcOffsetMinutes)
  const clock = `${two(rest / 3600)}:${two((rest % 3600) / 60)}:${two(rest % 60)}`
  return `${renderDay(dayFromEpoch(days))}T${clock}${sign}${two(offset / 60)}:${two(offset % 60)}`
}

/** `YYYY-MM-DD`. */
export const renderDay = (day: CalendarDay): string =>
  `${day.year.toString().padStart(4, '0')}-${two(day.month)}-${two(day.day)}`

/** The day after. */
export const nextDay = (day: CalendarDay): CalendarDay => dayFromEpoch(epochDays(day) + 1)

/** Days since 1970-01-01 in the proleptic Gregorian calendar. */
export const epochDays = ({ year, month, day }: CalendarDay): number => {
  const y = month <= 2 ? year - 1 : year
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146097 + dayOfEra - 719468
}

/** The day so many days after 1970-01-01. */
export const dayFromEpoch = (days: number): CalendarDay => {
  const shifted = days + 719468
  const era = Math.floor(shifted / 146097)
  const dayOfEra = shifted - era * 146097
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36524) - Math.floor(dayOfEra / 146096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100))
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153)
  const month = shiftedMonth + (shiftedMonth < 10 ? 3 : -9)
  return {
    year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0),
    month,
    day: dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1,
  }
}

const dayOf = (year = '', month = '', day = ''): CalendarDay | null => {
  const asked = { year: Number(year), month: Number(month), day: Number(day) }
  if (asked.year < 1 || asked.month < 1 || asked.month > 12 || asked.day < 1) return null
  // A day that does not exist (30 February) comes back as another one.
  return dayFromEpoch(epochDays(asked)).day === asked.day ? asked : null
}

const secondsOfDay = (hour = '', minute = '', second = '0'): number | null => {
  const [h, m, s] = [Number(hour), Number(minute), Number(second)]
  return h > 23 || m > 59 || s > 59 ? null : h * 3600 + m * 60 + s
}

const offsetSeconds = (text = 'Z'): number | null => {
  if (text === 'Z' || text === 'z') return 0
  const [hours, minutes] = [Number(text.slice(1, 3)), Number(text.slice(4, 6))]
  if (hours > 14 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 3600 + minutes * 60)
}

const two = (value: number): string => Math.floor(value).toString().padStart(2, '0')

const DAY_SECONDS = 86_400
const DAY = /^(\d{4})-(\d{2})-(\d{2})$/
const INSTANT =
  /^(\d{4})-(\d{2})-(\d{2})[Tt](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,9})?)?([Zz]|[+-]\d{2}:\d{2})$/
