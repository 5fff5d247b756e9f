import { PassThrough } from 'node:stream'
import type { FastifyReply } from 'fastify'
import type { Clock } from '../../kernel/clock.ts'
import type { LimitFields } from '../admission/admission.ts'
import type { Progress } from '../tools/run/progress.ts'
import type { RpcId } from './message.ts'

/** Often enough to be seen moving; a read of many pages does not become a stream of many events. */
const EVERY_MS = 1_000

export interface ProgressStreamOptions {
  readonly reply: FastifyReply
  /** What the client named its call by, in its `_meta`. */
  readonly token: RpcId
  readonly clock: Clock
  /** Further headers, asked for when it begins. */
  readonly fields: () => LimitFields
}

/**
 * What a client hears of its call while it runs: `notifications/progress` as server-sent events, and the answer behind
 * them (Streamable HTTP, "Sending Messages to the Server"; both eras). It begins with the first thing to tell, so that a
 * call of one page is answered as JSON as ever.
 */
export class ProgressStream implements Progress {
  readonly #options: ProgressStreamOptions
  #stream: PassThrough | null = null
  #records = 0
  #toldMs = Number.NEGATIVE_INFINITY

  constructor(options: ProgressStreamOptions) {
    this.#options = options
  }

  /** The answer has to go into the stream, since its head is sent. */
  get isOpen(): boolean {
    return this.#stream !== null
  }

  /** The total is left out: nobody knows it before the last page. */
  read(records: number): void {
    const { clock, token } = this.#options
    this.#records += records
    const nowMs = clock.monotonicMs()
    if (nowMs - this.#toldMs < EVERY_MS) return
    this.#toldMs = nowMs
    const params = {
      progressToken: token,
      progress: this.#records,
      message: `${this.#records} records read, more to come`,
    }
    this.#write(JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params }))
  }

  /** Ends the stream with the JSON-RPC answer; null: with nothing, because nobody listens any more. */
  end(answer: string | null): void {
    if (answer !== null) this.#write(answer)
    this.#stream?.end()
  }

  #write(message: string): void {
    this.#stream ??= this.#open()
    this.#stream.write(`event: message\ndata: ${message}\n\n`)
  }

  #open(): PassThrough {
    const stream = new PassThrough()
    // Proxies that gather answers would keep what is told until it is of no use (nginx: X-Accel-Buffering).
    this.#options.reply
      .type('text/event-stream')
      .header('cache-control', 'no-store')
      .header('x-accel-buffering', 'no')
      .headers(this.#options.fields() ?? {})
      .send(stream)
    return stream
  }
}
