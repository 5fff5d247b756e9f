import {
  ProtocolError,
  ProtocolErrorCode,
  type CompleteRequestParams,
  type CompleteResult,
  type McpServer,
} from '@modelcontextprotocol/server'
import { completeValues, type Completing, type Completion } from '../resources/complete/complete-values.ts'
import type { ServedPrompts } from '../prompts/served-prompts.ts'
import type { Complete } from '../resources/resource.ts'
import type { ToolFacts } from '../tools/tool.ts'
import type { WorkOutcome } from '../tools/run/run-work.ts'
import type { Exchange } from './sdk-exchange.ts'
import { problemError, type SdkResourcesDeps } from './sdk-resources.ts'

interface SdkCompletionsDeps extends SdkResourcesDeps {
  readonly prompts: ServedPrompts
}

/** `completion/complete`, for one message. */
export function serveCompletionsIn(
  { server }: McpServer,
  exchange: Exchange,
  deps: SdkCompletionsDeps,
): void {
  server.registerCapabilities({ completions: {} })
  server.setRequestHandler('completion/complete', async ({ params }, { mcpReq }): Promise<CompleteResult> => {
    const asked = completingOf(params, exchange, deps)
    if (asked === null) return NOTHING
    const outcome = await completeValues({ ...asked, signal: mcpReq.signal }, deps.runner)
    return resultOf(outcome, exchange)
  })
}

const NOTHING: CompleteResult = { completion: { values: [], hasMore: false } }

/** Null: nothing is proposed for such an argument. @throws ProtocolError for what does not exist */
function completingOf(
  { ref, argument, context }: CompleteRequestParams,
  exchange: Exchange,
  deps: SdkCompletionsDeps,
): Omit<Completing, 'signal'> | null {
  const found =
    ref.type === 'ref/resource' ? ofTemplate(ref.uri, exchange, deps) : ofPrompt(ref.name, exchange, deps)
  const complete = Object.hasOwn(found.all, argument.name) ? found.all[argument.name]?.complete : undefined
  if (complete === undefined) return null
  const { access } = exchange
  return { tool: found.tool, access, complete, typed: argument.value, given: context?.arguments ?? {} }
}

interface Completable {
  readonly tool: ToolFacts
  readonly all: Readonly<Record<string, { readonly complete?: Complete }>>
}

function ofTemplate(uri: string, exchange: Exchange, { resources }: SdkCompletionsDeps): Completable {
  const found = resources.findTemplate(uri, exchange.access)
  if (!found.ok) throw problemError(found.error, exchange)
  return { tool: found.value.tool, all: found.value.resource.variables }
}

function ofPrompt(name: string, exchange: Exchange, { prompts }: SdkCompletionsDeps): Completable {
  const found = prompts.find(name, exchange.access)
  if (!found.ok) throw problemError(found.error, exchange)
  return { tool: found.value.tool, all: found.value.prompt.arguments }
}

function resultOf(outcome: WorkOutcome<Completion>, exchange: Exchange): CompleteResult {
  if (outcome.kind === 'refused') {
    exchange.refused(outcome.refusal)
    throw new ProtocolError(ProtocolErrorCode.InternalError, 'refused')
  }
  exchange.admitted()
  if (outcome.kind === 'abandoned') return NOTHING
  if (!outcome.result.ok) throw problemError(outcome.result.error, exchange)
  const { values, total, hasMore } = outcome.result.value
  return { completion: { values: [...values], total, hasMore } }
}
