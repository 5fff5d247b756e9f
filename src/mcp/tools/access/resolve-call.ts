import { err, ok, type Result } from '../../../kernel/result.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { calledHere } from '../catalog/peer-names.ts'
import { visible } from '../result/visible.ts'
import type { Tool } from '../tool.ts'
import type { ToolAccess } from './tool-access.ts'
import { withheldSentence } from './withheld.ts'

/** The tool that a call is about: limits, quota and records go by it. */
export interface Resolved {
  readonly tool: Tool
  readonly args: unknown
}

const MAX_NAME = 80

/**
 * What `tools/call` asks for: the tool itself or, where it is one that calls others, the tool behind it. The error says why
 * there is nothing to call. What the token does not allow resolves all the same: admission refuses it, with the scope that
 * would do.
 */
export function resolveCall(name: string, args: unknown, access: ToolAccess): Result<Resolved, string> {
  const tool = access.find(name)
  if (tool === undefined) return err(unknownTool(name, access))
  const standing = access.decide(tool)
  if (!standing.ok) {
    if (standing.error.by === 'token') return ok({ tool, args })
    return err(`The tool ${tool.name} is not available here. ${withheldSentence(standing.error)}`)
  }
  if (standing.value === 'on_request') return err(onRequest(tool))
  return ok(behind(tool, args, access) ?? { tool, args })
}

function unknownTool(name: string, access: ToolAccess): string {
  const known = access.reachable().map((tool) => tool.name)
  const hint = calledHere(name)
  const meant = hint === '' ? didYouMean(name, known) : hint
  return `There is no tool "${visible(name.slice(0, MAX_NAME))}".${meant} tools/list names them all, find_tools those behind them.`
}

const onRequest = (tool: Tool): string => {
  const caller = callerOf(tool)
  const through = caller === null ? 'It is called by its own name only:' : `${caller} calls it, and`
  return `The tool ${tool.name} is not in the list of this address. ${through} "?toolsets=${tool.toolset}" in the address lists it.`
}

/** The tool that calls this one for whoever does not see it. Null: none. */
export const callerOf = ({ effect }: Tool): 'call_read_tool' | 'call_write_tool' | null =>
  effect === 'change' ? null : effect === 'read' ? 'call_read_tool' : 'call_write_tool'

/** Null: the arguments name no tool that may be called this way, and the outer tool says so itself. */
function behind(outer: Tool, args: unknown, access: ToolAccess): Resolved | null {
  if (outer.calls === undefined || !outer.prepare(args).ok) return null
  const { tool: name, arguments: innerArgs } = args as { readonly tool: string; readonly arguments?: unknown }
  const tool = access.find(name)
  if (tool?.effect !== outer.calls || tool.calls !== undefined) return null
  const standing = access.decide(tool)
  const isOurs = standing.ok || standing.error.by === 'token'
  return isOurs ? { tool, args: innerArgs } : null
}
