const MINUTE_MS = 60_000
const UNITS = [
  { name: 'day', ms: 86_400_000 },
  { name: 'hour', ms: 3_600_000 },
  { name: 'minute', ms: MINUTE_MS },
] as const

/** How long ago, in the largest whole unit: `3 days ago`. The server knows no time zone of the reader. */
export function ago(atMs: number, nowMs: number): string {
  const passedMs = nowMs - atMs
  const unit = UNITS.find(({ ms }) => passedMs >= ms)
  if (unit === undefined) return 'just now'
  const number = Math.floor(passedMs / unit.ms)
  return `${number} ${unit.name}${number === 1 ? '' : 's'} ago`
}
