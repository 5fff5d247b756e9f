import type { Proposal } from './proposal.ts'
import type { PlannedRecord } from '../plan.ts'
import type { ReportedRecord } from '../report.ts'
import { isReadingOf } from './risk.ts'

/** How a written record is put back, or why it cannot be. */
export type Inverse =
  { readonly kind: 'proposal'; readonly proposal: Proposal } | { readonly kind: 'none'; readonly why: string }

interface Written {
  readonly planned: PlannedRecord
  /** Resource id of a record that it made. */
  readonly madeId: string | null
}

/**
 * The change that takes one back, as far as there is one. It is staged, checked and approved like any other; what others
 * did in between shows in its diff.
 */
export function inverseOf({ planned, madeId }: Written): Inverse {
  const { wanted } = planned
  switch (wanted.op) {
    case 'create':
      return madeId === null || !isCancelled(planned)
        ? none('A new record of this kind is not taken back; delete it in Maximo if it should go.')
        : proposal({ op: 'status', object: wanted.object, record: madeId, status: 'CAN' })
    case 'update':
      return updateBack(wanted, planned)
    case 'status':
      return statusBack(wanted, planned)
    case 'action':
      return moveBack(wanted, planned)
    case 'delete':
    case 'answer':
    case 'attach':
      return none(FINAL[wanted.op])
  }
}

const FINAL = {
  delete: 'A deleted record is gone.',
  answer: 'An answer to a workflow is final.',
  attach: 'An attachment is removed in Maximo.',
} as const

type Of<Op extends PlannedRecord['wanted']['op']> = Extract<PlannedRecord['wanted'], { readonly op: Op }>

function updateBack({ object, children = {} }: Of<'update'>, planned: PlannedRecord): Inverse {
  const { at, diff } = planned
  if (isReadingOf(planned.wanted)) return none('Readings stay: Maximo counts with them.')
  if (Object.keys(children).length > 0)
    return none('Rows that were added stay: Maximo keeps them as history.')
  if (at === null) return none(NO_PLACE)
  const values = Object.fromEntries(diff.map(({ field, before }) => [field, before]))
  return proposal({ op: 'update', object, record: at.id, values })
}

function statusBack({ object }: Of<'status'>, { at, diff }: PlannedRecord): Inverse {
  const before = diff.find(({ field }) => field === 'status')?.before
  return at === null || typeof before !== 'string'
    ? none(NO_PLACE)
    : proposal({ op: 'status', object, record: at.id, status: before })
}

function moveBack(wanted: Of<'action'>, { at, diff }: PlannedRecord): Inverse {
  const before = diff.find(({ field }) => field === 'location')?.before
  return wanted.method === 'moveSingleAsset' && at !== null && typeof before === 'string'
    ? proposal({ ...wanted, record: at.id, parameters: { newlocation: before } })
    : none('What this method of Maximo did has no opposite.')
}

/** Whether a planned record could be put back at all: said before it is written. */
export const isUndoable = (planned: PlannedRecord): boolean =>
  inverseOf({ planned, madeId: 'made' }).kind === 'proposal'

export const isWritten = ({ outcome }: ReportedRecord): boolean => outcome === 'written'

const none = (why: string): Inverse => ({ kind: 'none', why })
const proposal = (one: Proposal): Inverse => ({ kind: 'proposal', proposal: one })
const NO_PLACE = 'It is not known what it was before.'

/** By the business object: any structure may be built on it, and be called anything. */
const isCancelled = ({ writesTo = [] }: PlannedRecord): boolean => CANCELLED.has(writesTo[0] ?? '')
/** Business objects whose new records can be cancelled by a status. */
const CANCELLED: ReadonlySet<string> = new Set(['WORKORDER', 'PR'])
