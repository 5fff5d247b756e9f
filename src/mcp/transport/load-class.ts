import type { LoadClass } from '../../kernel/load/shedding.ts'
import type { ServedTools } from '../tools/access/served-tools.ts'
import { PEER_NAMES } from '../tools/catalog/peer-names.ts'
import type { Tool, ToolFacts } from '../tools/tool.ts'
import { isRecord } from './message.ts'

/** Units of quota from which a tool works through a whole plant: maintenance figures, exports, searches of several objects. */
const REPORT_UNITS = 3

/** The class of a tool's work, by what it is known to do. */
export function loadOfTool(tool: Pick<ToolFacts, 'costUnits' | 'effect' | 'endsAccess'>): LoadClass {
  if (tool.endsAccess === true) return 'revocation'
  if (tool.effect !== 'read') return 'write'
  return tool.costUnits >= REPORT_UNITS ? 'report' : 'read'
}

/** The class of a parsed message. Whatever is behind a tool that calls others counts, and a resource as its tool does. */
export function loadOfMessage(
  body: unknown,
  tools: Pick<ServedTools, 'find'>,
  toolOfResource: (uri: string) => string | null,
): LoadClass {
  if (!isRecord(body) || !isRecord(body['params'])) return 'read'
  const { method, params } = body
  if (method === 'resources/read' && typeof params['uri'] === 'string')
    return loadOfName(toolOfResource(params['uri']), undefined, tools)
  return method === 'tools/call' ? loadOfName(params['name'], params['arguments'], tools) : 'read'
}

function loadOfName(name: unknown, args: unknown, tools: Pick<ServedTools, 'find'>): LoadClass {
  const tool = findTool(name, tools)
  if (tool === undefined) return 'read'
  const inner = tool.calls === undefined || !isRecord(args) ? undefined : args['tool']
  return loadOfTool(findTool(inner, tools) ?? tool)
}

/** By whatever name: where those of other servers call nothing, there is next to nothing to do. */
const findTool = (name: unknown, tools: Pick<ServedTools, 'find'>): Tool | undefined =>
  typeof name === 'string' ? (tools.find(name) ?? tools.find(PEER_NAMES.get(name) ?? '')) : undefined
