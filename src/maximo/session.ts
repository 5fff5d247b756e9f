import type { Readable } from 'node:stream'
import type { Clock } from '../kernel/clock.ts'
import type { MaximoCall, MaximoEnvironment } from './contract.ts'
import { type Bearer, openBearer } from './credentials/bearer.ts'
import { OPEN_GATE, PasswordGate } from './credentials/password-gate.ts'
import type { SessionCookies } from './credentials/session-cookies.ts'
import { bearerHeaders, staticHeaders, type StaticMethod } from './credentials/static-headers.ts'
import type { Egress } from './egress/egress.ts'
import type { BaseUrl } from './egress/rules.ts'
import { MaximoFault } from './fault.ts'
import { renderParameters } from './query/parameters.ts'
import type { FileAnswer } from './http/download.ts'
import { jsonOf } from './http/answer.ts'
import type { Answer } from './http/exchange.ts'
import type { Ask, Lane } from './http/lane.ts'

/** One credential at one environment: turns a path below the API root into the JSON Maximo answers. */
export interface MaximoSession {
  readonly base: BaseUrl
  /** @throws MaximoFault, or the signal's reason */
  get(question: Question, call: MaximoCall): Promise<unknown>
  /**
   * One of several questions that need a session at Maximo: the first is proven and brings the cookies, the others show
   * these and nothing else. On the session mapping, whatever the credential. @throws as `get`
   */
  getInSession(question: Question, cookies: SessionCookies, call: MaximoCall): Promise<unknown>
  /** Ends it (`/logout`, maximo-api §1.4). @throws as `post` */
  endSession(cookies: SessionCookies, call: MaximoCall): Promise<void>
  /** A file of the type that its metadata says. @throws as `get` */
  download(question: Question, mediaType: string | null, call: MaximoCall): Promise<FileAnswer>
  /**
   * Sends a write once; a refusal is an answer.
   * @throws AnswerLost when it may have been carried out; MaximoFault or the signal's reason when nothing of it has left
   */
  post(posting: Posting, call: MaximoCall): Promise<Answer>
  /** The address of a path below the API root, as payloads name records. */
  hrefOf(segments: readonly string[]): string
}

/** A write. Only {@link MaximoSession.post} turns it into a request, so that no PATCH leaves without MERGE. */
export interface Posting {
  readonly segments: readonly string[]
  readonly queryString: string
  /** `post` creates or answers; the others are Maximo's `x-method-override`. */
  readonly operation: 'post' | 'PATCH' | 'SYNC' | 'BULK' | 'DELETE'
  /** Name and value by turns; values of printable ASCII. */
  readonly headers: readonly string[]
  /** JSON, or the bytes of a file, which are sent once only. */
  readonly body: string | Readable
}

export interface Question {
  /** Segments below `/maximo/api`; each must be a plain name or a resource id. */
  readonly segments: readonly string[]
  /** Rendered by `renderParameters`, so `lean=1` is in it. */
  readonly queryString: string
  readonly objectStructure?: string
}

