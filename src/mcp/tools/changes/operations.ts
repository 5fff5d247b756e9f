import type { PlannedRow } from '../../changes/plan.ts'
import type { Proposal } from '../../changes/staging/proposal.ts'
import type { Operation } from './plan-change.ts'

type Update = Extract<Proposal, { readonly op: 'update' }>

/** Operations as proposals; what is wanted of one record, fields and rows, is one update. Their input was checked. */
export function proposalsOf(operations: readonly Operation[]): readonly Proposal[] {
  const proposals: Proposal[] = []
  for (const operation of operations) {
    const proposal = proposalOf(operation)
    const place = proposals.findIndex((other) => isSameUpdate(other, proposal))
    const earlier = proposals[place]
    if (earlier?.op === 'update' && proposal.op === 'update') proposals[place] = merged(earlier, proposal)
    else proposals.push(proposal)
  }
  return proposals
}

function proposalOf(operation: Operation): Proposal {
  const { op, object, id = '', values = {}, status = '', memo, expect_rowstamp: expected } = operation
  const place = { object, record: id, ...(expected !== undefined && { expected }) }
  switch (op) {
    case 'create':
      return { op, object, values }
    case 'update':
      return { op, ...place, values }
    case 'status':
      return { op, ...place, status, ...(memo !== undefined && { memo }) }
    case 'add_child':
    case 'update_child':
    case 'remove_child':
      return { op: 'update', ...place, values: {}, children: { [childOf(operation)]: [rowOf(operation)] } }
    case 'delete':
      return { op, ...place }
  }
}

const childOf = ({ child = '' }: Operation): string => child.trim().toLowerCase()

function rowOf({ op, row: match = {}, values = {} }: Operation): PlannedRow {
  if (op === 'add_child') return { action: 'add', values }
  return op === 'remove_child' ? { action: 'delete', match } : { action: 'update', match, values }
}

/** A value that two of them give differently stays two, and is refused. */
const isSameUpdate = (left: Proposal, right: Proposal): boolean =>
  left.op === 'update' &&
  right.op === 'update' &&
  left.object.trim().toUpperCase() === right.object.trim().toUpperCase() &&
  left.record.trim() === right.record.trim() &&
  left.expected === right.expected &&
  !Object.keys(left.values).some((name) => name in right.values)

function merged(left: Update & Proposal, right: Update & Proposal): Proposal {
  const children = { ...left.children }
  for (const [child, rows] of Object.entries(right.children ?? {}))
    children[child] = [...(children[child] ?? []), ...rows]
  return {
    ...left,
    values: { ...left.values, ...right.values },
    ...(Object.keys(children).length > 0 && { children }),
  }
}
