import { callerOf } from '../access/resolve-call.ts'
import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { originOf } from '../result/as-of.ts'
import { withheldSentence } from '../access/withheld.ts'
import { plainOutput } from '../result/outputs.ts'
import { visibleJson } from '../result/visible.ts'
import { rankTools } from '../catalog/rank-tools.ts'
import { defineTool, type Tool, type ToolContext } from '../tool.ts'
import { TOOLSET_NAMES, TOOLSETS } from '../catalog/toolsets.ts'

const input = z.strictObject({
  query: z.string().min(1).max(200).describe('what you want to do'),
  toolset: z.enum(TOOLSET_NAMES).optional().meta({ enum: undefined }).describe('e.g. inventory'),
  kind: z.enum(['read', 'write']).optional(),
  limit: z.int().min(1).max(10).default(5),
})

export const findTools = defineTool({
  name: 'find_tools',
  title: 'Find tools',
  description:
    'Searches all tools of this connection, also those that are not listed, and returns the matching ones with their input schemas and how to call them.',
  toolset: 'core',
  scopes: [],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: false,
  input,
  output: plainOutput,
  run({ query, toolset, kind, limit }, context) {
    const candidates = context.access.all.filter(
      (tool) =>
        tool.calls === undefined &&
        (toolset === undefined || tool.toolset === toolset) &&
        (kind === undefined || (kind === 'read') === (tool.effect === 'read')),
    )
    const ranked = rankTools(candidates, query)
    const usable = ranked.filter((tool) => context.access.decide(tool).ok)
    const shown = usable.slice(0, limit)
    const text = visibleJson({
      ...originOf(context),
      returned: shown.length,
      total: usable.length,
      complete: shown.length === usable.length,
      ...(shown.length === 0 && { notes: [`Nothing matches. ${setsText(context)}`] }),
      tools: shown.map((tool) => foundTool(tool, context)),
      ...missing(ranked, limit, context),
    })
    return Promise.resolve(ok({ text, recordCount: shown.length }))
  },
})

function foundTool(tool: Tool, { access }: ToolContext): object {
  const standing = access.decide(tool)
  const isListed = standing.ok && standing.value === 'listed'
  return {
    name: tool.name,
    toolset: tool.toolset,
    kind: tool.effect === 'read' ? 'read' : 'write',
    call: isListed
      ? 'by its name'
      : (callerOf(tool) ?? `"?toolsets=${tool.toolset}" in the address lists it`),
    title: tool.title,
    description: tool.description,
    inputSchema: tool.inputSchema,
  }
}

/** What fits the question best and is not there for this caller: worth knowing, so that nobody looks for it elsewhere. */
function missing(ranked: readonly Tool[], limit: number, { access }: ToolContext): object {
  const withheld = ranked.slice(0, limit).flatMap((tool) => {
    const standing = access.decide(tool)
    return standing.ok ? [] : [{ name: tool.name, why: withheldSentence(standing.error) }]
  })
  return withheld.length === 0 ? {} : { not_available: withheld }
}

function setsText({ access }: ToolContext): string {
  const sets = new Set(access.reachable().map(({ toolset }) => toolset))
  return `There are tools for: ${[...sets].map((set) => `${set} (${TOOLSETS[set]})`).join('; ')}.`
}
