import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'

/**
 * The one door by which text from outside enters a clause. IBM documents no escape inside a quoted value, so what
 * could end the value, or means something else inside the quotes, is refused; everything else is literal.
 * @returns the quoted literal, or a sentence about what stands in the way.
 */
export const quoteText = (text: string): Result<string, string> => {
  if (HARMLESS.test(text)) return ok(`"${text}"`)
  const objection = objectionTo(text) ?? specialIn(text)
  return objection === null ? ok(`"${text}"`) : err(objection)
}

/** A value of an `in [...]` list, where nothing is a wildcard: `50%`, `*` and `[A,B]` are taken as they are. */
export const quoteListed = (text: string): Result<string, string> => {
  const objection = HARMLESS.test(text) ? null : objectionTo(text)
  return objection === null ? ok(`"${text}"`) : err(objection)
}

/** Plain text inside a pattern: wildcards before and after are ours, wildcards in the text are refused. */
export const quotePart = (text: string, before: '' | '%', after: '' | '%'): Result<string, string> => {
  const quoted = quoteText(text)
  if (!quoted.ok) return quoted
  return ok(`"${before}${text}${after}"`)
}

/** A pattern of the caller's own: `%` stands for any text. */
export const quotePattern = (text: string): Result<string, string> => {
  const objection = objectionTo(text) ?? specialIn(text.replaceAll('%', ''))
  if (objection !== null) return err(objection)
  if (/^%*$/.test(text)) return err('A pattern needs some text beside “%”; use notnull to ask for any value.')
  return ok(`"${text}"`)
}

/** Invariant form: no exponent, no grouping, at most 15 significant digits (what survives a double). */
export const renderNumber = (value: number): Result<string, string> => {
  const text = String(value)
  if (!Number.isFinite(value) || text.includes('e')) return err('The number is too large or too small.')
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER) return err('The number is too large to be exact.')
  return ok(Object.is(value, -0) ? '0' : text)
}

const objectionTo = (text: string): string | null => {
  if (text === '') return 'The value is empty; use the operator null to ask for records without a value.'
  if (text.length > MAX_TEXT) return `The value is longer than ${MAX_TEXT} characters.`
  if (text.includes('"')) return 'Maximo documents no way to search for a double quote; leave it out.'
  // OSLC servers may read a backslash as an escape (SPARQL strings): then it could swallow the closing quote.
  if (text.includes('\\')) return 'Maximo documents no way to search for a backslash; leave it out.'
  if (UNPRINTABLE.test(text)) return 'The value has control characters or broken Unicode.'
  if (BIND_TOKEN.test(text)) return 'A word between two “&” is a variable in Maximo; leave the “&” out.'
  return null
}

/** What means something else behind `=` or `!=`; no escape is documented. */
const specialIn = (text: string): string | null => {
  if (text.trim() === '*') return '“*” alone means “any value” in Maximo; use the operator notnull.'
  if (LIST.test(text)) return 'A text in square brackets is a list in Maximo; use the operators eq or in.'
  if (text.includes('%'))
    return '“%” is a wildcard in Maximo; only eq and in take it literally. Use like, or leave it out.'
  return null
}

const MAX_TEXT = 1000
/** Most values by far; nothing in it can mean anything to anybody. */
const HARMLESS = /^[A-Za-z0-9 ._:+-]{1,200}$/
/** Controls (C0, DEL, C1), line and paragraph separators, lone surrogates, noncharacters that end strings in C. */
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\uFFFE\uFFFF]/u
/** `"[A,B]"` is NOT IN behind `!=`. */
const LIST = /^\s*\[.*\]\s*$/su
/** `&SYSDATE&`, `&USERNAME&`: the server puts a value in its place. */
const BIND_TOKEN = /&\s*[\p{L}_][\p{L}\p{N}_]*\s*&/u
