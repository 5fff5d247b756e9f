const MINUTE_MS = 60_000
const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: MINUTE_MS },
] as const

/** How long ago, in the largest whole unit: `3 days ago`. The server knows no time zone of the reader. */
export function ago(atMs: number, nowMs: number): string {
  const passed = largestUnit(nowMs - atMs)
  return passed === null ? 'just now' : `${passed} ago`
}

/** The same of what is to come: `in 3 days`. */
export function ahead(atMs: number, nowMs: number): string {
  const left = largestUnit(atMs - nowMs)
  return left === null ? 'in less than a minute' : `in ${left}`
}

/** `3 days`; null: less than a minute. */
function largestUnit(lastsMs: number): string | null {
  const unit = UNITS.find(({ ms }) => lastsMs >= ms)
  if (unit === undefined) return null
  const number = Math.floor(lastsMs / unit.ms)
  return `${number} ${unit.name}${number === 1 ? '' : 's'}`
}
