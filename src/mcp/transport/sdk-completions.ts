import {
  ProtocolError,
  ProtocolErrorCode,
  type CompleteRequestParams,
  type CompleteResult,
  type McpServer,
} from '@modelcontextprotocol/server'
import { completeValues, type Completing, type Completion } from '../resources/complete/complete-values.ts'
import { visible } from '../tools/result/visible.ts'
import type { WorkOutcome } from '../tools/run-work.ts'
import type { Exchange } from './sdk-exchange.ts'
import { problemError, type SdkResourcesDeps } from './sdk-resources.ts'

/** `completion/complete`, for one message. */
export function serveCompletionsIn({ server }: McpServer, exchange: Exchange, deps: SdkResourcesDeps): void {
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
  { resources }: SdkResourcesDeps,
): Omit<Completing, 'signal'> | null {
  const { access } = exchange
  if (ref.type !== 'ref/resource') throw noPrompt(ref.name)
  const found = resources.findTemplate(ref.uri, access)
  if (!found.ok) throw problemError(found.error, exchange)
  const { tool, resource } = found.value
  const variable = Object.hasOwn(resource.variables, argument.name)
    ? resource.variables[argument.name]
    : undefined
  if (variable?.complete === undefined) return null
  return {
    ...{ tool, access, complete: variable.complete },
    ...{ typed: argument.value, given: context?.arguments ?? {} },
  }
}

const noPrompt = (name: string): ProtocolError =>
  new ProtocolError(ProtocolErrorCode.InvalidParams, `There is no prompt "${visible(name.slice(0, 80))}".`)

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