/** @throws MaximoFault egress_refused, or credentials_rejected when the credential is none of its method */
export const openSession = (environment: MaximoEnvironment, egress: Egress, clock: Clock): MaximoSession => {
  const base = egress.check(environment.baseUrl)
  // An API key works on the unprotected mapping only; all else on the session one (REST guide, authentication).
  const own = rootOf(base, environment.method === 'apikey' ? 'api' : 'oslc')
  const sessions = rootOf(base, 'oslc')
  // What IBM's operators say where the client certificate alone is the proof; others ignore it (maximo-api §1.2).
  const marked = environment.method === 'certificate' ? '&ccm=1' : ''
  const lane = (): Lane => egress.lane(base, environment.certificate)
  const asking = (root: Root, [question, call, proof]: Asked, mark = marked): Ask => ({
    path: addressOf(root, question, mark),
    headers: headersOf(root, call, proof),
    objectStructure: question.objectStructure?.toUpperCase() ?? null,
    signal: call.signal,
    urgency: call.urgency ?? 'person',
  })
  const sending = (
    posting: Posting,
    call: MaximoCall,
    proof: readonly string[],
    root = own,
  ): Promise<Answer> =>
    lane().write({
      path: addressOf(root, posting, root === own ? marked : ''),
      headers: [
        ...headersOf(root, call, proof),
        ...overrideHeaders(posting.operation),
        ...posting.headers.map(checkedHeader),
      ],
      signal: call.signal,
      urgency: call.urgency ?? 'person',
      sent: { method: 'POST', body: posting.body },
    })
  const hrefOf = (segments: readonly string[]): string =>
    `${base.origin}${own.path}/${segments.map(checkedSegment).join('/')}`
  const ways: Ways = {
    ask: (...asked) => lane().ask(asking(own, asked)),
    askInSession: (cookies, ...asked) =>
      lane().ask({
        // The addresses that Maximo gives for further pages repeat the mark.
        ...asking(sessions, asked, cookies.isEmpty ? marked : ''),
        heard: (set) => cookies.keep(set),
      }),
    download: (mediaType, ...asked) => lane().download({ ...asking(own, asked), mediaType }),
    send: sending,
  }
  const endSession: MaximoSession['endSession'] = async (cookies, call) => {
    await sending(LOGOUT, call, cookies.header(), sessions)
  }
  return { base, hrefOf, endSession, ...provenBy(environment, ways, { egress, clock }) }
}

/** A mapping of Maximo's API and what every request there says. */
interface Root {
  readonly path: string
  readonly common: readonly string[]
}

const rootOf = (base: BaseUrl, mapping: 'api' | 'oslc'): Root => {
  const path = `${base.path}/${mapping}`
  return { path, common: commonHeaders(`${base.origin}${path}`) }
}

const addressOf = (
  { path }: Root,
  { segments, queryString }: Pick<Question, 'segments' | 'queryString'>,
  mark: string,
): string => `${path}/${segments.map(checkedSegment).join('/')}?${queryString}${mark}`

function headersOf({ common }: Root, call: MaximoCall, proof: readonly string[]): readonly string[] {
  const headers = [...proof, ...common, 'x-correlation-id', checkedCorrelation(call.correlationId)]
  const { traceparent = null } = call
  if (traceparent !== null) headers.push('traceparent', checkedHeader(traceparent))
  return headers
}

const LOGOUT: Posting = {
  segments: ['logout'],
  queryString: renderParameters([]),
  operation: 'post',
  headers: [],
  body: '',
}

type Asked = readonly [question: Question, call: MaximoCall, proof: readonly string[]]

interface Ways {
  readonly ask: (...asked: Asked) => Promise<unknown>
  readonly askInSession: (cookies: SessionCookies, ...asked: Asked) => Promise<unknown>
  readonly download: (mediaType: string | null, ...asked: Asked) => Promise<FileAnswer>
  readonly send: (posting: Posting, call: MaximoCall, proof: readonly string[]) => Promise<Answer>
}

type Proven = Pick<MaximoSession, 'get' | 'getInSession' | 'download' | 'post'>

function provenBy(
  { method, credential, onReplaced = keepNothing }: MaximoEnvironment,
  ways: Ways,
  { egress, clock }: { readonly egress: Egress; readonly clock: Clock },
): Proven {
  if (method !== 'oauth' && method !== 'oidc')
    return provenByHeader(method, staticHeaders(method, credential.reveal()), ways, clock)
  const { ask, askInSession, download, send } = ways
  const bearer = openBearer({ method, credential, post: egress.postForm, clock, onReplaced })
  return {
    get: (question, call) => askWithBearer(bearer, call, (proof) => ask(question, call, proof)),
    getInSession: (question, cookies, call) =>
      cookies.isEmpty
        ? askWithBearer(bearer, call, (proof) => askInSession(cookies, question, call, proof))
        : askInSession(cookies, question, call, cookies.header()),
    download: (question, mediaType, call) =>
      askWithBearer(bearer, call, (proof) => download(mediaType, question, call, proof)),
    post: (posting, call) => postWithBearer(bearer, call, posting, send),
  }
}

