import { nextToken, syntaxError, type Token } from './tokens.ts'

export const COMPARISONS = ['=', '!=', '>', '>=', '<', '<='] as const
export type Comparison = (typeof COMPARISONS)[number]

export type Literal =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'boolean'; readonly value: boolean }

/** One condition. `path` is relations, then an attribute; of a nested term, relations alone. */
export type Term =
  | {
      readonly kind: 'compare'
      readonly path: Path
      readonly operator: Comparison
      readonly literal: Literal
    }
  | { readonly kind: 'in'; readonly path: Path; readonly literals: readonly Literal[] }
  | { readonly kind: 'nested'; readonly path: Path; readonly terms: readonly Term[] }

export type Path = readonly string[]

/**
 * Parses `oslc.where`: terms joined by `and`, and nothing else (maximo-api §2.2). Parentheses, `or`, single quotes and
 * SQL are errors with their position.
 *
 * @param blanksInLists `in ["A", "B"]` with a blank is refused unless set.
 * @throws BmxError BMXAA8744E.
 */
export function parseWhere(clause: string, blanksInLists = false): Term[] {
  const parser = new WhereParser(clause, blanksInLists)
  return parser.parse()
}

class WhereParser {
  readonly #clause: string
  readonly #blanksInLists: boolean
  /** The token to be read next; what comes after it is not looked at, so the first mistake is the one reported. */
  #token: Token

  constructor(clause: string, blanksInLists: boolean) {
    this.#clause = clause
    this.#blanksInLists = blanksInLists
    this.#token = nextToken(clause, 0)
  }

  parse(): Term[] {
    const terms = this.#terms()
    if (this.#peek().kind !== 'end') throw this.#unexpected('"and" or the end of the query')
    return terms
  }

  #terms(): Term[] {
    const terms = [this.#term()]
    while (this.#peek().kind === 'name' && this.#peek().value === 'and') {
      this.#take()
      terms.push(this.#term())
    }
    return terms
  }

  #term(): Term {
    const path = this.#path()
    const token = this.#peek()
    if (token.value === '{' && token.kind === 'mark') return this.#nested(path)
    if (token.value === 'in' && token.kind === 'name') return this.#in(path)
    if (token.kind !== 'operator') throw this.#unexpected('a comparison, "in" or "{"')
    this.#take()
    const operator = COMPARISONS.find((known) => known === token.value) ?? '='
    return { kind: 'compare', path, operator, literal: this.#literal() }
  }

  #path(): Path {
    const path = [this.#name()]
    while (this.#isMark('.')) {
      this.#take()
      path.push(this.#name())
    }
    return path
  }

  #name(): string {
    const token = this.#peek()
    if (token.kind !== 'name' || RESERVED.has(token.value)) throw this.#unexpected('an attribute name')
    return this.#take().value.replace(/^spi:/, '').toLowerCase()
  }

  #nested(path: Path): Term {
    this.#take()
    const terms = this.#terms()
    this.#expect('}')
    return { kind: 'nested', path, terms }
  }

  #in(path: Path): Term {
    this.#take()
    this.#expect('[')
    const literals = [this.#listed()]
    while (this.#isMark(',')) {
      this.#refuseBlank()
      this.#take()
      literals.push(this.#listed())
    }
    this.#refuseBlank()
    this.#expect(']')
    return { kind: 'in', path, literals }
  }

  #listed(): Literal {
    this.#refuseBlank()
    return this.#literal()
  }

  #refuseBlank(): void {
    const token = this.#peek()
    if (this.#blanksInLists || !token.afterBlank) return
    throw syntaxError(this.#clause, { at: token.at - 1, image: ' ' }, 'a list without blanks')
  }

  #literal(): Literal {
    const { kind, value } = this.#peek()
    if (kind === 'text') return { kind: 'text', value: this.#take().value }
    if (kind === 'number') return { kind: 'number', value: Number(this.#take().value) }
    if (kind !== 'name' || (value !== 'true' && value !== 'false')) throw this.#unexpected('a value')
    return { kind: 'boolean', value: this.#take().value === 'true' }
  }

  #expect(mark: string): void {
    if (!this.#isMark(mark)) throw this.#unexpected(`"${mark}"`)
    this.#take()
  }

  #isMark(mark: string): boolean {
    const token = this.#peek()
    return token.kind === 'mark' && token.value === mark
  }

  #peek(): Token {
    return this.#token
  }

  #take(): Token {
    const token = this.#token
    this.#token = nextToken(this.#clause, token.at + token.image.length)
    return token
  }

  #unexpected(expected: string): Error {
    return syntaxError(this.#clause, this.#peek(), expected)
  }
}

const RESERVED = new Set(['and', 'or', 'in', 'true', 'false', 'like', 'not', 'between'])
