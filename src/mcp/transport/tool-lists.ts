import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server'
import { LRUCache } from 'lru-cache'
import type { Caller } from '../admission/caller.ts'
import { mayList } from '../tools/policy.ts'
import type { Tool } from '../tools/tool.ts'
import type { RpcId } from './message.ts'
import type { Era } from './plain-request.ts'
import { LIST_TTL_MS, type ServerIdentity } from './protocol.ts'

/** A tool as `tools/list` shows it. */
export interface ListedTool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: { readonly type: 'object' } & Readonly<Record<string, unknown>>
  readonly annotations: Tool['hints']
}

export const listed = (tool: Tool): ListedTool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: { ...tool.inputSchema, type: 'object' },
  annotations: tool.hints,
})

/** `tools/list` answers, serialised once per set of permitted tools. */
export interface ToolLists {
  answer(era: Era, id: RpcId, caller: Caller): Buffer
}

/** Sets of permitted tools are few; the bound only guards against a mistake. */
const MAX_SETS = 200

export function toolLists(catalog: readonly Tool[], identity: ServerIdentity): ToolLists {
  const prepared = new LRUCache<string, Record<Era, Buffer>>({ max: MAX_SETS })
  return {
    answer(era, id, caller) {
      const permitted = catalog.filter((tool) => mayList(tool, caller))
      const key = permitted.map((tool) => tool.name).join(' ')
      const known = prepared.get(key)
      const bodies = known ?? prepare(permitted, identity)
      if (known === undefined) prepared.set(key, bodies)
      return Buffer.concat([bodies[era], Buffer.from(`${JSON.stringify(id)}}`)])
    },
  }
}

/** Everything but the id, which comes last. */
function prepare(tools: readonly Tool[], identity: ServerIdentity): Record<Era, Buffer> {
  const result = { tools: tools.map(listed) }
  const stamp = {
    resultType: 'complete',
    ttlMs: LIST_TTL_MS,
    // The list depends on the token, so nobody may share it (2026-07-28, caching).
    cacheScope: 'private',
    _meta: { [SERVER_INFO_META_KEY]: identity },
  }
  return { legacy: body(result), modern: body({ ...result, ...stamp }) }
}

const body = (result: object): Buffer =>
  Buffer.from(`{"result":${JSON.stringify(result)},"jsonrpc":"2.0","id":`)
