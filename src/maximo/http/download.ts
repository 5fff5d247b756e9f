import type { IncomingHttpHeaders } from 'node:http'
import type { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Dispatcher } from 'undici'
import { MaximoFault } from '../fault.ts'
import { jsonOf, type AnswerContext } from './answer.ts'
import type { CallEnd } from './call-end.ts'
import { faultOfTransport } from './transport-fault.ts'

/** A file as it comes in: bytes are asked for as they are taken. */
export interface FileAnswer {
  /** Rejects with MaximoFault, or the end's reason, when it breaks off: then what came before is not the file. */
  readonly bytes: AsyncIterable<Uint8Array>
}

export interface DownloadOptions {
  readonly dispatcher: Dispatcher
  readonly path: string
  readonly headers: readonly string[]
  readonly end: CallEnd
  readonly context: AnswerContext
  /** Until the status line, connecting included. */
  readonly firstByteMs: number
  /** What the file is, as its metadata says; null: they do not. A page or JSON that it is not is no file. */
  readonly mediaType: string | null
}

/**
 * One GET of a file. Settles when the last byte was taken or nobody takes any more; `deliver` is called as soon as the
 * bytes can be.
 * @throws MaximoFault, or the end's reason, before that
 */
export const download = async (
  options: DownloadOptions,
  deliver: (file: FileAnswer) => void,
): Promise<void> => {
  const { end } = options
  const controller = new AbortController()
  end.throwIfOver()
  end.wait({ over: (reason) => controller.abort(reason) })
  try {
    const body = await openBody(options, controller.signal)
    deliver({ bytes: counted(body, end) })
    // Whoever reads is told what went wrong; here only that it is over counts.
    await finished(body).catch(() => undefined)
  } finally {
    end.waited()
  }
}

const openBody = async (options: DownloadOptions, signal: AbortSignal): Promise<Readable> => {
  const { dispatcher, path, headers, end, context, mediaType, firstByteMs } = options
  const late = setTimeout(() => end.end(new MaximoFault('timeout', { detail: 'first_byte' })), firstByteMs)
  const answer = await dispatcher
    .request({ path, method: 'GET', headers: headers as string[], signal })
    .catch((error: unknown) => {
      if (!(error instanceof Error)) throw error
      throw end.reason ?? faultOfTransport(error, { hasHeaders: false })
    })
    .finally(() => clearTimeout(late))
  const { statusCode: status, body } = answer
  // Whoever reads is told; that nobody reads any more is no error.
  body.on('error', () => undefined)
  const objection = objectionTo(status, answer.headers, mediaType)
  if (objection !== null) {
    body.destroy()
    throw new MaximoFault(objection === 'body' ? 'too_large' : 'bad_upstream', {
      detail: objection,
      httpStatus: status,
    })
  }
  const isJson = JSON_TYPE.test(single(answer.headers['content-type']) ?? '')
  if (status < 400 && !(isJson && isOther(mediaType))) return body
  const text = await beginningOf(body, end)
  const retryAfter = single(answer.headers['retry-after'])
  jsonOf({ status, isJson, retryAfter, location: null, setCookie: [], body: text }, context)
  throw new MaximoFault('bad_upstream', { detail: 'content_type', httpStatus: status })
}

/** Whether JSON is none of the file's: then it is an answer of Maximo, whatever its status says. */
const isOther = (mediaType: string | null): boolean => mediaType !== null && !JSON_FILE.test(mediaType)

/** As much as a refusal has. */
const beginningOf = async (body: Readable, end: CallEnd): Promise<string> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of counted(body, end)) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes >= MAX_REFUSAL) break
  }
  return Buffer.concat(chunks).toString('utf8', 0, MAX_REFUSAL)
}

const isPage = (mediaType: string | null): boolean => mediaType !== null && HTML_TYPE.test(mediaType)

const objectionTo = (
  status: number,
  headers: IncomingHttpHeaders,
  mediaType: string | null,
): string | null => {
  if (status >= 400) return null
  if (status >= 300) return 'redirect'
  const {
    'content-length': length = '0',
    'content-encoding': encoding = 'identity',
    'content-type': type = '',
  } = headers
  if (Number(length) > MAX_FILE_BYTES) return 'body'
  if (encoding !== 'identity') return 'encoded'
  return HTML_TYPE.test(type) && !isPage(mediaType) ? 'login_page' : null
}

async function* counted(body: Readable, end: CallEnd): AsyncGenerator<Uint8Array> {
  let bytes = 0
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) {
      bytes += chunk.length
      if (bytes > MAX_FILE_BYTES) throw new MaximoFault('too_large', { detail: 'body' })
      yield chunk
    }
  } catch (error) {
    throw end.reason ?? (error instanceof Error ? faultOfTransport(error, { hasHeaders: true }) : error)
  }
}

const single = (field: string | string[] | undefined): string | null =>
  typeof field === 'string' ? field : null

/** Maximo's own limit is 10 MB unless the operator raised it. */
const MAX_FILE_BYTES = 64 * 1024 * 1024
const MAX_REFUSAL = 64 * 1024
const HTML_TYPE = /^(text\/html|application\/xhtml\+xml)\b/i
const JSON_TYPE = /^application\/json\b/i
const JSON_FILE = /[/+]json$/
