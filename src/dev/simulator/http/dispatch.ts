import { methodNotSupported, noSuchResource } from '../errors.ts'
import { authenticate, type Credentials } from '../auth/authenticate.ts'
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
  readonly credentials: Credentials
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
  const { user, newSession } = authenticate(
    { ...incoming.credentials, apiKey: key },
    context,
    instance.authenticator,
  )
  const cookie = newSession === null ? {} : { 'set-cookie': `JSESSIONID=${newSession.id}; Path=/; HttpOnly` }
  const exchange: Exchange = {
    instance,
    user,
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
  const answered = answerExchange(exchange, incoming)
  return { answer: { ...answered, headers: { ...cookie, ...answered.headers } }, userId: user.userId }
}

function answerExchange(exchange: Exchange, incoming: Incoming): Answer {
  const [first = ''] = exchange.segments
  if (first === 'login') return login(exchange)
  if (first === 'logout') return logout(exchange, incoming)
  const route = ROUTES[first]
  if (route === undefined || !Object.hasOwn(ROUTES, first)) throw noSuchResource(incoming.path)
  if (first !== 'os' && first !== 'wf' && exchange.method !== 'GET') {
    throw methodNotSupported(exchange.method)
  }
  return route(exchange)
}

function login(exchange: Exchange): Answer {
  const answered = answerLogin(exchange.instance.rules)
  if (!exchange.parameters.has('csrf')) return answered
  return { ...answered, headers: { csrftoken: `csrf-${exchange.user.userId.toLowerCase()}` } }
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
