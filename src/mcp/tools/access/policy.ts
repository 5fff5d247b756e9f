import { err, ok, type Result } from '../../../kernel/result.ts'
import type { CallerFacts } from '../../admission/caller.ts'
import type { Demand } from '../../admission/demand.ts'
import { checkEntitlement } from '../../admission/entitlement.ts'
import type { Touch } from '../../admission/object-rights.ts'
import type { Refusal } from '../../admission/refusal.ts'
import type { LeftOut, Selection } from './selection.ts'
import type { ToolFacts } from '../tool.ts'

/** Everything that a list of tools depends on. */
export interface Viewpoint {
  readonly facts: CallerFacts
  /** What the address asks for. */
  readonly selection: Selection
  /** Object structures that the Maximo user was last seen not to have; what was never asked counts as his. */
  readonly denied: ReadonlySet<string>
}

/** `listed`: `tools/list` shows it, and it is called by its name. `on_request`: found and called by way of others. */
export type Standing = 'listed' | 'on_request'

/** Why a tool is not there for a caller. */
export type Withheld =
  | { readonly by: 'address'; readonly why: LeftOut }
  /** Scope, plan or object rules; admission answers a call with this refusal. */
  | { readonly by: 'token'; readonly refusal: Refusal }
  /** Maximo itself does not let the user at the object, or does not have it. */
  | { readonly by: 'maximo'; readonly object: string }

/** The one rule for lists and calls: whether a caller may use a tool, how he gets at it, and if not, why. */
export function decide(tool: ToolFacts, view: Viewpoint): Result<Standing, Withheld> {
  const why = view.selection.leavesOut(tool)
  if (why !== null) return err({ by: 'address', why })
  const entitled = checkEntitlement(view.facts, demandOf(tool, undefined, view.facts))
  if (!entitled.ok) return err({ by: 'token', refusal: entitled.error })
  const object = deniedObject(tool, view.denied)
  if (object !== null) return err({ by: 'maximo', object })
  return ok(tool.isOnRequest === true && !view.selection.isExplicit ? 'on_request' : 'listed')
}

function deniedObject(tool: ToolFacts, denied: ReadonlySet<string>): string | null {
  const objects = ownObjects(tool)
  return objects.every((object) => denied.has(object)) ? (objects[0] ?? null) : null
}

/** The object structures that a tool reads without being told which. */
export const ownObjects = ({ objectStructure, objects = {} }: ToolFacts): readonly string[] =>
  objectStructure === undefined ? Object.values(objects) : [objectStructure]

/** What a tool asks of its caller. */
export const demandOf = (
  tool: ToolFacts,
  args?: unknown,
  facts?: Pick<CallerFacts, 'objects'>,
): Extract<Demand, { kind: 'tool' }> => ({
  kind: 'tool',
  tool: tool.name,
  scopes: tool.scopes,
  ...(tool.feature !== undefined && { feature: tool.feature }),
  effect: tool.effect === 'read' ? 'read' : 'write',
  touches: touchesOf(tool, args, facts),
  costUnits: tool.costUnits,
})

/**
 * The object that a call is about: the tool's own, or the one that its caller names. A tool that is listed and not called
 * yet, and a change whose object only its plan knows, need any object at all with that access.
 */
function touchesOf(
  tool: ToolFacts,
  args: unknown,
  facts: Pick<CallerFacts, 'objects'> | undefined,
): readonly Touch[] {
  const access = tool.access ?? (tool.effect === 'read' ? 'read' : 'write')
  const object = objectOf(tool, args)
  if (object !== undefined) return [{ object: object.toUpperCase(), access }]
  if (tool.objects !== undefined) {
    const all = Object.values(tool.objects)
    const allowed = all.find((one) => facts?.objects?.mayTouch({ object: one, access }) !== false)
    return [{ object: allowed ?? all[0] ?? '', access }]
  }
  const isAnywhere = tool.namesObject === true || (access === 'write' && tool.reachesOutside)
  return isAnywhere ? [{ access }] : []
}

/** The object structure that a call is about; undefined where neither the tool nor its arguments say. */
export function objectOf(tool: ToolFacts, args: unknown): string | undefined {
  if (tool.objectStructure !== undefined) return tool.objectStructure
  if (tool.objects === undefined) return textIn(args, 'object')
  const kind = textIn(args, 'kind')
  return kind === undefined || !Object.hasOwn(tool.objects, kind) ? undefined : tool.objects[kind]
}

function textIn(args: unknown, name: string): string | undefined {
  if (typeof args !== 'object' || args === null) return undefined
  const value = (args as Readonly<Record<string, unknown>>)[name]
  return typeof value === 'string' ? value : undefined
}
