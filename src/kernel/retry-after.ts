import { httpDateMs } from './clock.ts'

/**
 * Seconds to wait by a `Retry-After` field (RFC 9110 §10.2.3): whole seconds or an IMF-fixdate. Null for anything
 * else; never negative, never above an hour.
 */
export const parseRetryAfter = (field: string | null, nowMs: number): number | null => {
  if (field === null) return null
  const text = field.trim()
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text), LONGEST_SECONDS)
  const dateMs = httpDateMs(text)
  if (dateMs === null) return null
  return Math.min(Math.max(0, Math.ceil((dateMs - nowMs) / 1000)), LONGEST_SECONDS)
}

const LONGEST_SECONDS = 3600
