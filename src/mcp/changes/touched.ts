import type { WriteValues } from '../../maximo/write/contract.ts'
import { actionOf } from './actions.ts'
import type { OfExisting, Wanted } from './plan.ts'

/** Rows that it will add to child objects. */
export function addedChildren(
  wanted: Wanted,
): readonly (readonly [child: string, rows: readonly WriteValues[]])[] {
  if (wanted.op === 'update' || wanted.op === 'create')
    return Object.entries(wanted.children ?? {}).map(([child, rows]) => [
      child,
      rows.map(({ values }) => values),
    ])
  const adds = wanted.op === 'action' ? actionOf(wanted)?.adds : undefined
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
