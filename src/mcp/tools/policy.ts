import type { Caller } from '../admission/caller.ts'
import type { Demand } from '../admission/demand.ts'
import { checkEntitlement } from '../admission/entitlement.ts'
import type { Touch } from '../admission/object-rights.ts'
import type { Tool, ToolFacts } from './tool.ts'

/** What a tool asks of its caller. Lists are cut by it, and admission decides calls by it: there is no second rule. */
export const demandOf = (tool: ToolFacts, args?: unknown): Extract<Demand, { kind: 'tool' }> => ({
  kind: 'tool',
  tool: tool.name,
  scopes: tool.scopes,
  ...(tool.feature !== undefined && { feature: tool.feature }),
  effect: tool.effect === 'read' ? 'read' : 'write',
  touches: touchesOf(tool, args),
  costUnits: tool.costUnits,
})

/**
 * The object that a call is about: the tool's own, or the one that its caller names. A tool that is listed and not called
 * yet, and a change whose object only its plan knows, need any object at all with that access.
 */
function touchesOf(tool: ToolFacts, args: unknown): readonly Touch[] {
  const access = tool.access ?? (tool.effect === 'read' ? 'read' : 'write')
  const object = tool.objectStructure ?? namedObject(args)
  if (object !== undefined) return [{ object: object.toUpperCase(), access }]
  return tool.namesObject === true || access === 'write' ? [{ access }] : []
}

const namedObject = (args: unknown): string | undefined =>
  typeof args === 'object' && args !== null && 'object' in args && typeof args.object === 'string'
    ? args.object
    : undefined

/** Whether a caller may see a tool: by what the token says, as far as it can be known without the store. */
export function mayList(tool: ToolFacts, caller: Caller): boolean {
  return checkEntitlement(caller.facts, demandOf(tool)).ok
}

/** The tools of a caller, in the order of the catalog. */
export const listedTools = (catalog: readonly Tool[], caller: Caller): readonly Tool[] =>
  catalog.filter((tool) => mayList(tool, caller))
