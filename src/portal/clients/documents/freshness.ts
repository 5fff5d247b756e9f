import { httpDateMs } from '../../../kernel/clock.ts'

type Headers = Readonly<Record<string, string | string[] | undefined>>

/**
 * How long an answer may be used (RFC 9111 §4.2: `s-maxage`, `max-age`, `Expires`, less its `Age`), but never shorter
 * than five minutes and never longer than a day: neither a flood of fetches nor a forgotten change is for others to choose.
 */
export function freshnessMs(headers: Headers, nowMs: number): number {
  return Math.min(Math.max(statedMs(headers, nowMs), MIN_FRESH_MS), MAX_FRESH_MS)
}

function statedMs(headers: Headers, nowMs: number): number {
  const directives = readDirectives(one(headers['cache-control']))
  if (directives.has('no-store') || directives.has('no-cache')) return 0
  const ageMs = seconds(one(headers['age'])) ?? 0
  const maxAgeMs = seconds(directives.get('s-maxage')) ?? seconds(directives.get('max-age'))
  if (maxAgeMs !== null) return maxAgeMs - ageMs
  const expiresMs = httpDateMs(one(headers['expires']))
  return expiresMs === null ? 0 : expiresMs - (httpDateMs(one(headers['date'])) ?? nowMs) - ageMs
}

/** Of a directive that stands twice the first counts (RFC 9111 §4.2.1). */
function readDirectives(field: string): ReadonlyMap<string, string> {
  const pairs = field.split(',').map((part): [string, string] => {
    const [name = '', value = ''] = part.split('=', 2)
    return [name.trim().toLowerCase(), value.trim().replace(/^"(.*)"$/, '$1')]
  })
  return new Map(pairs.reverse())
}

const one = (field: string | string[] | undefined): string =>
  Array.isArray(field) ? field.join(',') : (field ?? '')

const seconds = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) * 1000 : null

export const MIN_FRESH_MS = 5 * 60_000
export const MAX_FRESH_MS = 24 * 3_600_000
