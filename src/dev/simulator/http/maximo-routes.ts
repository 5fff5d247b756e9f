import { createHash } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { SeenRequest } from '../contract.ts'
import { BmxError } from '../errors.ts'
import type { Fault, Faults } from '../faults.ts'
import { playBefore, reset } from './apply-fault.ts'
import { bendAnswer, type WireAnswer } from './bend-answer.ts'
import { dispatch, FORM, type Incoming } from './dispatch.ts'
import { errorBody } from './error-body.ts'
import type { Answer, Instance } from './exchange.ts'
import type { Throttle } from '../throttle.ts'
import { watchWire } from '../wire/wire-watch.ts'
import type { CountingTap } from './request-counter.ts'

/** Mounts Maximo under `/maximo`: count, then trouble if any was ordered, then the answer. */
export function addMaximoRoutes(
  app: FastifyInstance,
  instance: Instance,
  taps: { readonly faults: Faults; readonly counter: CountingTap; readonly throttle: Throttle },
): void {
  app.all('/maximo/*', async (request, reply) => {
    const seen = noteRequest(request, taps.counter)
    if (request.url.length > instance.rules.maxUrlBytes) return refuseLongUrl(reply)
    const refused = taps.throttle.take()
    if (refused !== null) return refuseTooMany(reply, refused)
    const fault = taps.faults.take(`${request.method} ${request.url}`)
    const answered = await answerRequest(request, reply, { instance, fault, seen })
    if (answered === null) return reply
    return send(reply, answered, fault)
  })
}

/** Null: a fault has ended the request. */
async function answerRequest(
  request: FastifyRequest,
  reply: FastifyReply,
  at: { readonly instance: Instance; readonly fault: Fault | null; readonly seen: SeenRequest },
): Promise<Answer | null> {
  const incoming = incomingOf(request)
  try {
    if (at.fault !== null && (await playBefore(at.fault, reply))) return null
    const outcome = dispatch(incoming, at.instance)
    at.seen.userId = outcome.userId
    return outcome.answer
  } catch (error) {
    if (error instanceof BmxError) return refusal(error, incoming, at.instance)
    throw error
  }
}

function refusal(error: BmxError, incoming: Incoming, instance: Instance): Answer {
  const query = new URLSearchParams(incoming.query)
  const isLean = ['1', 'true'].includes(query.get('lean') ?? '')
  const prefix = query.has('relativeuri')
    ? 'oslc'
    : (incoming.header('x-public-uri') ?? `${instance.origin()}/maximo/oslc`)
  const moreInfo = `${prefix}/error/messages`
  return { status: error.status, body: errorBody(error, { isLean, moreInfo, nowMs: datingOf(instance) }) }
}

const datingOf = ({ rules, clock }: Instance): number | null => (rules.errorTimestamp ? clock.nowMs() : null)

async function send(reply: FastifyReply, answered: Answer, fault: Fault | null): Promise<FastifyReply> {
  if (fault?.kind === 'reset' && fault.when === 'after-work') {
    reset(reply)
    return reply
  }
  void reply.code(answered.status).headers(answered.headers ?? {})
  const sent = wireOf(answered)
  if (sent === null) return reply.send()
  const bent = bendAnswer(fault, sent)
  if (fault?.kind === 'reset') return breakOff(reply, bent)
  return reply.code(bent.status).header('content-type', bent.contentType).send(bent.body)
}

/** A Buffer, since Fastify adds a charset to texts and Maximo's type is exactly `application/json`. */
function wireOf({ status, body, file }: Answer): WireAnswer | null {
  if (file !== undefined) return { status, contentType: file.contentType, body: file.bytes }
  if (body === undefined) return null
  return { status, contentType: 'application/json', body: Buffer.from(JSON.stringify(body)) }
}

/** Promises the whole body, sends half of it and cuts the line. */
async function breakOff(
  reply: FastifyReply,
  { status, contentType, body }: WireAnswer,
): Promise<FastifyReply> {
  reply.hijack()
  reply.raw.writeHead(status, { 'content-type': contentType, 'content-length': body.length })
  await new Promise<void>((resolve) => {
    reply.raw.write(body.subarray(0, Math.ceil(body.length / 2)), () => resolve())
  })
  reply.raw.socket?.resetAndDestroy()
  return reply
}

function refuseTooMany(
  reply: FastifyReply,
  { status, retryAfter }: { readonly status: number; readonly retryAfter: string | null },
): FastifyReply {
  if (retryAfter !== null) void reply.header('retry-after', retryAfter)
  return reply
    .code(status)
    .header('content-type', 'text/html')
    .send('<html><body>Too many requests</body></html>')
}

const PROOFS = ['apikey', 'maxauth', 'authorization', 'cookie'] as const

const refuseLongUrl = (reply: FastifyReply): FastifyReply =>
  reply.code(414).header('content-type', 'text/html').send('<html><body>Request-URI Too Long</body></html>')

function noteRequest(request: FastifyRequest, counter: CountingTap): SeenRequest {
  const { path, query, body, contentType } = incomingOf(request)
  watchWire({ method: request.method, target: request.url, rawHeaders: request.raw.rawHeaders })
  const asked = contentType.startsWith(FORM) ? body.toString('utf8') : query
  const seen: SeenRequest = {
    method: request.method,
    path,
    query: asked.replaceAll(/(^|&)apikey=[^&]*/g, '$1apikey=…'),
    proofs: PROOFS.filter((name) => request.headers[name] !== undefined),
    override: header(request, 'x-method-override')?.toUpperCase() ?? null,
    patchType: header(request, 'patchtype')?.toUpperCase() ?? null,
    correlationId: header(request, 'x-correlation-id') ?? null,
    traceparent: header(request, 'traceparent') ?? null,
    userId: null,
  }
  counter.note(seen)
  return seen
}

function incomingOf(request: FastifyRequest): Incoming {
  const [path = '', ...query] = request.url.split('?')
  return {
    method: request.method,
    path,
    query: query.join('?'),
    credentials: {
      apiKey: header(request, 'apikey'),
      maxauth: header(request, 'maxauth'),
      authorization: header(request, 'authorization'),
      certificate: certificateOf(request),
      sessionId: /(?:^|;\s*)JSESSIONID=([^;]+)/.exec(request.headers.cookie ?? '')?.[1] ?? null,
    },
    contentType: header(request, 'content-type') ?? '',
    header: (name) => header(request, name),
    body: Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0),
  }
}

/** What TLS has verified: a connection without such a certificate does not come this far where one is demanded. */
function certificateOf({ raw: { socket } }: FastifyRequest): string | null {
  const der =
    socket instanceof TLSSocket && socket.authorized ? socket.getPeerX509Certificate()?.raw : undefined
  return der === undefined ? null : createHash('sha256').update(der).digest('base64url')
}

function header(request: FastifyRequest, name: string): string | null {
  const value = request.headers[name]
  return typeof value === 'string' ? value : null
}
