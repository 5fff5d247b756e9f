import { isJsonContentType } from '@modelcontextprotocol/server'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Audit } from '../../audit/audit.ts'
import type { Clock } from '../../kernel/clock.ts'
import { type Load, Overloaded } from '../../kernel/load/load.ts'
import type { LoadClass } from '../../kernel/load/shedding.ts'
import type { Log } from '../../kernel/log.ts'
import type { Admission } from '../admission/admission.ts'
import type { Admitted } from '../admission/admitted.ts'
import type { Caller } from '../admission/caller.ts'
import type { Door } from '../admission/demand.ts'
import type { Changes } from '../changes/changes.ts'
import type { Exports } from '../exports/exports.ts'
import { PROMPTS } from '../prompts/catalog.ts'
import type { Prompt } from '../prompts/prompt.ts'
import { servePrompts } from '../prompts/served-prompts.ts'
import { RESOURCES } from '../resources/catalog.ts'
import { serveResources, type Resource } from '../resources/served-resources.ts'
import { CATALOG } from '../tools/catalog/catalog.ts'
import { serveTools, type ServedTools } from '../tools/access/served-tools.ts'
import type { Tool } from '../tools/tool.ts'
import type { MaximoClients } from '../tools/run/clients.ts'
import { NO_RECORDS, type OwnRecords } from '../tools/own/own-records.ts'
import type { FieldGuard } from '../tools/fields/guard-for.ts'
import { cursorsUnder } from '../tools/run/cursors.ts'
import { directLeg, type DirectLeg, type DirectRequest } from './direct-leg.ts'
import { answerBrowsers } from './cors.ts'
import {
  answerErrorsAsRpc,
  BATCH,
  INVALID_PARAMS,
  NOT_ALLOWED,
  sendError,
  WRONG_MEDIA_TYPE,
} from './errors.ts'
import { deadlineOf } from './deadline.ts'
import { loadOfMessage } from './load-class.ts'
import { echoedId, methodOf } from './message.ts'
import { readPlain, type PlainRequest } from './plain-request.ts'
import { serverIdentity } from './protocol.ts'
import { admitsItself } from './sdk-exchange.ts'
import { sdkLeg, type SdkLeg, type SdkMessage } from './sdk-leg.ts'
import type { StandIns } from './sdk-server.ts'

export interface McpRouteDeps {
  readonly admission: Admission
  readonly audit: Pick<Audit, 'write'>
  /** Closed with the app. */
  readonly clients: MaximoClients
  readonly changes: Changes
  readonly exports: Exports
  /** 256-bit key that seals paging cursors; a sub-key of this server's own (`deriveKey(…, 'mx-cursor')`). */
  readonly cursorKey: Uint8Array
  readonly clock: Clock
  readonly log: Log
  /** Of the process; without it no work is turned away. */
  readonly load?: Load
  /** Canonical address of the endpoint: `PUBLIC_MCP_URL` + `/mcp`. */
  readonly resource: string
  /** Another number whenever the operator changed what lists of tools depend on; absent: he never does. */
  readonly revision?: () => number
  /** The tools to serve; the catalog unless a test or a measurement brings its own. */
  readonly catalog?: readonly Tool[]
  /** The resources to serve, likewise. */
  readonly resources?: readonly Resource[]
  readonly prompts?: readonly Prompt[]
  /** What a test serves instead; only calls of tools in the catalog then take the direct path. */
  readonly standIns?: StandIns
  /** What this server knows about its callers; absent: it keeps no records. */
  readonly own?: OwnRecords
  /** What callers do not see of records. */
  readonly fields?: FieldGuard | undefined
  /** Origins of browser-based clients; none unless named. */
  readonly browserOrigins?: readonly string[]
  /** Shown to clients as the version of this server. */
  readonly version: string
}

/**
 * `/mcp`, `/mcp/<environment id>` and `/ci/mcp`: both protocol eras. The caller is identified before the body is read.
 * What it opens it closes with the app.
 */
