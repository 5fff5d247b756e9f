import { McpServer, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { resolveCall } from '../tools/access/resolve-call.ts'
import type { ServedTools } from '../tools/access/served-tools.ts'
import type { ToolAccess } from '../tools/access/tool-access.ts'
import { runTool, type CallOutcome, type ToolRunner } from '../tools/run-tool.ts'
import { askingOf, elicited } from './elicitation.ts'
import { INSTRUCTIONS, LIST_TTL_MS, type ServerIdentity } from './protocol.ts'
import { listed } from './tool-lists.ts'

export interface SdkServerDeps {
  readonly tools: ServedTools
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
export function sdkServer(access: ToolAccess, deps: SdkServerDeps): McpServer {
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
  serveTools(mcp, access, deps)
  return mcp
}

function serveTools({ server }: McpServer, access: ToolAccess, deps: SdkServerDeps): void {
  server.setRequestHandler('tools/list', () => ({ tools: access.listed().map(listed) }))
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args } = request.params
    const called = resolveCall(name, args, access)
    if (!called.ok) throw new ProtocolError(ProtocolErrorCode.InvalidParams, called.error)
    const { signal, envelope, inputResponses } = context.mcpReq
    const asking = askingOf({ envelope, inputResponses, state: context.mcpReq.requestState() })
    const outcome = await runTool({ ...called.value, access, asking, signal }, deps.runner)
    if (outcome.kind === 'asks') return elicited(outcome.ask)
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
    case 'asks':
      return outcome.ask.message
    case 'abandoned':
      return 'The call was ended by the client.'
    case 'refused':
      return `The call was refused: ${outcome.refusal.reason}.`
  }
}
