import { ok, type Result } from '../../../kernel/result.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { Meanings } from '../lists/states.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolContext } from '../tool.ts'
import { findByNumber, type ByNumber } from './find-by-number.ts'

/** Statuses whose state `active` says which of several revisions is in force. */
export type ActiveRevision = Pick<Meanings, 'domain' | 'internal'>

interface FoundRevision {
  readonly record: MaximoRecord
  readonly notes: readonly string[]
}

/** The revision that was named; of what has none, the record; else the latest revision. */
export async function findNamed(
  asked: ByNumber,
  context: ToolContext,
): Promise<Result<FoundRevision, ToolProblem>> {
  const found = await findByNumber(asked, context)
  return found.ok ? ok({ record: found.value, notes: [] }) : found
}

/** The active revision, since a later one may be a draft; the latest where none is known to be active. Which is said. */
export async function findActive(
  asked: ByNumber,
  active: ActiveRevision,
  context: ToolContext,
): Promise<Result<FoundRevision, ToolProblem>> {
  const states = await statusValues(active, 'active', context)
  const isKnown = states.ok && asked.schema.fields.has('status')
  if (isKnown && states.value.length > 0) {
    const besides = [...(asked.besides ?? []), { field: 'status', op: 'in' as const, value: states.value }]
    const found = await findByNumber({ ...asked, besides }, context)
    if (found.ok) return ok({ record: found.value, notes: [ACTIVE] })
    if (found.error.kind !== 'not_found') return found
  }
  const latest = await findByNumber(asked, context)
  return latest.ok ? ok({ record: latest.value, notes: [isKnown ? NONE_ACTIVE : NOT_KNOWN] }) : latest
}

const ACTIVE = 'This is the active revision; "revision" names another.'
const NONE_ACTIVE = 'No revision is active: this is the latest.'
const NOT_KNOWN =
  'Which revision is active is not known, since the status list cannot be read: this is the latest.'
