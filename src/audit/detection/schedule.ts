import type { Schedule } from './policy.ts'

/** Whether a time lies within the hours that somebody set, by the clock of the place that they named. */
export function isWithin({ time_zone, days, from, to }: Schedule, atMs: number): boolean {
  const { weekday, time } = placeTime(time_zone, atMs)
  const isDay = days.includes(weekday)
  if (from < to) return isDay && from <= time && time < to
  const wasDay = days.includes(weekday === 1 ? 7 : weekday - 1)
  return (isDay && from <= time) || (wasDay && time < to)
}

function placeTime(timeZone: string, atMs: number): { readonly weekday: number; readonly time: string } {
  const parts = formatOf(timeZone).formatToParts(atMs)
  const find = (type: Intl.DateTimeFormatPartTypes): string =>
    parts.find((part) => part.type === type)?.value ?? ''
  return { weekday: WEEKDAYS.indexOf(find('weekday')) + 1, time: `${find('hour')}:${find('minute')}` }
}

/** To make one costs more than to use it. */
const formats = new Map<string, Intl.DateTimeFormat>()
function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-GB', {
    ...{ timeZone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' },
  })
  formats.set(timeZone, made)
  return made
}

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
