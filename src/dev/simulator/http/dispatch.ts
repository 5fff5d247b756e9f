import { csrfRefused, methodNotSupported, noSuchResource } from '../errors.ts'
import { authenticate, type Authenticated, type Credentials } from '../auth/authenticate.ts'
import { randomId } from '../../../kernel/random.ts'
import { parseParameters } from '../query/parameters.ts'
import { answerLogin, answerHome, answerPing, answerSystemInfo, answerWhoAmI } from './housekeeping-routes.ts'
import { answerApiMeta, answerSchema } from './metadata-routes.ts'
import { answerObjectStructure } from './object-structure-routes.ts'
import { answerInputNode } from './workflow-routes.ts'
import type { Answer, Exchange, Instance } from './exchange.ts'

/** An HTTP request as the routes need it. */
export interface Incoming {
  readonly method: string
  /** Raw path, without the query. */
  readonly path: string
  readonly query: string
  readonly credentials: Omit<Credentials, 'hasCcm' | 'enablesSession'>
  readonly contentType: string
  /** A header by its lower-case name; null when absent or repeated. */
  readonly header: (name: string) => string | null
  readonly body: Buffer
}

export interface Outcome {
  readonly answer: Answer
  readonly userId: string
}

const ROUTES: Readonly<Record<string, (exchange: Exchange) => Answer>> = {
  os: answerObjectStructure,
  apimeta: answerApiMeta,
  jsonschemas: answerSchema,
  wf: answerInputNode,
  whoami: answerWhoAmI,
  ping: answerPing,
  systeminfo: answerSystemInfo,
  '': answerHome,
}

/**
 * Authenticates a request under `/maximo/oslc` or `/maximo/api` and answers it.
 *
 * @throws BmxError for every refusal.
 */
export function dispatch(incoming: Incoming, instance: Instance): Outcome {
  const [context, ...segments] = pathSegments(incoming.path)
  if (context !== 'oslc' && context !== 'api') throw noSuchResource(incoming.path)
  const parameters = parseParameters(queryOf(incoming, segments))
  const key = incoming.credentials.apiKey ?? parameters.get('apikey')
  const shown = {
    ...incoming.credentials,
    apiKey: key,
    hasCcm: parameters.has('ccm'),
    enablesSession: parameters.has('enablesession'),
  }
  const authenticated = authenticate(shown, context, instance.authenticator)
  const { user, newSession } = authenticated
  const cookie = newSession === null ? {} : { 'set-cookie': `JSESSIONID=${newSession.id}; Path=/; HttpOnly` }
  const exchange: Exchange = {
    instance,
    user,
    sessionId: newSession?.id ?? incoming.credentials.sessionId,
    context,
    segments,
    parameters,
    // A form-encoded POST to a collection is a query.
    method: isFormQuery(incoming, segments) ? 'GET' : incoming.method,
    header: incoming.header,
    body: incoming.body,
    contentType: incoming.contentType,
    isLean: parameters.has('lean'),
  }
  if (!showsCsrfToken(exchange, authenticated)) throw csrfRefused()
  const answered = answerExchange(exchange, incoming, authenticated)
  return { answer: { ...answered, headers: { ...cookie, ...answered.headers } }, userId: user.userId }
}

/** A session that asked for a token shows it in every write; who shows a credential each time needs none. */
function showsCsrfToken({ method, header }: Exchange, { session }: Authenticated): boolean {
  if (method === 'GET' || session === undefined || session.csrfToken === null) return true
  return header('csrftoken') === session.csrfToken
}

function answerExchange(exchange: Exchange, incoming: Incoming, authenticated: Authenticated): Answer {
  const [first = ''] = exchange.segments
  if (first === 'login') return login(exchange, authenticated)
  if (first === 'logout') return logout(exchange, incoming)
  const route = ROUTES[first]
  if (route === undefined || !Object.hasOwn(ROUTES, first)) throw noSuchResource(incoming.path)
  if (first !== 'os' && first !== 'wf' && exchange.method !== 'GET') {
    throw methodNotSupported(exchange.method)
  }
  return route(exchange)
}

/** With `csrf=1` the session gets a token, in a header of the answer; it keeps the one it has (maximo-api §1.2). */
function login(exchange: Exchange, { session, newSession }: Authenticated): Answer {
  const answered = answerLogin(exchange.instance.rules)
  const opened = session ?? newSession
  if (!exchange.parameters.has('csrf') || opened === null || opened.user === null) return answered
  opened.csrfToken ??= randomId()
  return { ...answered, headers: { csrftoken: opened.csrfToken } }
}

function logout(exchange: Exchange, incoming: Incoming): Answer {
  const { sessionId } = incoming.credentials
  if (sessionId !== null) exchange.instance.authenticator.sessions.end(sessionId)
  return { status: 200, body: {} }
}

export const FORM = 'application/x-www-form-urlencoded'

const isFormQuery = (incoming: Incoming, segments: readonly string[]): boolean =>
  incoming.method === 'POST' &&
  incoming.contentType.startsWith(FORM) &&
  segments[0] === 'os' &&
  segments.length === 2

const queryOf = (incoming: Incoming, segments: readonly string[]): string =>
  isFormQuery(incoming, segments)
    ? [incoming.query, incoming.body.toString('utf8')].filter((part) => part !== '').join('&')
    : incoming.query

/** The segments below `/maximo`; one trailing slash of the context is no segment. @throws BmxError for a broken percent escape. */
function pathSegments(path: string): string[] {
  try {
    return path
      .replace(/^\/maximo\/?/, '')
      .split('/')
      .map((segment) => decodeURIComponent(segment))
      .filter((segment, index) => segment !== '' || index > 1)
  } catch {
    throw noSuchResource(path)
  }
}
