import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { allPages } from './all-pages.ts'
import { countOf } from './groups.ts'

/** What Maximo cannot compute is read row by row, all of it or nothing. */
const MAX_ROWS = 10_000

export interface RowsWanted {
  readonly objectStructure: string
  /** In words, many of them: `work orders`. */
  readonly what: string
  /** Fields that tell one from all others. */
  readonly key: readonly string[]
  readonly all: readonly Criterion[]
  readonly fields: readonly string[]
  readonly children?: Readonly<Record<string, readonly string[]>>
}

/** Every record, or a problem: a part of them would be a wrong number. */
export async function everyRow(
  { objectStructure, what, key, all, fields, children = {} }: RowsWanted,
  context: ToolContext,
): Promise<Result<readonly MaximoRecord['values'][], ToolProblem>> {
  const total = await countOf(all, context, objectStructure)
  if (!total.ok) return total
  if (total.value > MAX_ROWS) return err(tooMany(total.value, what))
  const select = { fields: [...new Set([...key, ...fields])], children }
  const found = await allPages({ objectStructure, all, select }, MAX_ROWS, context)
  if (!found.ok) return found
  const rows = found.value.records.map(({ values }) => values)
  const distinct = new Set(rows.map((values) => JSON.stringify(key.map((name) => values[name]))))
  // Rows that come or go between two pages shift the others, so that one is read twice or not at all.
  return distinct.size === total.value && rows.length === total.value ? ok(rows) : err(changed(what))
}

const changed = (what: string): ToolProblem => ({
  kind: 'conflict',
  what: `${what.charAt(0).toUpperCase()}${what.slice(1)} changed while they were read, so that not each was read once.`,
  why: null,
  next: 'Call again with the same arguments.',
})

const tooMany = (rows: number, what: string): ToolProblem => ({
  kind: 'too_large',
  what: `${rows.toLocaleString('en')} ${what} would have to be read one by one; at most ${MAX_ROWS.toLocaleString('en')} are.`,
  why: null,
  next: 'Ask for a shorter period, or a smaller part of the plant.',
})
