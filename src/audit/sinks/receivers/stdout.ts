import { jsonLine, type JsonFormat, objectIn } from '../formats/formats.ts'
import { type Receiver, undelivered } from '../sink.ts'
import { codeOf } from './http.ts'

/** As much of `process.stdout` as is used. */
export interface LineOut {
  write(bytes: Buffer, done: (error?: Error | null) => void): boolean
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
}

export interface StdoutOptions {
  readonly stream: LineOut
  readonly format: JsonFormat
}

/** One JSON line each on standard output, beside the lines of the process log, for whoever collects those. */
export function stdoutReceiver({ stream, format }: StdoutOptions): Receiver {
  // Each write is told of its own error; without a listener it would end the process, too.
  const heard = (): void => undefined
  stream.on('error', heard)
  return {
    ...{ maxEvents: 500, maxBytes: 1_000_000, framingBytes: 1 },
    encode: (event) => Buffer.from(jsonLine(objectIn(format, event))),
    deliver: ({ encoded }, signal) =>
      new Promise((resolve, reject) => {
        const leave = (): void => reject(new DOMException('the service ends', 'AbortError'))
        signal.addEventListener('abort', leave, { once: true })
        const lines = Buffer.concat(encoded.flatMap((one) => [one, NEWLINE]))
        stream.write(lines, (error) => {
          signal.removeEventListener('abort', leave)
          resolve(error instanceof Error ? undelivered('unreachable', codeOf(error)) : { ok: true })
        })
      }),
    close: () => {
      stream.off('error', heard)
      return Promise.resolve()
    },
  }
}

const NEWLINE = Buffer.from('\n')
