import { Client } from 'undici'
import { isLoopbackAddress } from '../../../kernel/address.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { defaultLookup, guardedConnector } from '../../../kernel/egress/connector.ts'
import { parseRetryAfter } from '../../../kernel/retry-after.ts'
import { undelivered, type Undelivered } from '../sink.ts'

export interface HttpOptions {
  /** https, or http to this machine. */
  readonly url: string
  /** PEM certificates to trust besides the usual ones. */
  readonly ca: readonly string[]
  readonly clock: Clock
  /** From the first packet to the last byte of the answer, in milliseconds. */
  readonly deadlineMs?: number | undefined
}

export interface HttpAnswer {
  readonly status: number
  readonly text: string
  readonly retryAfterMs: number | undefined
}

export type Posted = { readonly ok: true; readonly answer: HttpAnswer } | Undelivered

/** Where redirects do not lead, and what the certificate does not prove is not spoken to. */
export class HttpReceiver {
  readonly #client: Client
  readonly #options: HttpOptions

  constructor(options: HttpOptions) {
    const url = new URL(options.url)
    this.#options = options
    this.#client = new Client(url.origin, {
      connect: guardedConnector({
        // The operator named the host, in whatever network; plain http must not leave the machine.
        policy: url.protocol === 'https:' ? () => true : isLoopbackAddress,
        connectMs: CONNECT_MS,
        ca: options.ca,
        lookup: defaultLookup,
      }),
      maxResponseSize: MAX_ANSWER_BYTES,
    })
  }

  /** @returns the answer whatever its status; never rejects unless the signal is aborted */
  async post(
    path: string,
    body: Buffer,
    headers: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Posted> {
    const deadline = AbortSignal.timeout(this.#options.deadlineMs ?? DEADLINE_MS)
    try {
      const answer = await this.#client.request({
        ...{ path, method: 'POST', body },
        headers: { 'user-agent': 'maximo-mcp-audit', ...headers },
        signal: AbortSignal.any([signal, deadline]),
      })
      const text = await answer.body.text()
      const field = answer.headers['retry-after']
      const seconds = parseRetryAfter(typeof field === 'string' ? field : null, this.#options.clock.nowMs())
      const retryAfterMs = seconds === null ? undefined : seconds * 1000
      return { ok: true, answer: { status: answer.statusCode, text, retryAfterMs } }
    } catch (error) {
      signal.throwIfAborted()
      if (deadline.aborted) return undelivered('timed_out', 'no answer in time')
      return undelivered('unreachable', codeOf(error))
    }
  }

  close(): Promise<void> {
    return this.#client.destroy()
  }
}

/** What a status says that no receiver means otherwise; `null` for success. */
export function statusFailure({ status, retryAfterMs }: HttpAnswer): Undelivered | null {
  if (status >= 200 && status < 300) return null
  const detail = `HTTP ${status}`
  if (status === 401 || status === 403) return undelivered('unauthorized', detail)
  if (status === 413) return undelivered('too_large', detail)
  if (status === 429 || status === 503) return undelivered('busy', detail, retryAfterMs)
  return undelivered('refused', detail, retryAfterMs)
}

/** The system's word for it (`ECONNREFUSED`, `CERT_HAS_EXPIRED`, …), which holds nothing of the receiver. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'no connection'

const CONNECT_MS = 5_000
const DEADLINE_MS = 30_000
const MAX_ANSWER_BYTES = 64 * 1024
