import { err, ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { ChildChange } from '../../../maximo/write/contract.ts'
import { visible } from '../../tools/result/visible.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import { rowsIn } from '../../tools/result/child-table.ts'
import { isOpposite, isSameValue } from './look-alikes.ts'
import type { FieldChange, PlannedRow, Wanted } from '../plan.ts'
import { problem } from '../problems.ts'

type Children = Extract<Wanted, { readonly op: 'update' }>['children']
type ChildRow = Readonly<Record<string, unknown>>
type ExistingRow = Exclude<PlannedRow, { readonly action: 'add' }>

/** The rows of a plan as the writer takes them, once they were looked up. */
export const writtenRows = (children: Children = {}): Readonly<Record<string, readonly ChildChange[]>> =>
  Object.fromEntries(Object.entries(children).map(([child, rows]) => [child, rows.map(writtenRow)]))

function writtenRow(change: PlannedRow): ChildChange {
  if (change.action === 'add') return change
  const { row, stamp } = change
  if (row === undefined) throw new Error('change: a child row that was not looked up')
  const named = { row, ...(stamp !== undefined && { rowstamp: stamp }) }
  return change.action === 'delete'
    ? { action: 'delete', ...named }
    : { action: 'update', ...named, values: change.values }
}

/** The one row that each change of an existing row means, and what becomes of it, field by field. */
export function resolveRows(
  children: Children,
  record: MaximoRecord,
): Result<{ readonly children: Children; readonly diff: readonly FieldChange[] }, ToolProblem> {
  if (children === undefined) return ok({ children, diff: [] })
  const resolved: Record<string, PlannedRow[]> = {}
  const diff: FieldChange[] = []
  for (const [child, changes] of Object.entries(children)) {
    const rows: PlannedRow[] = []
    for (const change of changes) {
      const one = change.action === 'add' ? ok({ change, diff: [] }) : resolve(child, change, record)
      if (!one.ok) return one
      rows.push(one.value.change)
      diff.push(...one.value.diff)
    }
    const twice = rows.find(
      (row, at) => row.action !== 'add' && rows.some((other, index) => index < at && isSame(row, other)),
    )
    if (twice !== undefined) return err(rowProblem('invalid_input', child, 'is changed twice.'))
    resolved[child] = rows
  }
  return ok({ children: resolved, diff })
}

const isSame = (row: PlannedRow, other: PlannedRow): boolean =>
  row.action !== 'add' && other.action !== 'add' && row.row === other.row

function resolve(
  child: string,
  change: ExistingRow,
  record: MaximoRecord,
): Result<{ readonly change: PlannedRow; readonly diff: readonly FieldChange[] }, ToolProblem> {
  const matching = rowsIn(record.values[child.trim().toLowerCase()]).filter((row) =>
    matches(row, change.match),
  )
  const [found, second] = matching
  if (found === undefined) return err(rowProblem('not_found', child, 'is not there with these values.'))
  if (second !== undefined) return err(rowProblem('ambiguous', child, 'is one of several with these values.'))
  const row = referenceOf(found)
  if (row === null) return err(rowProblem('bad_upstream', child, 'has no name by which it could be changed.'))
  const stamp = typeof found['_rowstamp'] === 'string' ? { stamp: found['_rowstamp'] } : {}
  return ok({ change: { ...change, row, ...stamp }, diff: changesOf(child, change, found) })
}

const matches = (row: ChildRow, match: ExistingRow['match']): boolean =>
  Object.entries(match).every(([field, value]) => {
    const kept = row[field.trim().toLowerCase()] ?? null
    return isSameValue(value, kept) && !isOpposite(value, kept)
  })

/** By what Maximo knows a row again (maximo-api §4.2). */
const referenceOf = (row: ChildRow): string | null => {
  const reference = row['localref'] ?? row['href']
  return typeof reference === 'string' ? reference : null
}

/** The row of this name, as it is now; a `localref` counts rows before the number that stays. */
export const rowNamed = (record: MaximoRecord, child: string, row: string | undefined): ChildRow | null =>
  rowsIn(record.values[child.trim().toLowerCase()]).find((one) => {
    const name = referenceOf(one)
    return name !== null && row !== undefined && (name === row || numberOf(name) === numberOf(row))
  }) ?? null

const numberOf = (reference: string): string => /\/\d+(-\d+)$/.exec(reference)?.[1] ?? reference

function changesOf(child: string, change: ExistingRow, row: ChildRow): readonly FieldChange[] {
  const which = Object.entries(change.match)
    .map(([field, value]) => `${field}=${String(value)}`)
    .join(', ')
  const name = `${child}[${which}]`
  if (change.action === 'delete') return [{ field: name, before: 'exists', after: 'removed' }]
  return Object.entries(change.values).map(([field, after]) => ({
    field: `${name}.${field}`,
    before: scalar(row[field.trim().toLowerCase()]),
    after,
  }))
}

const scalar = (value: unknown): FieldChange['before'] =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null

const rowProblem = (
  kind: 'not_found' | 'ambiguous' | 'bad_upstream' | 'invalid_input',
  child: string,
  what: string,
): ToolProblem =>
  problem(kind, `A row of ${visible(child)} ${what}`, {
    why: 'Nothing was staged and nothing was written.',
    next: 'Read the record with its child rows, and name values that only the row you mean has.',
  })
