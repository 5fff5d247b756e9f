import { HIDDEN, visible } from './hidden-characters.ts'

export { visible } from './hidden-characters.ts'

/** What `JSON.stringify` makes of the hidden characters that it escapes, and those that it leaves alone. */
const SUSPECT = /\\u[0d]|\\[bfr]/

/**
 * Serialises a value from Maximo with all its text made visible. One look at the finished line decides: nearly every
 * record is clean and is serialised once.
 */
export function visibleJson(value: unknown): string {
  const line = JSON.stringify(value)
  if (isPlain(line)) return line
  return SUSPECT.test(line) || HIDDEN.test(line) ? JSON.stringify(value, cleaned) : line
}

/**
 * Printable ASCII without a backslash: what nearly every record is, and what no rule above can match. Controls below
 * U+0020 are escaped in JSON, so they show as a backslash. Three searches cost a quarter of one pattern.
 */
const isPlain = (line: string): boolean =>
  !line.includes('\\') && !line.includes('\x7f') && Buffer.byteLength(line) === line.length

/** A replacer for `JSON.stringify`; keys come from Maximo too. */
function cleaned(_key: string, value: unknown): unknown {
  if (typeof value === 'string') return visible(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [visible(key), inner]))
}
