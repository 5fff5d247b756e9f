import { BmxError } from '../errors.ts'

export type TokenKind = 'name' | 'text' | 'number' | 'operator' | 'mark' | 'end'

export interface Token {
  readonly kind: TokenKind
  /** The value: a text without its quotes, everything else as written. */
  readonly value: string
  /** As it stands in the clause, for error messages. */
  readonly image: string
  /** Offset of the first character. */
  readonly at: number
  /** Whether a blank stands before it. */
  readonly afterBlank: boolean
}

const BLANK = /\s*/y
const NAME = /(?:spi:)?[A-Za-z_][A-Za-z0-9_]*/y
const NUMBER = /-?\d+(?:\.\d+)?/y
const OPERATOR = /!=|>=|<=|=|>|</y
const MARKS = '[]{},.'

/**
 * Reads the token at or after an offset. A text ends at the next double quote: no way to escape one is known.
 *
 * @throws BmxError BMXAA8744E with the position of a character that starts no token.
 */
export function nextToken(clause: string, offset: number): Token {
  const blanks = lengthAt(BLANK, clause, offset)
  return readToken(clause, offset + blanks, blanks > 0)
}

function readToken(clause: string, at: number, afterBlank: boolean): Token {
  const character = clause.charAt(at)
  if (character === '') return { kind: 'end', value: '', image: '<EOF>', at, afterBlank }
  if (character === '"') return readText(clause, at, afterBlank)
  if (MARKS.includes(character)) return { kind: 'mark', value: character, image: character, at, afterBlank }
  for (const [kind, pattern] of PATTERNS) {
    const image = clause.slice(at, at + lengthAt(pattern, clause, at))
    if (image !== '') return { kind, value: image, image, at, afterBlank }
  }
  throw syntaxError(clause, { at, image: character }, 'an attribute name')
}

const PATTERNS = [
  ['name', NAME],
  ['number', NUMBER],
  ['operator', OPERATOR],
] as const

function readText(clause: string, at: number, afterBlank: boolean): Token {
  const end = clause.indexOf('"', at + 1)
  if (end === -1) throw syntaxError(clause, { at: clause.length, image: '<EOF>' }, 'a closing quote')
  return { kind: 'text', value: clause.slice(at + 1, end), image: clause.slice(at, end + 1), at, afterBlank }
}

function lengthAt(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at
  return pattern.exec(text)?.[0].length ?? 0
}

/** The parser's complaint, with a line and column that count from one. */
export function syntaxError(
  clause: string,
  found: { readonly at: number; readonly image: string },
  expected: string,
): BmxError {
  const before = clause.slice(0, found.at).split('\n')
  const column = (before.at(-1)?.length ?? 0) + 1
  return new BmxError(
    400,
    'BMXAA8744E',
    `The query cannot be parsed. Encountered "${found.image}" at line ${before.length}, column ${column}. ` +
      `Was expecting ${expected}.`,
  )
}