function provenByHeader(
  method: StaticMethod,
  proof: readonly string[],
  { ask, askInSession, download, send }: Ways,
  clock: Clock,
): Proven {
  const gate = method === 'maxauth' || method === 'basic' ? new PasswordGate(clock) : OPEN_GATE
  const judge = (answer: Answer): void => {
    jsonOf(answer, { objectStructure: null, nowMs: clock.nowMs() })
  }
  return {
    get: (question, call) => gate.pass(() => ask(question, call, proof), call.signal),
    getInSession: (question, cookies, call) => {
      if (!cookies.isEmpty) return askInSession(cookies, question, call, cookies.header())
      const asked = method === 'apikey' ? enablingSession(question) : question
      return gate.pass(() => askInSession(cookies, asked, call, proof), call.signal)
    },
    download: (question, mediaType, call) =>
      gate.pass(() => download(mediaType, question, call, proof), call.signal),
    post: (posting, call) => gate.pass(() => send(posting, call, proof), call.signal, judge),
  }
}

/** A key is proof for one request, unless this asks for more (maximo-api §1.2, IBM's Python client). */
const enablingSession = (question: Question): Question => ({
  ...question,
  queryString: `${question.queryString}&enablesession=1`,
})

/** A 401 says that nothing was done: a text is sent again under a new token, a stream is gone. */
async function postWithBearer(
  bearer: Bearer,
  call: MaximoCall,
  posting: Posting,
  send: Ways['send'],
): Promise<Answer> {
  const token = await bearer.token(call.signal)
  const answer = await send(posting, call, bearerHeaders(token))
  if (answer.status !== 401) return answer
  bearer.discard(token)
  if (typeof posting.body !== 'string') return answer
  const next = await bearer.token(call.signal)
  return next === token ? answer : send(posting, call, bearerHeaders(next))
}

/** Without MERGE every child row that a payload leaves out is deleted (REST guide, create and update). */
const overrideHeaders = (operation: Posting['operation']): readonly string[] => {
  if (operation === 'post') return []
  const isMerged = operation !== 'DELETE'
  return ['x-method-override', operation, ...(isMerged ? ['patchtype', 'MERGE'] : [])]
}

/** A bearer may be withdrawn before its time: a refused one is replaced once, since asking with a new one is no guess. */
async function askWithBearer<T>(
  bearer: Bearer,
  call: MaximoCall,
  ask: (proof: readonly string[]) => Promise<T>,
): Promise<T> {
  const token = await bearer.token(call.signal)
  try {
    return await ask(bearerHeaders(token))
  } catch (error) {
    if (!(error instanceof MaximoFault && error.kind === 'credentials_rejected')) throw error
    bearer.discard(token)
    const next = await bearer.token(call.signal)
    if (next === token) throw error
    return ask(bearerHeaders(next))
  }
}

const keepNothing = (): Promise<void> => Promise.resolve()

/** No cookie among them: Maximo would prefer a credential-less session to the key beside it (401 BMXAA0021E). */
const commonHeaders = (publicUri: string): readonly string[] => [
  'accept',
  'application/json',
  'accept-encoding',
  'identity',
  'user-agent',
  'maximo-mcp',
  // Decides the prefix of every address in the answer; else they may name another host.
  'x-public-uri',
  publicUri,
]

const checkedSegment = (segment: string): string => {
  if (!SEGMENT.test(segment)) throw new Error('not a path segment of ours')
  return segment
}

const checkedCorrelation = (id: string): string => {
  if (!CORRELATION.test(id)) throw new Error('not a correlation id of ours')
  return id
}

const checkedHeader = (text: string): string => {
  if (!HEADER.test(text)) throw new Error('not a header of ours')
  return text
}

const HEADER = /^[\x20-\x7e]{1,8000}$/
/** Names of Maximo, lookups of them, and resource ids: nothing that a URL parser could read as more than one segment. */
const SEGMENT = /^(getlist~)?[A-Za-z0-9_=-]{1,500}$/
const CORRELATION = /^[A-Za-z0-9_-]{1,64}$/
