import { z } from 'zod'
import { ok, type Result } from '../../../kernel/result.ts'
import type { Proposal } from '../../changes/staging/proposal.ts'
import type { StageRequest } from '../../changes/staging/stage.ts'
import { changeOutput, planAnswer } from '../changes/change-text.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type Tool, type ToolContext, type ToolFacts } from '../tool.ts'
import { reason } from './inputs.ts'

/** What a staging tool makes of its arguments. */
export type Staged = Pick<StageRequest, 'isFromUntrusted' | 'notes'> & {
  readonly proposals: readonly Proposal[]
}

interface StagingSpec<Shape extends z.ZodRawShape> extends Pick<
  ToolFacts,
  'name' | 'title' | 'toolset' | 'isOnRequest' | 'objectStructure' | 'objects'
> {
  /** What it does, without saying that it only stages. */
  readonly does: string
  readonly scopes?: ToolFacts['scopes']
  readonly risk?: ToolFacts['risk']
  readonly input: Shape
  readonly proposals: (
    input: z.output<z.ZodObject<Shape>>,
    context: ToolContext,
  ) => Staged | Promise<Result<Staged, ToolProblem>>
}

/** A tool that plans a change and writes nothing: data, and what it makes of its arguments. */
export function stagingTool<Shape extends z.ZodRawShape>(spec: StagingSpec<Shape>): Tool {
  const { does, proposals, input, scopes = ['maximo:write'], risk = 'medium', ...said } = spec
  const facts = { ...said, scopes, risk, isOnRequest: true as const, effect: 'stage' as const, costUnits: 1 }
  return defineTool({
    ...facts,
    description: `${does} Stages a change; commit_change writes it.`,
    reachesOutside: true,
    input: z.strictObject({ ...input, reason }),
    output: changeOutput,
    picture: 'change-review',
    async run(all, context) {
      const { reason: why, ...rest } = all as { readonly reason: string }
      // The shape of `rest` is the one that the spec was typed with.
      const made = await proposals(rest as z.output<z.ZodObject<Shape>>, context)
      const staged = 'ok' in made ? made : ok(made)
      if (!staged.ok) return staged
      const plan = await context.changes.stage({ tool: { ...facts }, reason: why, ...staged.value }, context)
      return plan.ok ? ok(planAnswer(plan.value, context, { isAgreed: false })) : plan
    },
  })
}
