import type { CallSignal } from '../../../kernel/call-signal.ts'
import type { Refusal } from '../../admission/refusal.ts'
import type { ToolAccess } from '../access/tool-access.ts'
import type { Asking, Elicitation } from './asking.ts'
import type { Progress } from './progress.ts'
import { runWork, type WorkRunner } from './run-work.ts'
import { problemText } from '../problem/tool-problem.ts'
import type { ResourceLink, Tool } from '../tool.ts'

export interface ToolCall {
  readonly tool: Tool
  readonly args: unknown
  readonly access: ToolAccess
  readonly asking: Asking
  /** Absent: nobody asked how far the call is. */
  readonly progress?: Progress | undefined
  /** Aborted with `CallEnded` when the client is gone or the call took too long. */
  readonly signal: CallSignal
}

export type CallOutcome =
  | {
      readonly kind: 'answered'
      readonly text: string
      readonly isError: boolean
      readonly links?: readonly ResourceLink[]
    }
  /** The person at the client is asked; the call is made again with the answer. */
  | { readonly kind: 'asks'; readonly ask: Elicitation }
  | { readonly kind: 'refused'; readonly refusal: Refusal }
  /** Nobody is there to read an answer. */
  | { readonly kind: 'abandoned' }

/** One tool call, whole. Never throws: a problem becomes an error text with an id. */
export async function runTool(call: ToolCall, runner: WorkRunner): Promise<CallOutcome> {
  const prepared = call.tool.prepare(call.args)
  const outcome = await runWork({ ...call, action: 'tools/call', prepared }, runner)
  if (outcome.kind !== 'done') return outcome
  const { result } = outcome
  if (!result.ok) {
    const text = problemText(result.error, call.access.caller.request.correlationId)
    return { kind: 'answered', text, isError: true }
  }
  const { ask, text, links } = result.value
  if (ask !== undefined) return { kind: 'asks', ask }
  return { kind: 'answered', text, isError: false, ...(links !== undefined && { links }) }
}
