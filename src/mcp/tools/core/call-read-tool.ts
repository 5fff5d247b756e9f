import { z } from 'zod'
import { err } from '../../../kernel/result.ts'
import { withheldSentence } from '../access/withheld.ts'
import { calledHere } from '../catalog/peer-names.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { plainOutput } from '../result/outputs.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext, READS_MAXIMO } from '../tool.ts'

const isRecord = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** What a tool that calls others takes. */
export const callInput = z.strictObject({
  tool: z.string().min(1).max(80),
  arguments: z
    .unknown()
    .refine((value) => value === undefined || isRecord(value), 'must be an object')
    .meta({ type: 'object' })
    .optional(),
})

/** `resolveCall` has gone past this one to the tool behind it; whatever arrives here names none that it may call. */
export const callReadTool = defineTool({
  name: 'call_read_tool',
  title: 'Call a reading tool',
  description: 'Calls a reading tool that find_tools found, with the arguments of its input schema.',
  toolset: 'core',
  calls: 'read',
  ...READS_MAXIMO,
  input: callInput,
  output: plainOutput,
  run: ({ tool }, context) => Promise.resolve(err(notCallable(tool, 'read', context))),
})

/** Why a tool that calls others of one effect cannot call this one. */
export function notCallable(name: string, effect: 'read' | 'stage', { access }: ToolContext): ToolProblem {
  const tool = access.find(name)
  if (tool === undefined) {
    const known = access.reachable().filter((one) => one.effect === effect)
    const hint = calledHere(name)
    const near = didYouMean(
      name,
      known.map((one) => one.name),
    )
    return {
      kind: 'not_found',
      what: `There is no tool "${visible(name)}".${hint === '' ? near : hint}`,
      why: null,
      next: 'find_tools finds tools by words.',
    }
  }
  const standing = access.decide(tool)
  if (!standing.ok)
    return {
      kind: 'not_permitted',
      what: `${tool.name} is not available here.`,
      why: null,
      next: withheldSentence(standing.error),
    }
  return {
    kind: 'invalid_input',
    what: `${tool.name} is not a tool that can be called this way.`,
    why: tool.calls === undefined ? `It does not ${effect}.` : 'It calls other tools itself.',
    next:
      tool.effect === 'stage'
        ? 'call_write_tool calls tools that stage a change.'
        : 'Call it by its own name.',
  }
}
