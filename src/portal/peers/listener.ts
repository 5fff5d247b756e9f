import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import type { Audit } from '../../audit/audit.ts'
import type { AuditEvent } from '../../audit/event.ts'
import { RefusalTally } from '../../audit/refusal-tally.ts'
import { MAX_PEER_CALL_CHARS } from '../../crypto/formats.ts'
import { journalCopy, journalFetch } from '../../crypto/internal-api.ts'
import { verifyCall, type VerifiedCall } from '../../crypto/internal-call.ts'
import type { PeerKeys } from '../../crypto/keys/key-ring.ts'
import { ANSWER_HEADER, signAnswer } from '../../crypto/peer-answer.ts'
import { useCall } from '../../crypto/use-call.ts'
import type { Clock } from '../../kernel/clock.ts'
import { DiskUnavailable } from '../../kernel/disk.ts'
import { createHttp } from '../../kernel/http.ts'
import { workAs } from '../../kernel/load/edge.ts'
import type { Traffic } from '../../kernel/load/traffic.ts'
import type { Log } from '../../kernel/log.ts'
import type { SharedRecorder } from '../../kernel/peers/shared-recorder.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { readServerTls } from '../../kernel/tls-files.ts'

export interface PeerListenerDeps {
  /** Our INSTANCE_ID. */
  readonly instanceId: string
  readonly keys: { readonly peer: PeerKeys }
  readonly recorder: Pick<SharedRecorder, 'accept' | 'read'>
  readonly store: Pick<Store, 'putOnce'>
  readonly audit: Pick<Audit, 'write'>
  /** Bounds the records of calls that nobody known has signed. */
  readonly unsigned: Pick<RefusalTally, 'isWorthRecording'>
  readonly traffic?: Traffic
  readonly clock: Clock
  readonly log: Log
  /** PEM files. */
  readonly tls: { readonly keyFile: string; readonly certFile: string } | undefined
}

/**
 * The listener that other portals reach, and nobody else: copies of journals (`crypto/internal-api.ts`). A call is signed
 * with the peer key for this portal and this path, for a minute, once.
 */
export async function buildPeerListener(known: Omit<PeerListenerDeps, 'unsigned'>): Promise<FastifyInstance> {
  const { log, tls, recorder, traffic, audit, clock } = known
  const pem = tls === undefined ? {} : { tls: readServerTls('PORTAL_INTERNAL_TLS', tls) }
  const app = await createHttp({
    log,
    trustedProxies: [],
    csp: {},
    ...pem,
    ...(traffic === undefined ? {} : { traffic }),
  })
  // What a portal journals is in force when every copy has it.
  workAs(app, 'revocation')
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/jose', { parseAs: 'string' }, (_request, body, done) => {
    done(null, body)
  })
  const unsigned = new RefusalTally({ audit, clock, log, resource: 'peers' })
  app.addHook('onClose', () => unsigned.close())
  const deps = { ...known, unsigned }
  open(app, journalCopy, deps, ({ writer, ...copied }) => recorder.accept(writer, copied))
  const given = { ...journalFetch, isRecorded: true } as const
  open(app, given, deps, ({ writer, after }) => recorder.read(writer, after))
  return app
}

interface Endpoint {
  readonly path: string
  readonly ask: z.ZodType<{ readonly writer: string }>
  /** What is answered stands in the audit log, too. */
  readonly isRecorded?: true
}

function open<E extends Endpoint>(
  app: FastifyInstance,
  endpoint: E,
  deps: PeerListenerDeps,
  act: (ask: z.output<E['ask']>) => Promise<object | null>,
): void {
  app.post(endpoint.path, { bodyLimit: MAX_PEER_CALL_CHARS }, async (request, reply) => {
    try {
      return await decide({ request, reply, path: endpoint.path }, endpoint, deps, act)
    } catch (error) {
      if (!(error instanceof DiskUnavailable)) throw error
      deps.log.error({ err: error }, 'peers: the disk does not take records')
      return reply.code(503).header('retry-after', '1').send({ error: 'disk' })
    }
  })
}

async function decide<E extends Endpoint>(
  exchange: Exchange,
  endpoint: E,
  deps: PeerListenerDeps,
  act: (ask: z.output<E['ask']>) => Promise<object | null>,
): Promise<FastifyReply> {
  const { request, reply, path } = exchange
  const asked = await readCall(request, endpoint, deps)
  if ('refused' in asked) return refuse({ ...exchange, ...asked }, deps)
  // The schema is the endpoint's own, so its output is what the act was typed with.
  const answer = await act(asked.ask as z.output<E['ask']>)
  if (answer === null) return refuse({ ...exchange, status: 422, refused: 'writer_unknown' }, deps)
  if (endpoint.isRecorded === true) await deps.audit.write(fetched(request, path, asked.ask.writer))
  const text = JSON.stringify(answer)
  const signing = { path, text, clock: deps.clock, issuer: deps.instanceId, keys: deps.keys.peer }
  const signature = await signAnswer(asked.call, signing)
  if (signature !== null) reply.header(ANSWER_HEADER, signature)
  return reply.header('cache-control', 'no-store').type('application/json; charset=utf-8').send(text)
}

type Refused = { readonly status: 401 | 409 | 422; readonly refused: string }

async function readCall(
  request: FastifyRequest,
  { path, ask }: Endpoint,
  { instanceId, keys, store, clock }: PeerListenerDeps,
): Promise<{ readonly ask: { readonly writer: string }; readonly call: VerifiedCall } | Refused> {
  const jws = typeof request.body === 'string' ? request.body : ''
  const call = await verifyCall({ path, jws, audience: instanceId, callers: ['peer'], keys, clock })
  if (!call.ok) return { status: 401, refused: call.error }
  if (!(await useCall(call.value, { isRepeatable: true, store }))) return { status: 409, refused: 'call' }
  const read = ask.safeParse(call.value.body)
  if (!read.success) return { status: 422, refused: 'malformed' }
  // Each speaks for its own journal alone.
  return read.data.writer === call.value.issuer
    ? { ask: read.data, call: call.value }
    : { status: 422, refused: 'not_its_writer' }
}

async function refuse(
  { request, reply, path, status, refused }: Refused & Exchange,
  { audit, unsigned }: PeerListenerDeps,
): Promise<FastifyReply> {
  if (status !== 401 || unsigned.isWorthRecording(request.ip))
    await audit.write({
      ...eventOf(request, path),
      ...{ outcome: 'refused', principal: null, responseCode: status, reason: refused },
    })
  return reply.code(status).header('cache-control', 'no-store').send({ error: refused })
}

/** A journal leaves this portal: seldom, and never unrecorded. */
const fetched = (request: FastifyRequest, path: string, principal: string): AuditEvent => ({
  ...eventOf(request, path),
  ...{ outcome: 'success', principal, responseCode: 200 },
})

const eventOf = (
  request: FastifyRequest,
  path: string,
): Omit<AuditEvent, 'outcome' | 'principal' | 'responseCode'> => ({
  ...{ eventType: 'internal.call', operation: path, authMethod: 'internal_signature', resource: path },
  ...{ action: 'POST', sourceIP: request.ip, correlationId: request.id },
})

interface Exchange {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly path: string
}
