import {
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  type McpServer,
  type ReadResourceResult,
} from '@modelcontextprotocol/server'
import { readResource } from '../resources/read-resource.ts'
import type { ResourceContent, ResourceFacts } from '../resources/resource.ts'
import type { ServedResources } from '../resources/served-resources.ts'
import { isFailure } from '../tools/problem/fault-problem.ts'
import type { WorkRunner } from '../tools/run/run-work.ts'
import { problemText, type ToolProblem } from '../tools/problem/tool-problem.ts'
import type { Exchange } from './sdk-exchange.ts'

export interface SdkResourcesDeps {
  readonly resources: ServedResources
  readonly runner: WorkRunner
}

/** `resources/list`, `resources/templates/list` and `resources/read`, for one message. */
export function serveResourcesIn({ server }: McpServer, exchange: Exchange, deps: SdkResourcesDeps): void {
  const { access } = exchange
  const { resources, runner } = deps
  server.setRequestHandler('resources/list', () => ({
    resources: resources.fixed(access).map((one) => ({ uri: one.uri, ...listed(one) })),
  }))
  server.setRequestHandler('resources/templates/list', () => ({
    resourceTemplates: resources
      .templates(access)
      .map((one) => ({ uriTemplate: one.uriTemplate, ...listed(one) })),
  }))
  server.setRequestHandler('resources/read', async (request, { mcpReq }): Promise<ReadResourceResult> => {
    const { uri } = request.params
    const outcome = await readResource({ uri, access, signal: mcpReq.signal }, resources, runner)
    switch (outcome.kind) {
      case 'read':
        exchange.admitted()
        return {
          contents: outcome.contents.map(content),
          // The older era knows no such members.
          ...(mcpReq.envelope !== undefined && { ttlMs: outcome.ttlMs, cacheScope: 'private' as const }),
        }
      case 'problem':
        exchange.admitted()
        throw problemError(outcome.problem, exchange, uri)
      case 'refused':
        exchange.refused(outcome.refusal)
        throw new ProtocolError(ProtocolErrorCode.InternalError, 'refused')
      case 'abandoned':
        exchange.admitted()
        throw new ProtocolError(ProtocolErrorCode.InternalError, 'The client has left.')
    }
  })
}

const listed = ({ name, title, description, mimeType, meta }: ResourceFacts) => ({
  ...{ name, title, description, mimeType },
  ...(meta !== undefined && { _meta: { ...meta } }),
})

const content = ({ _meta, ...one }: ResourceContent): ReadResourceResult['contents'][number] => ({
  ...one,
  ...(_meta !== undefined && { _meta: { ..._meta } }),
})

/**
 * A problem as a JSON-RPC error. What does not exist is told as MCP tells it, by `data` that is the address alone; what is
 * broken is an internal error; all else is wrong with the request.
 */
export function problemError(problem: ToolProblem, { access }: Exchange, uri?: string): ProtocolError {
  const text = problemText(problem, access.caller.request.correlationId)
  if (problem.kind === 'not_found' && uri !== undefined) return new ResourceNotFoundError(uri, text)
  const code = isFailure(problem.kind) ? ProtocolErrorCode.InternalError : ProtocolErrorCode.InvalidParams
  return new ProtocolError(code, text, { reason: problem.kind })
}