export async function registerMcpRoutes(app: FastifyInstance, deps: McpRouteDeps): Promise<void> {
  const { admission, audit, clients, changes, clock, log, resource } = deps
  const cursors = cursorsUnder(deps.cursorKey, clock)
  const runner = {
    admission,
    audit,
    clients,
    cursors,
    changes,
    exports: deps.exports,
    clock,
    log,
    own: deps.own ?? NO_RECORDS,
    fields: deps.fields,
  }
  const tools = serveTools(deps.catalog ?? CATALOG, { clients, clock })
  const resources = serveResources(deps.resources ?? RESOURCES)
  const served = {
    ...{ tools, resources },
    prompts: servePrompts(deps.prompts ?? PROMPTS),
    standIns: deps.standIns,
    identity: serverIdentity(deps.version),
    revision: deps.revision ?? (() => 0),
    runner,
    resource,
  }
  const legs: Legs = {
    ...{ admission, tools, direct: directLeg(served), sdk: sdkLeg(served) },
    load: deps.load,
    loadOf: (body) => loadOfMessage(body, tools, (uri) => resources.toolBehind(uri)),
    isDirect: (plain) => deps.standIns === undefined || isCallOf(plain, deps.catalog ?? CATALOG),
  }

  await app.register((scope, _options, done) => {
    answerErrorsAsRpc(scope, log)
    scope.decorateRequest(CALLER, null)
    answerBrowsers(scope, ['/mcp', '/mcp/:environment', '/ci/mcp'], deps.browserOrigins ?? [])
    // A child for each request would cost as much as parsing it: what is logged here names its correlation id itself.
    scope.setChildLoggerFactory((logger) => logger)
    openDoor(scope, '/mcp', legs, () => ({ kind: 'oauth', environment: null }))
    openDoor(scope, '/mcp/:environment', legs, (request) => ({
      kind: 'oauth',
      environment: namedIn(request),
    }))
    openDoor(scope, '/ci/mcp', legs, () => ({ kind: 'automation', environment: null }))
    done()
  })
  app.addHook('onClose', async () => {
    await legs.sdk.close()
    clients.close()
  })
}

/**
 * Who sent a request, with it. Not in a `WeakMap`: V8's young collections take what stands in one for alive, and a caller names
 * his request, so that each would live until the next full collection.
 */
const CALLER = 'mcpCaller'

interface Legs {
  readonly admission: Admission
  readonly tools: ServedTools
  readonly direct: DirectLeg
  readonly sdk: SdkLeg
  readonly load: Load | undefined
  readonly loadOf: (body: unknown) => LoadClass
  /** Whether a plain request takes the direct path. */
  readonly isDirect: (plain: PlainRequest) => boolean
}

const isCallOf = (plain: PlainRequest, catalog: readonly Tool[]): boolean =>
  plain.method === 'tools/call' && catalog.some(({ name }) => name === plain.name)

const namedIn = (request: FastifyRequest): string =>
  (request.params as { readonly environment: string }).environment

function openDoor(
  scope: FastifyInstance,
  url: string,
  legs: Legs,
  doorOf: (request: FastifyRequest) => Door,
): void {
  scope.route({
    method: ['GET', 'POST', 'DELETE'],
    url,
    config: { load: 'itself' },
    // Before the body is read: a stranger costs us headers, nothing more.
    async onRequest(request, reply) {
      const door = doorOf(request)
      const caller = await legs.admission.identify(request, door)
      if (!caller.ok) return legs.admission.answer(reply, caller.error, { door, rpcId: null })
      if (request.method !== 'POST') return sendError(reply.header('allow', 'POST'), NOT_ALLOWED)
      if (!isJsonContentType(request.headers['content-type'])) return sendError(reply, WRONG_MEDIA_TYPE)
      request.setDecorator<Caller | null>(CALLER, caller.value)
      return undefined
    },
    async handler(request, reply) {
      const caller = request.getDecorator<Caller | null>(CALLER)
      if (caller === null) throw new Error('a request reached the handler without a caller')
      if (Array.isArray(request.body)) sendError(reply, BATCH)
      else await answerWithRoom({ request, reply, caller, door: doorOf(request) }, legs)
      return reply
    },
  })
}

interface Arrived {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly caller: Caller
  readonly door: Door
}

