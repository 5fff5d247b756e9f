import { BmxError } from '../errors.ts'
import type { JsonObject } from '../render/json.ts'
import { COMPARISONS } from '../where/parse-where.ts'

/**
 * `gbfilter`: the text of a SQL HAVING, `siteid='BEDFORD' and count(*)>5`. Texts stand in single quotes; only `and`.
 *
 * @throws BmxError when it cannot be parsed or names a column that is not grouped.
 */
export function parseGroupFilter(text: string, columns: ReadonlySet<string>): (group: JsonObject) => boolean {
  const terms = text.split(/\s+and\s+/i).map((term) => parseTerm(term, columns))
  return (group) => terms.every((term) => term(group))
}

const TERM = /^\s*(\w+)(?:\((\*|\w+)\))?\s*(!=|<>|>=|<=|=|>|<)\s*(?:'((?:[^']|'')*)'|(-?\d+(?:\.\d+)?))\s*$/

function parseTerm(term: string, columns: ReadonlySet<string>): (group: JsonObject) => boolean {
  const [, name, argument, operator = '', quoted, digits] = TERM.exec(term) ?? []
  if (name === undefined) throw badFilter(`"${term}" cannot be parsed`)
  const column = columnOf(name.toLowerCase(), argument?.toLowerCase())
  if (!columns.has(column)) throw badFilter(`${column} is not among the group columns`)
  const wanted = quoted === undefined ? Number(digits) : quoted.replaceAll("''", "'")
  const comparison = COMPARISONS.find((known) => known === operator.replace('<>', '!=')) ?? '='
  return (group) => holds(group[column], comparison, wanted)
}

const columnOf = (name: string, argument: string | undefined): string =>
  argument === undefined || argument === '*' ? name : `${name}_${argument}`

function holds(value: unknown, operator: (typeof COMPARISONS)[number], wanted: string | number): boolean {
  if (typeof value !== 'string' && typeof value !== 'number') return false
  const tests = {
    '=': value === wanted,
    '!=': value !== wanted,
    '>': value > wanted,
    '>=': value >= wanted,
    '<': value < wanted,
    '<=': value <= wanted,
  }
  return tests[operator]
}

const badFilter = (why: string): BmxError =>
  new BmxError(400, 'BMXAA8744E', `The group filter is not valid: ${why}.`)
