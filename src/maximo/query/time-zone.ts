/**
 * Offsets of an IANA time zone without `Date`: what clocks there show at an instant, and whether they show it twice.
 */

/** Minutes east of UTC at this instant, in seconds since the epoch; null for a zone that does not exist. */
export const zoneOffsetMinutes = (zone: string, epochSeconds: number): number | null => {
  const name = formatterOf(zone)
    ?.formatToParts(epochSeconds * 1000)
    .find(({ type }) => type === 'timeZoneName')?.value
  if (name === undefined) return null
  const [, sign = '+', hours = '0', minutes = '0'] = /^GMT(?:([+-])(\d{2}):(\d{2}))?/.exec(name) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** Clocks are put back: what they show at this instant, they show at another one too. */
export const isShownTwice = (zone: string, epochSeconds: number): boolean => {
  const own = zoneOffsetMinutes(zone, epochSeconds) ?? 0
  return [-DAY_SECONDS, DAY_SECONDS].some((away) => {
    const other = zoneOffsetMinutes(zone, epochSeconds + away) ?? own
    const twin = epochSeconds + (own - other) * 60
    return other !== own && zoneOffsetMinutes(zone, twin) === other
  })
}

const formatters = new Map<string, Intl.DateTimeFormat | null>()

const formatterOf = (zone: string): Intl.DateTimeFormat | null => {
  const known = formatters.get(zone)
  if (known !== undefined) return known
  const made = formatterFor(zone)
  if (formatters.size >= MAX_ZONES) formatters.clear()
  formatters.set(zone, made)
  return made
}

const formatterFor = (timeZone: string): Intl.DateTimeFormat | null => {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' })
  } catch {
    // The name comes from Maximo: one that this runtime does not know is no zone.
    return null
  }
}

const DAY_SECONDS = 86_400
/** There are some 600 zones; Maximo names one per user. */
const MAX_ZONES = 1_000