/** The cap on what is in flight comes before the store call, whose deadline would pass in our own event loop. */
async function answerWithRoom(arrived: Arrived, legs: Legs): Promise<void> {
  const { request, reply, door } = arrived
  const answer = (): Promise<void> => answerMessage(arrived, legs)
  try {
    if (legs.load === undefined) await answer()
    else await legs.load.during(legs.loadOf(request.body), answer, arrived.caller.facts.subject)
  } catch (error) {
    if (!(error instanceof Overloaded)) throw error
    const refusal = { reason: 'unavailable', why: 'overloaded', retryAfterS: error.retryAfterS } as const
    legs.admission.answer(reply, refusal, { door, rpcId: echoedId(request.body) })
  }
}

async function answerMessage({ request, reply, caller, door }: Arrived, legs: Legs): Promise<void> {
  const refuse: DirectRequest['refuse'] = (refusal, rpcId) => {
    legs.admission.answer(reply, refusal, { door, rpcId })
  }
  const plain = readPlain(request.body, request.headers)
  const chosen = legs.tools.readSelection(request.url, request.headers)
  const deadline = deadlineOf(reply)
  const { signal } = deadline
  try {
    if (!chosen.ok) await refuseSelection({ request, reply, caller, why: chosen.error }, legs, refuse)
    else if (plain !== null && legs.isDirect(plain))
      await legs.direct({ plain, caller, selection: chosen.value, reply, signal, refuse })
    else await answerUnusual({ request, reply, caller, selection: chosen.value, signal }, legs, refuse)
  } finally {
    deadline.clear()
  }
}

async function answerUnusual(
  message: SdkMessage,
  legs: Legs,
  refuse: DirectRequest['refuse'],
): Promise<void> {
  const method = methodOf(message.request.body)
  if (admitsItself(method)) {
    await answerAdmitting(message, legs, refuse)
    return
  }
  const admitted = await admitMessage(message, legs, refuse)
  if (admitted === null) return
  if (LISTS.has(method)) await legs.tools.rights.refresh(admitted)
  const answer = await legs.sdk.ask(message)
  tellLimits(message, legs)
  await answer.send()
}

function tellLimits({ reply, caller }: Pick<SdkMessage, 'reply' | 'caller'>, { admission }: Legs): void {
  reply.headers(admission.limitFields(caller) ?? {})
}

/** What depends on the rights of the Maximo user. */
const LISTS: ReadonlySet<string> = new Set([
  'tools/list',
  'resources/list',
  'resources/templates/list',
  'prompts/list',
])

/** One admission for one message: the handler's, or that of any message where no handler got so far. */
async function answerAdmitting(
  message: SdkMessage,
  legs: Legs,
  refuse: DirectRequest['refuse'],
): Promise<void> {
  const { exchange, send } = await legs.sdk.ask(message)
  if (exchange.refusal !== null) refuse(exchange.refusal, echoedId(message.request.body))
  else if (exchange.isAdmitted || (await admitMessage(message, legs, refuse)) !== null) {
    tellLimits(message, legs)
    await send()
  }
}

/** Only whoever is admitted learns what is wrong with the address. */
async function refuseSelection(
  message: Pick<SdkMessage, 'request' | 'reply' | 'caller'> & { readonly why: string },
  legs: Legs,
  refuse: DirectRequest['refuse'],
): Promise<void> {
  const admitted = await admitMessage(message, legs, refuse)
  if (admitted === null) return
  const { request, reply, why } = message
  sendError(reply, { status: 400, code: INVALID_PARAMS, message: why, id: echoedId(request.body) })
}

/** Null: it was refused, and the refusal is answered. */
async function admitMessage(
  { request, caller }: Pick<SdkMessage, 'request' | 'caller'>,
  { admission }: Legs,
  refuse: DirectRequest['refuse'],
): Promise<Admitted | null> {
  const { body } = request
  const admitted = await admission.admit(caller, { kind: 'message', method: methodOf(body) })
  if (!admitted.ok) {
    refuse(admitted.error, echoedId(body))
    return null
  }
  await admitted.value.release()
  return admitted.value
}
