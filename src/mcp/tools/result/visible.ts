/**
 * Characters that hide, reorder or forge text: C0 and C1 controls (but tab and line feed), zero-width and joining
 * marks, bidirectional controls, line separators, interlinear annotations, variation selectors beyond the first 16,
 * the tag block, and surrogates without a partner.
 */
const HIDDEN =
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\u{e0000}-\u{e0fff}]|\p{Surrogate}/u

const HIDDEN_ALL = new RegExp(HIDDEN.source, 'gu')

/** What `JSON.stringify` makes of the hidden characters that it escapes, and those that it leaves alone. */
const SUSPECT = /\\u[0d]|\\[bfr]/

/** The same text with every hidden character written as `⟦U+202E⟧`, so that a reader and a model see that it is there. */
export function visible(text: string): string {
  return HIDDEN.test(text) ? text.replace(HIDDEN_ALL, marked) : text
}

const marked = (hidden: string): string =>
  `⟦U+${(hidden.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}⟧`

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
