/** A clause as a reader of the wire sees it: written from the grammar of the reference, not from the compiler. */
export interface SplitClause {
  readonly attribute: string
  readonly operator: string
  /** Quoted ones keep their quotes. */
  readonly values: readonly string[]
}

/**
 * Splits a where text into clauses the way a strict server must: character by character, a double quote opens and
 * closes a value and nothing else does. Throws on anything that is not exactly `clause (and clause)*`.
 */
export const splitWhere = (text: string): readonly SplitClause[] => {
  let at = 0
  const rest = () => text.slice(at)
  const take = (pattern: RegExp): string => {
    const found = pattern.exec(rest())
    if (found?.index !== 0)
      throw new Error(`unexpected text at ${at}: ${JSON.stringify(rest().slice(0, 20))}`)
    at += found[0].length
    return found[0]
  }
  const value = (): string => {
    if (text[at] !== '"') return take(/^-?\d+(\.\d+)?/)
    const end = text.indexOf('"', at + 1)
    if (end < 0) throw new Error('a value does not end')
    const quoted = text.slice(at, end + 1)
    at = end + 1
    return quoted
  }
  const list = (): string[] => {
    take(/^\[/)
    const values = [value()]
    while (text[at] === ',') {
      at += 1
      values.push(value())
    }
    take(/^\]/)
    return values
  }
  const clauses: SplitClause[] = []
  for (;;) {
    const attribute = take(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?/)
    const operator = take(/^( in |!=|>=|<=|=|>|<)/).trim()
    clauses.push({ attribute, operator, values: operator === 'in' ? list() : [value()] })
    if (at === text.length) return clauses
    take(/^ and /)
  }
}
