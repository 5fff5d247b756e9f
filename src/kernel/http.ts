import type { IncomingMessage, Server } from 'node:http'
import fastify, { LogController, type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import { Connections } from './connections.ts'
import { assertShallow } from './json-depth.ts'
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
const HEADERS_TIMEOUT_MS = 10_000
const REQUEST_TIMEOUT_MS = 15_000
const SWEEP_MS = 1_000

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
  parseShallowJson(app)
  app.addHook('onRequest', (request, reply, done) => {
    // Node would refuse it (RFC 9112 §3.2) past every hook.
    if (request.raw.headers.host === undefined && request.raw.httpVersion === '1.1')
      reply.code(400).send({ error: 'Bad Request', message: 'no Host header', statusCode: 400 })
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
  return {
    loggerInstance: options.log,
    childLoggerFactory: requestLog,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: MAX_BODY_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    trustProxy: options.trustedProxies.length > 0 ? [...options.trustedProxies] : false,
    // Never taken from the request: a stranger must not choose the id under which we log him.
    requestIdHeader: false,
    // 96 bits are enough to tell requests apart.
    genReqId: () => randomId().slice(0, 16),
    exposeHeadRoutes: false,
    return503OnClosing: true,
    clientErrorHandler: answerUnreadable,
    rewriteUrl: ({ url = '/' }) => (isReadable(url) ? url : UNREADABLE),
    ...listener(options.tls),
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

const LIMITS = {
  requireHostHeader: false,
  maxHeaderSize: MAX_HEADER_BYTES,
  headersTimeout: HEADERS_TIMEOUT_MS,
  // Without a short sweep Node looks for slow requests only every 30 s.
  connectionsCheckingInterval: SWEEP_MS,
}

/** Fastify types a TLS server apart from a plain one; every caller of ours treats both alike. */
function listener(tls: HttpOptions['tls']): { http: object } {
  if (tls === undefined) return { http: LIMITS }
  return {
    https: { ...LIMITS, ...tls, minVersion: 'TLSv1.2', handshakeTimeout: HEADERS_TIMEOUT_MS },
  } as unknown as { http: object }
}

/** Replaces Fastify's JSON parser by one that refuses deep nesting before it parses (400 `FST_ERR_CTP_INVALID_JSON_BODY`). */
function parseShallowJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    try {
      assertShallow(body.toString())
    } catch (error) {
      done(error as Error)
      return
    }
    void parse(request, body.toString(), done)
  })
}

/** Fastify types a plugin's raw request loosely; this is the one reader of the socket's own address. */
export const socketAddress = (raw: IncomingMessage): string => raw.socket.remoteAddress ?? ''
