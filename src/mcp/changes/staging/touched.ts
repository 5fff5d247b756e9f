import type { WriteValues } from '../../../maximo/write/contract.ts'
import { actionOf } from '../actions.ts'
import type { OfExisting, PlannedRow, Wanted } from '../plan.ts'

type RowsOf<Row> = readonly (readonly [child: string, rows: readonly Row[]])[]

/** What becomes of rows of child objects. */
export function changedChildren(wanted: Wanted): RowsOf<PlannedRow> {
  if (wanted.op === 'update' || wanted.op === 'create') return Object.entries(wanted.children ?? {})
  return addedChildren(wanted).map(([child, rows]) => [
    child,
    rows.map((values) => ({ action: 'add', values: { ...values } })),
  ])
}

/** Rows that it will add to child objects. */
export function addedChildren(wanted: Wanted): RowsOf<WriteValues> {
  if (wanted.op === 'update' || wanted.op === 'create')
    return Object.entries(wanted.children ?? {}).flatMap(([child, rows]) => {
      const added = rows.flatMap((row) => (row.action === 'add' ? [row.values] : []))
      return added.length === 0 ? [] : [[child, added] as const]
    })
  const adds = wanted.op === 'action' ? (wanted.leaves ?? actionOf(wanted)?.adds) : undefined
  return adds === undefined ? [] : [[adds.child, [adds.values]]]
}

/** Fields that it changes. */
export function fieldsOf(wanted: OfExisting): readonly string[] {
  switch (wanted.op) {
    case 'update':
      return Object.keys(wanted.values).flatMap((name) => [name.trim().toLowerCase(), keptAs(name)])
    case 'status':
      return ['status']
    case 'action':
      return Object.keys(actionOf(wanted)?.sets?.(wanted.parameters) ?? {})
    case 'answer':
      return ['assignstatus', 'processname', 'assigncode']
    case 'delete':
    case 'attach':
      return ['status']
  }
}

/** The field in which Maximo keeps what is written into another: a new reading lives only while it is saved. */
export const keptAs = (name: string): string =>
  KEPT_AS[name.trim().toLowerCase()] ?? name.trim().toLowerCase()
const KEPT_AS: Readonly<Record<string, string>> = {
  newreading: 'lastreading',
  newreadingdate: 'lastreadingdate',
}
