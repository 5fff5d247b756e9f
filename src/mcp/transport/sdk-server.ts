import { McpServer, ProtocolError, ProtocolErrorCode, type ServerOptions } from '@modelcontextprotocol/server'
import { UI_EXTENSION } from '../apps/app.ts'
import { resolveCall } from '../tools/access/resolve-call.ts'
import type { ServedTools } from '../tools/access/served-tools.ts'
import { runTool, type CallOutcome } from '../tools/run/run-tool.ts'
import type { ServedPrompts } from '../prompts/served-prompts.ts'
import type { ServedResources } from '../resources/served-resources.ts'
import type { WorkRunner } from '../tools/run/run-work.ts'
import { linkBlock } from './answers.ts'
import { askingOf, elicited } from './elicitation.ts'
import { INSTRUCTIONS, LIST_TTL_MS, type ServerIdentity } from './protocol.ts'
import { declaresApps } from './pictures.ts'
import { serveCompletionsIn } from './sdk-completions.ts'
import type { Exchange } from './sdk-exchange.ts'
import { servePromptsIn } from './sdk-prompts.ts'
import { serveResourcesIn } from './sdk-resources.ts'
import { listed } from './tool-lists.ts'

export interface SdkServerDeps {
  readonly tools: ServedTools
  readonly resources: ServedResources
  readonly prompts: ServedPrompts
  readonly identity: ServerIdentity
  readonly runner: WorkRunner
  /** Canonical address of the endpoint. */
  readonly resource: string
  readonly standIns?: StandIns | undefined
}

/**
 * What a test has the SDK serve instead of all that we serve: a suite of others asks for tools, resources and prompts of
 * its own names. The product has none.
 */
export interface StandIns {
  readonly options: ServerOptions
  /** Its handlers say something before they answer, in the older era too. */
  readonly streams?: boolean
  serve(mcp: McpServer): void
}

const LIST_HINT = { ttlMs: LIST_TTL_MS, cacheScope: 'private' } as const
/** Lists change only with the token and what is read is asked anew each time, so there is nothing to announce. */
const UNCHANGING = { listChanged: false } as const

/**
 * A server of the SDK for one message that is not on the direct path. It serves the same tools by the same runner, and
 * resources, prompts and completions besides.
 */
export function sdkServer(exchange: Exchange, deps: SdkServerDeps): McpServer {
  const mcp = new McpServer(deps.identity, {
    capabilities: {
      tools: UNCHANGING,
      prompts: UNCHANGING,
      resources: UNCHANGING,
      extensions: { [UI_EXTENSION]: {} },
    },
    instructions: INSTRUCTIONS,
    cacheHints: {
      'server/discover': LIST_HINT,
      'tools/list': LIST_HINT,
      'prompts/list': LIST_HINT,
      'resources/list': LIST_HINT,
      'resources/templates/list': LIST_HINT,
    },
    ...deps.standIns?.options,
  })
  if (deps.standIns === undefined) serveAll(mcp, exchange, deps)
  else deps.standIns.serve(mcp)
  return mcp
}

function serveAll(mcp: McpServer, exchange: Exchange, deps: SdkServerDeps): void {
  serveToolsIn(mcp, exchange, deps)
  serveResourcesIn(mcp, exchange, deps)
  servePromptsIn(mcp, exchange, deps)
  serveCompletionsIn(mcp, exchange, deps)
}

function serveToolsIn({ server }: McpServer, exchange: Exchange, deps: SdkServerDeps): void {
  const { access } = exchange
  server.setRequestHandler('tools/list', (_request, { mcpReq }) => {
    const isPictured = mcpReq.envelope === undefined || declaresApps(mcpReq.envelope)
    return { tools: access.listed().map((tool) => listed(tool, isPictured)) }
  })
  server.setRequestHandler('tools/call', async (request, context) => {
    const { name, arguments: args } = request.params
    const called = resolveCall(name, args, access)
    if (!called.ok) throw new ProtocolError(ProtocolErrorCode.InvalidParams, called.error)
    const { signal, envelope, inputResponses } = context.mcpReq
    const asking = askingOf({ envelope, inputResponses, state: context.mcpReq.requestState() })
    const outcome = await runTool({ ...called.value, access, asking, signal }, deps.runner)
    if (outcome.kind === 'refused') {
      exchange.refused(outcome.refusal)
      throw new ProtocolError(ProtocolErrorCode.InternalError, 'refused')
    }
    exchange.admitted()
    if (outcome.kind === 'asks') return elicited(outcome.ask)
    const links = exchange.knowsLinks && outcome.kind === 'answered' ? (outcome.links ?? []) : []
    const content = [{ type: 'text' as const, text: outcomeText(outcome) }, ...links.map(linkBlock)]
    return isError(outcome) ? { content, isError: true } : { content }
  })
}

type Answered = Extract<CallOutcome, { kind: 'answered' | 'abandoned' }>

const isError = (outcome: Answered): boolean => outcome.kind !== 'answered' || outcome.isError

const outcomeText = (outcome: Answered): string =>
  outcome.kind === 'answered' ? outcome.text : 'The call was ended by the client.'
