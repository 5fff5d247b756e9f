import type { Proposal } from './proposal.ts'
import type { PlannedRecord } from './plan.ts'
import type { ReportedRecord } from './report.ts'
import { METERS } from './risk.ts'

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
  const { wanted, at, diff } = planned
  switch (wanted.op) {
    case 'create':
      return madeId === null || !CANCELLED.has(wanted.object)
        ? none('A new record of this kind is not taken back; delete it in Maximo if it should go.')
        : proposal({ op: 'status', object: wanted.object, record: madeId, status: 'CAN' })
    case 'update':
      if (METERS.has(wanted.object)) return none('Readings stay: Maximo counts with them.')
      if (Object.keys(wanted.children ?? {}).length > 0)
        return none('Rows that were added stay: Maximo keeps them as history.')
      return at === null
        ? none(NO_PLACE)
        : proposal({
            ...{ op: 'update', object: wanted.object, record: at.id },
            values: Object.fromEntries(diff.map(({ field, before }) => [field, before])),
          })
    case 'status': {
      const before = diff.find(({ field }) => field === 'status')?.before
      return at === null || typeof before !== 'string'
        ? none(NO_PLACE)
        : proposal({ op: 'status', object: wanted.object, record: at.id, status: before })
    }
    case 'action': {
      const before = diff.find(({ field }) => field === 'location')?.before
      return wanted.method === 'moveSingleAsset' && at !== null && typeof before === 'string'
        ? proposal({ ...wanted, record: at.id, parameters: { newlocation: before } })
        : none('What this method of Maximo did has no opposite.')
    }
    case 'delete':
      return none('A deleted record is gone.')
    case 'answer':
      return none('An answer to a workflow is final.')
    case 'attach':
      return none('An attachment is removed in Maximo.')
  }
}

/** Whether a planned record could be put back at all: said before it is written. */
export const isUndoable = (planned: PlannedRecord): boolean =>
  inverseOf({ planned, madeId: 'made' }).kind === 'proposal'

export const isWritten = ({ outcome }: ReportedRecord): boolean => outcome === 'written'

const none = (why: string): Inverse => ({ kind: 'none', why })
const proposal = (one: Proposal): Inverse => ({ kind: 'proposal', proposal: one })
const NO_PLACE = 'It is not known what it was before.'
/** Objects whose new records can be cancelled by a status. */
const CANCELLED: ReadonlySet<string> = new Set(['MXAPIWODETAIL', 'MXAPIPR'])
