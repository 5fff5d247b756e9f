import type { CallSignal } from '../../../kernel/call-signal.ts'
import { ok } from '../../../kernel/result.ts'
import { visible } from '../../tools/result/visible.ts'
import type { ToolAccess } from '../../tools/access/tool-access.ts'
import { runWork, type WorkOutcome, type WorkRunner } from '../../tools/run/run-work.ts'
import type { ToolFacts } from '../../tools/tool.ts'
import type { Complete, Values } from '../resource.ts'
import { MAX_VALUES } from './rank.ts'

/** What is completed, for whom. */
export interface Completing {
  /** Who may complete is who may call this tool. */
  readonly tool: ToolFacts
  readonly complete: Complete
  readonly typed: string
  /** The other values so far. */
  readonly given: Values
  readonly access: ToolAccess
  readonly signal: CallSignal
}

export interface Completion {
  readonly values: readonly string[]
  /** Of all that fit. */
  readonly total: number
  readonly hasMore: boolean
  readonly recordCount: number
}

/**
 * `completion/complete`, whole. It asks with the rights of a tool call, so it proposes nothing that a call would not
 * show. It costs no quota, since people type, and has a rate of its own, so that it is no cheaper way to read.
 */
export const completeValues = (
  { tool, complete, typed, given, access, signal }: Completing,
  runner: WorkRunner,
): Promise<WorkOutcome<Completion>> =>
  runWork(
    {
      action: 'completion/complete',
      tool: { ...tool, name: COMPLETION, costUnits: 0 },
      args: given,
      prepared: ok(async (context) => {
        const found = await complete(typed.slice(0, MAX_TYPED), given, context)
        // What hides something in it is no value to put into an address or a prompt.
        const all = found.filter((value) => visible(value) === value)
        const values = all.slice(0, MAX_VALUES)
        const hasMore = values.length < all.length
        return ok({ values, total: all.length, hasMore, recordCount: values.length })
      }),
      access,
      signal,
      asking: { canElicit: false, reply: null },
    },
    runner,
  )

/** By which limits and records know completions. */
const COMPLETION = 'completion'
const MAX_TYPED = 200
