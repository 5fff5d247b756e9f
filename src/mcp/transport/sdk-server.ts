import { McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Caller } from '../admission/caller.ts'
import { listedTools } from '../tools/policy.ts'
import { runTool, type CallOutcome, type ToolRunner } from '../tools/run-tool.ts'
import type { Tool } from '../tools/tool.ts'
import { INSTRUCTIONS, LIST_TTL_MS, type ServerIdentity } from './protocol.ts'
import { listed } from './tool-lists.ts'
import { unknownTool } from './unknown-tool.ts'

export interface SdkServerDeps {
  readonly catalog: readonly Tool[]
  readonly identity: ServerIdentity
  readonly runner: ToolRunner
  /** Canonical address of the endpoint. */
  readonly resource: string
}

const LIST_HINT = { ttlMs: LIST_TTL_MS, cacheScope: 'private' } as const
/** Lists change only with the token, so there is nothing to announce; silence would be read as `true`. */
const UNCHANGING = { listChanged: false } as const

/**
 * A server of the SDK for one message that is not on the direct path. It serves the same tools by the same runner.
 * Prompts and resources are declared and empty: clients ask for them, and an empty list is a better answer than an error.
 */
export function sdkServer(caller: Caller, deps: SdkServerDeps): McpServer {
  const mcp = new McpServer(deps.identity, {
    capabilities: { tools: UNCHANGING, prompts: UNCHANGING, resources: UNCHANGING },
    instructions: INSTRUCTIONS,
    cacheHints: {
      'server/discover': LIST_HINT,
      'tools/list': LIST_HINT,
      'prompts/list': LIST_HINT,
      'resources/list': LIST_HINT,
      'resources/templates/list': LIST_HINT,
    },
  })
  serveTools(mcp, caller, deps)
  return mcp
}

function serveTools({ server }: McpServer, caller: Caller, deps: SdkServerDeps): void {
  server.setRequestHandler('tools/list', () => ({ tools: listedTools(deps.catalog, caller).map(listed) }))
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args } = request.params
    const tool = deps.catalog.find((candidate) => candidate.name === name)
    if (tool === undefined) {
      throw new ProtocolError(ProtocolErrorCode.InvalidParams, unknownTool(name, deps.catalog, caller))
    }
    const outcome = await runTool({ tool, args, caller, signal: context.mcpReq.signal }, deps.runner)
    const content = [{ type: 'text' as const, text: outcomeText(outcome) }]
    return isError(outcome) ? { content, isError: true } : { content }
  })
}

const isError = (outcome: CallOutcome): boolean => outcome.kind !== 'answered' || outcome.isError

/** Admission has already answered for this message; what is left can only be said inside of the result. */
function outcomeText(outcome: CallOutcome): string {
  switch (outcome.kind) {
    case 'answered':
      return outcome.text
    case 'abandoned':
      return 'The call was ended by the client.'
    case 'refused':
      return `The call was refused: ${outcome.refusal.reason}.`
  }
}
