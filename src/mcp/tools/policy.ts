import type { Caller } from '../admission/caller.ts'
import type { Demand } from '../admission/demand.ts'
import { missingScopes } from '../admission/scopes.ts'
import type { Tool, ToolFacts } from './tool.ts'

/** What a tool asks of its caller. Lists are cut by it, and admission decides calls by it: there is no second rule. */
export const demandOf = (tool: ToolFacts): Extract<Demand, { kind: 'tool' }> => ({
  kind: 'tool',
  tool: tool.name,
  scopes: tool.scopes,
  ...(tool.feature !== undefined && { feature: tool.feature }),
  effect: tool.effect === 'read' ? 'read' : 'write',
  costUnits: tool.costUnits,
})

/** Whether a caller may see a tool: by what the token says, as far as it can be known without the store. */
export function mayList(tool: ToolFacts, caller: Caller): boolean {
  const demand = demandOf(tool)
  const { scopes, plan } = caller.facts
  if (missingScopes(scopes, demand.scopes).length > 0) return false
  return demand.feature === undefined || plan.features.has(demand.feature)
}

/** The tools of a caller, in the order of the catalog. */
export const listedTools = (catalog: readonly Tool[], caller: Caller): readonly Tool[] =>
  catalog.filter((tool) => mayList(tool, caller))
