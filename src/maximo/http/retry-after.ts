import { epochDays } from '../query/instant.ts'

/**
 * Seconds to wait by a `Retry-After` field (RFC 9110 §10.2.3): whole seconds or an IMF-fixdate. Null for anything
 * else; never negative, never above an hour.
 */
export const parseRetryAfter = (field: string | null, nowMs: number): number | null => {
  if (field === null) return null
  const text = field.trim()
  if (/^\d{1,15}$/.test(text)) return Math.min(Number(text), LONGEST_SECONDS)
  const seconds = parseHttpDate(text)
  if (seconds === null) return null
  return Math.min(Math.max(0, Math.ceil(seconds - nowMs / 1000)), LONGEST_SECONDS)
}

const parseHttpDate = (text: string): number | null => {
  const found = FIXDATE.exec(text)
  if (found === null) return null
  const [, day, month = '', year, hour, minute, second] = found
  const monthNumber = MONTHS.indexOf(month) + 1
  if (monthNumber === 0) return null
  const days = epochDays({ year: Number(year), month: monthNumber, day: Number(day) })
  return days * 86_400 + Number(hour) * 3600 + Number(minute) * 60 + Number(second)
}

const LONGEST_SECONDS = 3600
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const FIXDATE =
  /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-3]\d) ([A-Z][a-z]{2}) (\d{4}) ([0-2]\d):([0-5]\d):([0-6]\d) GMT$/
