import { isUtf8 } from 'node:buffer'
import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import type { Dispatcher } from 'undici'
import { MaximoFault } from '../fault.ts'
import { AnswerLost } from './answer-lost.ts'
import type { CallEnd, Waiting } from './call-end.ts'
import { faultOfTransport } from './transport-fault.ts'

/** What came back, whole and within the limits; a 2xx here is JSON by its content type, or nothing after a write. */
export interface Answer {
  readonly status: number
  readonly isJson: boolean
  readonly retryAfter: string | null
  /** Where a write put its record. */
  readonly location: string | null
  /** Kept by nobody, unless a session is wanted. */
  readonly setCookie: readonly string[]
  readonly body: string
}

/** What a write carries; a stream can be sent once only. */
export interface Sent {
  readonly method: 'POST'
  readonly body: string | Readable
}

export interface ExchangeOptions {
  readonly dispatcher: Dispatcher
  readonly path: string
  readonly headers: readonly string[]
  /** Ends the exchange and its socket at once; the promise rejects with its reason. */
  readonly end: CallEnd
  /** Until the status line, connecting included. */
  readonly firstByteMs: number
  /** From the head to the last byte, however the bytes come. */
  readonly bodyMs: number
  /** Absent: a GET. */
  readonly sent?: Sent | undefined
}

/**
 * One GET or one write.
 * @throws MaximoFault (timeout, unreachable, too_large, bad_upstream, egress_refused) or the end's reason; of a write
 *   only while nothing of it has left, then AnswerLost.
 */
export const exchange = (options: ExchangeOptions): Promise<Answer> =>
  new Promise((resolve, reject) => {
    if (options.end.reason !== null) {
      reject(options.end.reason)
      return
    }
    const { path, sent } = options
    const headers = options.headers as string[]
    const handler = new AnswerReader(options, { resolve, reject })
    options.dispatcher.dispatch(
      sent === undefined ? { path, method: 'GET', headers } : { path, headers, ...sent },
      handler,
    )
  })

interface Settle {
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

/**
 * Collects one answer. Settles once; whatever ends it early also destroys the socket. It makes no closures: with one for
 * each answer, V8 takes readers for long-lived and keeps every page they lead to until the next full collection, which
 * costs more than the rest of this.
 */
class AnswerReader implements Dispatcher.DispatchHandler, Waiting {
  readonly #settle: Settle
  readonly #callEnd: CallEnd
  readonly #bodyMs: number
  #timer: NodeJS.Timeout
  readonly #chunks: Buffer[] = []
  readonly #isWrite: boolean
  #controller: Dispatcher.DispatchController | null = null
  #failure: Error | null = null
  #isSettled = false
  #bytes = 0
  #status = 0
  #isJson = false
  #retryAfter: string | null = null
  #location: string | null = null
  #setCookie: readonly string[] = NO_COOKIES

  constructor({ end, firstByteMs, bodyMs, sent }: ExchangeOptions, settle: Settle) {
    this.#bodyMs = bodyMs
    this.#isWrite = sent !== undefined
    this.#settle = settle
    this.#callEnd = end
    end.wait(this)
    this.#timer = setTimeout(endLate, firstByteMs, this)
  }

  over(reason: Error): void {
    this.#fail(reason)
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller
    if (this.#failure !== null) controller.abort(this.#failure)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(endSlow, this.#bodyMs, this)
    this.#status = status
    this.#isJson = JSON_TYPE.test(headers['content-type'] ?? '')
    this.#retryAfter = headers['retry-after'] ?? null
    this.#location = headers.location ?? null
    const set = headers['set-cookie']
    // A single one comes as text, whatever its type says.
    this.#setCookie = set === undefined ? NO_COOKIES : [set].flat()
    const isReadable = this.#isJson || (this.#isWrite && headers['content-type'] === undefined)
    const fault = refusalOf(status, headers, isReadable)
    if (fault !== null) this.#fail(fault)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#bytes += chunk.length
    if (this.#bytes > MAX_BODY_BYTES) this.#fail(new MaximoFault('too_large', { detail: 'body' }))
    else this.#chunks.push(chunk)
  }

  onResponseEnd(): void {
    if (this.#isSettled) return
    const [first] = this.#chunks
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks)
    if (!isUtf8(bytes)) {
      this.#fail(new MaximoFault('bad_upstream', { detail: 'bad_utf8', httpStatus: this.#status }))
      return
    }
    this.#end()
    this.#settle.resolve({
      status: this.#status,
      isJson: this.#isJson,
      retryAfter: this.#retryAfter,
      location: this.#location,
      setCookie: this.#setCookie,
      body: bytes.toString('utf8'),
    })
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    this.#fail(faultOfTransport(error, { hasHeaders: this.#status !== 0 }))
  }

  #fail(error: Error): void {
    if (this.#isSettled) return
    this.#end()
    this.#failure = error
    // Undici has given the request to a connection: from then on it may have arrived.
    this.#settle.reject(this.#isWrite && this.#controller !== null ? new AnswerLost(error) : error)
    this.#controller?.abort(error)
  }

  #end(): void {
    this.#isSettled = true
    clearTimeout(this.#timer)
    this.#callEnd.waited()
  }
}

const endLate = (reader: AnswerReader): void =>
  reader.over(new MaximoFault('timeout', { detail: 'first_byte' }))

const endSlow = (reader: AnswerReader): void => reader.over(new MaximoFault('timeout', { detail: 'body' }))

/** Decided by the head alone: what is not worth reading. */
const refusalOf = (status: number, headers: IncomingHttpHeaders, isReadable: boolean): MaximoFault | null => {
  const detail = headObjection(status, headers) ?? (status >= 400 || isReadable ? null : pageDetail(headers))
  return detail === null
    ? null
    : new MaximoFault(detail === 'body' ? 'too_large' : 'bad_upstream', { detail, httpStatus: status })
}

const headObjection = (status: number, headers: IncomingHttpHeaders): string | null => {
  if (status >= 300 && status < 400) return 'redirect'
  if (Number(headers['content-length'] ?? 0) > MAX_BODY_BYTES) return 'body'
  // Asked for `identity`: a compressed body would hide its size.
  return (headers['content-encoding'] ?? 'identity') === 'identity' ? null : 'encoded'
}

/** Maximo answers a lost session with its login page and 200. */
const pageDetail = (headers: IncomingHttpHeaders): string =>
  HTML_TYPE.test(headers['content-type'] ?? '') ? 'login_page' : 'content_type'

const NO_COOKIES: readonly string[] = []
/** Bytes of one answer. */
export const MAX_BODY_BYTES = 4 * 1024 * 1024
/** Exactly `application/json`; a charset beside it can only be UTF-8 (RFC 8259 §8.1). */
const JSON_TYPE = /^application\/json\s*(;\s*charset\s*=\s*"?utf-8"?\s*)?$/i
const HTML_TYPE = /^(text\/html|application\/xhtml\+xml)\b/i
