import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import {
  createMcpHandler,
  isLegacyRequest,
  WebStandardStreamableHTTPServerTransport,
  type AuthInfo,
} from '@modelcontextprotocol/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { abortSignalOf, type CallSignal } from '../../kernel/call-signal.ts'
import type { Caller } from '../admission/caller.ts'
import type { Selection } from '../tools/access/selection.ts'
import { knowsLinks } from './protocol.ts'
import { Exchange } from './sdk-exchange.ts'
import { sdkServer, type SdkServerDeps } from './sdk-server.ts'

/** Everything that is not a plain `tools/list` or `tools/call`, answered by the SDK in both eras. */
export interface SdkLeg {
  /** Has the message answered, and says what admission had to do with it. */
  ask(message: SdkMessage): Promise<SdkAnswer>
  close(): Promise<void>
}

export interface SdkAnswer {
  /** What a handler asked of admission, if it got so far. */
  readonly exchange: Pick<Exchange, 'isAdmitted' | 'refusal'>
  readonly send: () => Promise<void>
}

export interface SdkMessage {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly caller: Caller
  readonly selection: Selection
  readonly signal: CallSignal
}

export function sdkLeg(deps: SdkServerDeps): SdkLeg {
  const factory = ({ authInfo }: { authInfo?: AuthInfo }) => sdkServer(exchangeIn(authInfo), deps)
  const handler = createMcpHandler(factory, {
    onerror: (error) => deps.runner.log.debug({ err: error }, 'mcp.sdk'),
  })
  return {
    async ask({ request, reply, caller, selection, signal }) {
      const exchange = new Exchange(deps.tools.accessOf(caller, selection), {
        knowsLinks: knowsLinks(request.headers),
      })
      const authInfo = authInfoOf(exchange)
      const web = webRequest(request, deps.resource, abortSignalOf(signal))
      const isLegacy = await isLegacyRequest(web, request.body)
      const response = isLegacy
        ? await answerLegacy(web, request.body, exchange, deps)
        : await handler.fetch(web, { authInfo, parsedBody: request.body })
      return { exchange, send: () => send(reply, response) }
    },
    close: () => handler.close(),
  }
}

/**
 * The SDK's stateless legacy leg always streams. One JSON body is what scripts with `Accept: application/json` can read
 * and what costs least, so it streams only for what says something before its answer.
 */
async function answerLegacy(
  web: Request,
  body: unknown,
  exchange: Exchange,
  deps: SdkServerDeps,
): Promise<Response> {
  const server = sdkServer(exchange, deps)
  const streams = deps.standIns?.streams === true
  const transport = new WebStandardStreamableHTTPServerTransport({ enableJsonResponse: !streams })
  await server.connect(transport)
  // A stream outlives this function; its handlers end with the call.
  if (streams) web.signal.addEventListener('abort', () => void server.close())
  try {
    return await transport.handleRequest(web, { authInfo: authInfoOf(exchange), parsedBody: body })
  } finally {
    if (!streams) await server.close()
  }
}

/** The SDK sees no credential: only what routes and describes the message, arguments repeated in headers included. */
const FORWARDED = /^(?:content-type|mcp-protocol-version|mcp-method|mcp-name|mcp-param-.+)$/

function webRequest(request: FastifyRequest, resource: string, signal: AbortSignal): Request {
  // The legacy leg refuses anything less, also `*/*`, which clients do send.
  const headers = new Headers({ accept: 'application/json, text/event-stream' })
  for (const [name, value] of Object.entries(request.headers))
    if (typeof value === 'string' && FORWARDED.test(name)) headers.set(name, value)
  return new Request(resource, { method: 'POST', headers, signal })
}

async function send(reply: FastifyReply, response: Response): Promise<void> {
  reply.code(response.status)
  for (const [name, value] of response.headers) reply.header(name, value)
  if (response.headers.get('content-type')?.startsWith('text/event-stream') !== true) {
    reply.send(response.body === null ? undefined : await response.text())
    return
  }
  // The same web stream, typed once by the DOM and once by Node.
  reply.send(Readable.fromWeb(response.body as ReadableStream))
}

const authInfoOf = (exchange: Exchange): AuthInfo => ({
  token: '',
  clientId: exchange.access.caller.facts.clientId,
  scopes: [...exchange.access.caller.facts.scopes],
  extra: { exchange },
})

/** @throws when the SDK lost what we gave it: a bug, never a guest. */
function exchangeIn(authInfo: AuthInfo | undefined): Exchange {
  const exchange = authInfo?.extra?.['exchange']
  if (exchange instanceof Exchange) return exchange
  throw new Error('the SDK called the server factory without the caller')
}
