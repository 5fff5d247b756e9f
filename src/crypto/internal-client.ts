import { Agent, request, type Dispatcher } from 'undici'
import type { z } from 'zod'
import { readAuthorities } from '../kernel/tls-files.ts'
import type { Clock } from '../kernel/clock.ts'
import type { InternalServer } from '../kernel/env-fields.ts'
import type { Log } from '../kernel/log.ts'
import { randomId } from '../kernel/random.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import type { CallPurpose } from './formats.ts'
import { signCall } from './internal-call.ts'
import type { PeerKeys } from './keys/key-ring.ts'
import type { Key } from './keys/key.ts'
import { ANSWER_HEADER, isAnswerOf } from './peer-answer.ts'

/**
 * `refused`: the MCP server decided against it; `refusal` is its word for why, for logs and for a choice of wording.
 * `unavailable`: nobody knows; the caller answers `503` and never a definitive refusal.
 */
export type CallFailure =
  { readonly reason: 'refused'; readonly refusal: string } | { readonly reason: 'unavailable' }

/** One entry of `crypto/internal-api.ts`. */
export interface Endpoint {
  readonly path: string
  readonly ask: z.ZodType
  readonly answer: z.ZodType
}
export type Call<E extends Endpoint> = (
  ask: z.input<E['ask']>,
) => Promise<Result<z.output<E['answer']>, CallFailure>>

export interface InternalClientOptions {
  readonly servers: readonly InternalServer[]
  readonly issuer: string
  /** PEM file of the authority behind the listeners' certificates. */
  readonly caFile?: string | undefined
  /** Asked for each call, so that a rotation is seen. */
  readonly signer: () => Key<CallPurpose>
  /** Whose answers count, where they are signed, too. Absent: TLS alone says whose they are. */
  readonly answerKeys?: () => Pick<PeerKeys, 'find'>
  readonly clock: Clock
  readonly log: Log
  /** Longest wait for one server's answer; 5,000 ms by default. */
  readonly answerTimeoutMs?: number
  /** Longest answer that is read; 16 KiB by default. */
  readonly maxAnswerBytes?: number
}

export interface InternalClient {
  /** Calls of one endpoint, each signed anew per server; servers are asked in the configured order. */
  calls<E extends Endpoint>(endpoint: E): Call<E>
  close(): Promise<void>
  /** Ends also what is under way: it has no answer. */
  abort(): Promise<void>
}

/** Speaks to the internal listeners of the MCP servers as whoever holds the signing key. @throws ConfigError */
export function openInternalClient(options: InternalClientOptions): InternalClient {
  const dispatcher = new Agent({
    connect: {
      timeout: CONNECT_TIMEOUT_MS,
      ...(options.caFile === undefined ? {} : { ca: readAuthorities('MCP_INTERNAL_TLS_CA', options.caFile) }),
    },
  })
  return {
    calls: (endpoint) => (ask) => callAny(endpoint, ask, { ...options, dispatcher }),
    close: () => dispatcher.close(),
    abort: () => dispatcher.destroy(),
  }
}

type Caller = InternalClientOptions & { readonly dispatcher: Dispatcher }

/** The first server that decides, decides. Only where nobody does the outcome is `unavailable`. */
async function callAny<E extends Endpoint>(
  endpoint: E,
  ask: z.input<E['ask']>,
  caller: Caller,
): Promise<Result<z.output<E['answer']>, CallFailure>> {
  const body = endpoint.ask.parse(ask)
  for (const server of caller.servers) {
    const outcome = await callOne(endpoint, body, { ...caller, server })
    if (outcome.ok || outcome.error.reason === 'refused') return outcome
  }
  return err({ reason: 'unavailable' })
}

async function callOne<E extends Endpoint>(
  endpoint: E,
  body: unknown,
  caller: Caller & { readonly server: InternalServer },
): Promise<Result<z.output<E['answer']>, CallFailure>> {
  const { server, log } = caller
  const unavailable = (why: string): Result<never, CallFailure> => {
    log.warn({ server: server.id, path: endpoint.path, why }, 'internal call without an answer')
    return err({ reason: 'unavailable' })
  }
  const call = { path: endpoint.path, audience: server.id, issuer: caller.issuer, jti: randomId() }
  const jws = await signCall({ ...call, body, signer: caller.signer(), clock: caller.clock })
  const answer = await post(`${server.url}${endpoint.path}`, jws, caller)
  if (answer === null) return unavailable('no answer')
  if (!(await isGenuine(call, answer, caller))) return unavailable('an answer that is not signed by it')
  if (answer.status === 200) {
    const read = endpoint.answer.safeParse(answer.body)
    // The answer's schema is the endpoint's own, so its output is the promised type.
    return read.success ? ok(read.data as z.output<E['answer']>) : unavailable('unreadable answer')
  }
  if (answer.status === 409) return err({ reason: 'refused', refusal: 'used_before' })
  if (answer.status === 422) return err({ reason: 'refused', refusal: refusalWord(answer.body) })
  return unavailable(`status ${answer.status}`)
}

/** A refusal decides nothing among peers, so that it is not signed. */
async function isGenuine(
  call: { readonly path: string; readonly audience: string; readonly issuer: string; readonly jti: string },
  { status, text, signature }: Answer,
  { answerKeys, clock }: Caller,
): Promise<boolean> {
  if (answerKeys === undefined || status !== 200) return true
  return isAnswerOf(call, { path: call.path, text, jws: signature, keys: answerKeys(), clock })
}

interface Answer {
  readonly status: number
  readonly text: string
  readonly body: unknown
  readonly signature: string
}

/** The server's own short word for a refusal; anything else becomes `refused`, so that no foreign text gets further. */
function refusalWord(body: unknown): string {
  const word = typeof body === 'object' && body !== null && 'error' in body ? body.error : null
  return typeof word === 'string' && /^[a-z0-9_]{1,60}$/.test(word) ? word : 'refused'
}

/** `null`: no answer in time, too long, or not JSON. The reason is the network's and of no use to the caller. */
async function post(
  url: string,
  jws: string,
  { dispatcher, answerTimeoutMs = ANSWER_TIMEOUT_MS, maxAnswerBytes = MAX_ANSWER_BYTES }: Caller,
): Promise<Answer | null> {
  try {
    const answer = await request(url, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/jose', accept: 'application/json' },
      body: jws,
      signal: AbortSignal.timeout(answerTimeoutMs),
    })
    const text = await readUpTo(answer.body, maxAnswerBytes)
    if (text === null) return null
    const signature = String(answer.headers[ANSWER_HEADER] ?? '')
    return { status: answer.statusCode, text, body: JSON.parse(text) as unknown, signature }
  } catch {
    return null
  }
}

async function readUpTo(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string | null> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) return null
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

const CONNECT_TIMEOUT_MS = 1_000
// The MCP server may ask Clerk for its keys before it answers; clients wait 10 s for a token (mcp.md §2.2).
const ANSWER_TIMEOUT_MS = 5_000
const MAX_ANSWER_BYTES = 16 * 1024
