import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/server'
import { LRUCache } from 'lru-cache'
import type { ToolAccess } from '../tools/access/tool-access.ts'
import type { Tool } from '../tools/tool.ts'
import { pictureOf } from '../apps/app.ts'
import type { Era, PlainRequest } from './plain-request.ts'
import { LIST_TTL_MS, type ServerIdentity } from './protocol.ts'

/** A tool as `tools/list` shows it. */
export interface ListedTool {
  readonly name: string
  readonly title: string
  readonly description: string
  readonly inputSchema: { readonly type: 'object' } & Readonly<Record<string, unknown>>
  readonly annotations: Tool['hints']
  readonly _meta?: ReturnType<typeof pictureOf>
}

/** @param isPictured whether it names its picture, for a client that shows any */
export const listed = (tool: Tool, isPictured: boolean): ListedTool => ({
  name: tool.name,
  title: tool.title,
  description: tool.description,
  inputSchema: { ...tool.inputSchema, type: 'object' },
  annotations: tool.hints,
  ...(isPictured && tool.picture !== undefined && { _meta: pictureOf(tool.picture) }),
})

/** `tools/list` answers, serialised once per distinct list. */
export interface ToolLists {
  answer(asked: AskedList, access: ToolAccess): Buffer
}
type AskedList = Pick<PlainRequest, 'era' | 'id'> & { readonly isPictured: boolean }

/** One list in every form in which it is asked for. */
type Bodies = Readonly<Record<Era, { readonly plain: Buffer; readonly pictured: Buffer }>>

/** Distinct lists are few; the bounds only guard against a mistake. */
const MAX_LISTS = 500
const MAX_VIEWS = 5_000

/** @param revision another number whenever a list may have changed for reasons that no caller knows */
export function toolLists(identity: ServerIdentity, revision: () => number): ToolLists {
  const lists = new LRUCache<string, Bodies>({ max: MAX_LISTS })
  const views = new LRUCache<string, Bodies>({ max: MAX_VIEWS })

  function listOf(access: ToolAccess): Bodies {
    const tools = access.listed()
    const key = tools.map((tool) => tool.name).join(' ')
    const bodies = lists.get(key) ?? prepare(tools, identity)
    lists.set(key, bodies)
    return bodies
  }

  return {
    answer({ era, id, isPictured }, access) {
      const view = `${revision()}\n${viewKey(access)}`
      const bodies = views.get(view) ?? listOf(access)
      views.set(view, bodies)
      const form = isPictured ? 'pictured' : 'plain'
      return Buffer.concat([bodies[era][form], Buffer.from(`${JSON.stringify(id)}}`)])
    },
  }
}

/** All that decides a list, in one line: no tool is looked at to find a list that was made before. */
function viewKey({ caller, selection, denied }: ToolAccess): string {
  const { scopes, plan, kind, objects } = caller.facts
  const parts = [[...scopes], [...plan.features], [...denied]].map((names) => names.sort().join(' '))
  return [selection.key, kind, objects?.rule ?? '', ...parts].join('\n')
}

/** Everything but the id, which comes last. */
function prepare(tools: readonly Tool[], identity: ServerIdentity): Bodies {
  const stamp = {
    resultType: 'complete',
    ttlMs: LIST_TTL_MS,
    // The list depends on the token, so nobody may share it (2026-07-28, caching).
    cacheScope: 'private',
    _meta: { [SERVER_INFO_META_KEY]: identity },
  }
  const bodies = (more: object): Bodies[Era] => {
    const form = (isPictured: boolean): Buffer =>
      body({ tools: tools.map((tool) => listed(tool, isPictured)), ...more })
    return { plain: form(false), pictured: form(true) }
  }
  return { legacy: bodies({}), modern: bodies(stamp) }
}

const body = (result: object): Buffer =>
  Buffer.from(`{"result":${JSON.stringify(result)},"jsonrpc":"2.0","id":`)
