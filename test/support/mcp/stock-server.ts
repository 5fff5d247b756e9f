import { completable, createMcpHandler, McpServer, ResourceTemplate } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { pictureOf, UI_EXTENSION } from '../../../src/mcp/apps/app.ts'
import { PROMPTS } from '../../../src/mcp/prompts/catalog.ts'
import { promptText } from '../../../src/mcp/prompts/served-prompts.ts'
import { RESOURCES } from '../../../src/mcp/resources/catalog.ts'
import { absolute, uriOf } from '../../../src/mcp/resources/uri.ts'
import type { ToolAccess } from '../../../src/mcp/tools/access/tool-access.ts'
import type { Tool, ToolContext } from '../../../src/mcp/tools/tool.ts'
import { without } from './mcp-requests.ts'
import { aReceipt } from '../crypto/token-workshop.ts'
import { INSTRUCTIONS, LIST_TTL_MS, serverIdentity } from '../../../src/mcp/transport/protocol.ts'

export interface StockAnswer {
  readonly status: number
  readonly contentType: string
  readonly text: string
}

const UNCHANGING = { listChanged: false } as const
const HINT = { ttlMs: LIST_TTL_MS, cacheScope: 'private' } as const

/**
 * The official SDK's server, put together the way its documentation does: a factory that registers every tool, resource
 * and prompt, behind `createMcpHandler`. Same tools, same identity, same words; no security.
 */
export function stockHandler(catalog: readonly Tool[], contextOf: (signal: AbortSignal) => ToolContext) {
  return createMcpHandler(({ era }) => {
    const server = new McpServer(serverIdentity('0.0.0-test'), {
      capabilities: {
        tools: UNCHANGING,
        prompts: UNCHANGING,
        resources: UNCHANGING,
        extensions: { [UI_EXTENSION]: {} },
      },
      instructions: INSTRUCTIONS,
      cacheHints: {
        'server/discover': HINT,
        'tools/list': HINT,
        'prompts/list': HINT,
        'resources/list': HINT,
        'resources/templates/list': HINT,
      },
    })
    for (const tool of catalog) {
      const { name, title, description, input, hints, picture } = tool
      // No case of the newer era declares that its client shows pictures.
      const meta = era === 'legacy' && picture !== undefined ? { _meta: pictureOf(picture) } : {}
      server.registerTool(
        name,
        { title, description, inputSchema: input, annotations: hints, ...meta },
        async (args, ctx) => {
          const prepared = tool.prepare(args)
          if (!prepared.ok) throw new Error('the SDK validates with the same schema')
          const answer = await prepared.value(contextOf(ctx.mcpReq.signal))
          const text = answer.ok ? answer.value.text : answer.error.what
          return { content: [{ type: 'text', text }], ...(!answer.ok && { isError: true }) }
        },
      )
    }
    registerResources(server)
    registerPrompts(server)
    return server
  })
}

function registerPrompts(server: McpServer): void {
  /** No tool is there for the steps that name one if it is. */
  const access = { find: () => undefined } as unknown as ToolAccess
  for (const prompt of PROMPTS) {
    const { name, title, description } = prompt
    const shape = Object.entries(prompt.arguments).map(([argument, { description: said, isOptional }]) => {
      const text = z.string().describe(said)
      return [argument, completable(isOptional === true ? text.optional() : text, () => [])] as const
    })
    const argsSchema = z.object(Object.fromEntries(shape))
    server.registerPrompt(name, { title, description, argsSchema }, (given) => {
      const text = promptText(prompt, given as Record<string, string>, access)
      if (!text.ok) throw new Error(text.error.what)
      return { description, messages: [{ role: 'user', content: { type: 'text', text: text.value } }] }
    })
  }
}

/** Their content is known beforehand, or is Maximo's, which is not behind this server. */
function registerResources(server: McpServer): void {
  const { env } = aReceipt()
  for (const { name, title, description, mimeType, meta, ...one } of RESOURCES) {
    const _meta = meta === undefined ? {} : { _meta: { ...meta } }
    const listed = { title, description, mimeType, ..._meta }
    if ('text' in one) {
      const read = (uri: URL) => ({ contents: [{ uri: uri.toString(), mimeType, text: one.text, ..._meta }] })
      server.registerResource(name, absolute(one.path, env), { ...listed, cacheHint: HINT }, read)
    } else {
      const complete = Object.fromEntries(Object.keys(one.variables).map((variable) => [variable, () => []]))
      const template = new ResourceTemplate(uriOf(env, one.path), { list: undefined, complete })
      server.registerResource(name, template, listed, () => {
        throw new Error('no Maximo here')
      })
    }
  }
}

export async function askStock(
  handler: ReturnType<typeof stockHandler>,
  request: { readonly method: string; readonly headers: Record<string, string>; readonly payload?: string },
): Promise<StockAnswer> {
  const headers = without(request.headers, 'authorization', 'host')
  const response = await handler.fetch(
    new Request('http://localhost:8081/mcp', {
      method: request.method,
      headers,
      ...(request.payload !== undefined && { body: request.payload }),
    }),
  )
  const contentType = response.headers.get('content-type') ?? ''
  return { status: response.status, contentType, text: await response.text() }
}
