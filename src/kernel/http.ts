import { type IncomingMessage, type Server, STATUS_CODES } from 'node:http'
import fastify, { LogController, type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import { Connections } from './connections.ts'
import { assertPlain } from './json-text.ts'
import { prepareJsonHead } from './json-answer.ts'
import { admitWork } from './load/edge.ts'
import type { Traffic } from './load/traffic.ts'
import type { Log } from './log.ts'
import { randomId } from './random.ts'
import { requestLog } from './request-log.ts'
import { answerUnreadable, coverOwnAnswers } from './raw-answers.ts'
import { securityHeaders } from './security-headers.ts'

const MAX_HEADER_BYTES = 16 * 1024
const MAX_BODY_BYTES = 256 * 1024
/** No client of ours sends a fourth of them; beyond its own limit Node drops what comes, and with it what we may need to see. */
const MAX_HEADERS = 100
/** Without a short sweep Node looks for slow requests only every 30 s. */
const PATIENCE: Patience = { headersMs: 10_000, requestMs: 15_000, sweepMs: 1_000 }

/** How long a request may take to come: its headers, and all of it; and how often that is looked at. */
export interface Patience {
  readonly headersMs: number
  readonly requestMs: number
  readonly sweepMs: number
}

export interface HttpOptions {
  readonly log: Log
  /** Sources of `Content-Security-Policy`, by directive; `default-src 'none'` and the frame rules are always there. */
  readonly csp: Readonly<Record<string, readonly string[]>>
  /** Networks whose `X-Forwarded-For` is believed (CIDR or address); the address is the right-most hop outside them. */
  readonly trustedProxies: readonly string[]
  /** PEM key and certificate: the listener speaks TLS 1.2 or later. */
  readonly tls?: { readonly key: string; readonly cert: string }
  /** What bounds the work and the connections, shared by the listeners of a process. */
  readonly traffic?: Traffic
  /** Another than that of every service. */
  readonly patience?: Patience
}

/**
 * The base of every listener: size, depth and time limits, a correlation id, and the security headers on every answer,
 * errors included. Routes, error bodies and readiness are the caller's.
 */
export async function createHttp(options: HttpOptions): Promise<FastifyInstance> {
  const app = fastify(serverOptions(options))
  const own = coverOwnAnswers(app.server)
  const { traffic } = options
  const connections = new Connections(
    app.server,
    traffic === undefined ? {} : { max: traffic.maxConnections, leaving: traffic.leaving },
  )
  if (traffic !== undefined) admitWork(app, traffic.load)
  app.addHook('preClose', (done) => {
    own.closing()
    connections.drain()
    done()
  })
  parsePlainJson(app)
  // One more than are taken, so that they can be counted.
  app.server.maxHeadersCount = MAX_HEADERS + 1
  app.addHook('onRequest', (request, reply, done) => {
    const { rawHeaders, headers, httpVersion } = request.raw
    // Node would refuse it (RFC 9112 §3.2) past every hook.
    if (headers.host === undefined && httpVersion === '1.1')
      reply.code(400).send({ error: 'Bad Request', message: 'no Host header', statusCode: 400 })
    else if (rawHeaders.length > 2 * MAX_HEADERS)
      reply
        .code(431)
        .header('connection', 'close')
        .send({ error: STATUS_CODES[431], message: `more than ${MAX_HEADERS} headers`, statusCode: 431 })
    else done()
  })
  sendHeaders(app, options.csp)
  return app
}

/** Last of all, so that what a route says for itself stands. */
function sendHeaders(app: FastifyInstance, csp: HttpOptions['csp']): void {
  const fixed = securityHeaders(csp)
  prepareJsonHead(app, fixed)
  app.addHook('onSend', (request, reply, payload, done) => {
    for (const [name, value] of fixed) if (!reply.hasHeader(name)) reply.header(name, value)
    reply.header('x-correlation-id', request.id)
    done(null, payload)
  })
}

function serverOptions(options: HttpOptions): FastifyHttpOptions<Server> {
  const { patience = PATIENCE } = options
  return {
    loggerInstance: options.log,
    childLoggerFactory: requestLog,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: patience.requestMs,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    // Never taken from the request: a stranger must not choose the id under which we log him.
    requestIdHeader: false,
    // 96 bits are enough to tell requests apart.
    genReqId: () => randomId().slice(0, 16),
    exposeHeadRoutes: false,
    return503OnClosing: true,
    clientErrorHandler: answerUnreadable,
    rewriteUrl: ({ url = '/' }) => (isReadable(url) ? url : UNREADABLE),
    ...listener(options.tls, patience),
  }
}

/** Where an address with broken percent-encoding leads: Fastify would answer it itself, without any of our headers. */
const UNREADABLE = '/unreadable-address'

function isReadable(url: string): boolean {
  try {
    decodeURIComponent(url.split(/[?#]/, 1)[0] ?? '')
    return true
  } catch {
    return false
  }
}

/** Fastify types a TLS server apart from a plain one; every caller of ours treats both alike. */
function listener(tls: HttpOptions['tls'], { headersMs, sweepMs }: Patience): { http: object } {
  const limits = {
    requireHostHeader: false,
    maxHeaderSize: MAX_HEADER_BYTES,
    headersTimeout: headersMs,
    connectionsCheckingInterval: sweepMs,
  }
  if (tls === undefined) return { http: limits }
  return {
    https: { ...limits, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: headersMs },
  } as unknown as { http: object }
}

/** Replaces Fastify's JSON parser by one that refuses what is nested deeply, or names one member twice, before it parses (400 `FST_ERR_CTP_INVALID_JSON_BODY`). */
function parsePlainJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      assertPlain(body.toString())
    } catch (error) {
      done(error as Error)
      return
    }
    void parse(request, body.toString(), done)
  })
}

/** Fastify types a plugin's raw request loosely; this is the one reader of the socket's own address. */
export const socketAddress = (raw: IncomingMessage): string => raw.socket.remoteAddress ?? ''
