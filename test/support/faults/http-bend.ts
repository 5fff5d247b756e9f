import { gzipSync } from 'node:zlib'
import type { ProxyFault } from './proxy-fault.ts'

/** A whole answer of HTTP/1.1 with a `content-length`, or without a body. */
export interface HttpAnswer {
  readonly status: number
  /** As they stand on the wire, in order; names in lower case. */
  readonly headers: readonly (readonly [name: string, value: string])[]
  readonly body: Buffer
}

/** What is changed about an answer. `headers` replaces those of the same names; `more` is added beside them. */
export interface HttpBend {
  readonly status?: number
  readonly headers?: Readonly<Record<string, string>>
  readonly more?: readonly (readonly [name: string, value: string])[]
  readonly body?: (body: Buffer) => Buffer
}

/** The server's answer with something about it changed. The `content-length` follows the body unless it is bent itself. */
export const bent = (bend: HttpBend): ProxyFault => ({
  kind: 'bend',
  bend: (answered) => {
    const answer = readAnswer(answered)
    return answer === null ? null : [writeAnswer(bentAnswer(answer, bend))]
  },
})

/** An answer of a server that was never asked. */
export const instead = (status: number, headers: Readonly<Record<string, string>>, body = ''): ProxyFault => {
  const own = Object.entries({ ...headers, 'content-length': String(Buffer.byteLength(body)) })
  return { kind: 'instead', bytes: [writeAnswer({ status, headers: own, body: Buffer.from(body) })] }
}

/** JSON of so many bytes, made as it is read; with its length said, or in chunks until the end. */
export const endless = (bytes: number, isLengthSaid: boolean): ProxyFault => ({
  kind: 'instead',
  bytes: endlessBytes(bytes, isLengthSaid),
})

/** An answer whose body is small on the wire and large decoded. */
export const bomb = (decodedBytes: number): ProxyFault => {
  const body = gzipSync(Buffer.alloc(decodedBytes, ' '))
  return bent({ headers: { 'content-encoding': 'gzip' }, body: () => body })
}

function* endlessBytes(bytes: number, isLengthSaid: boolean): Generator<Buffer> {
  const piece = Buffer.alloc(PIECE_BYTES, ' ')
  const length: readonly (readonly [string, string])[] = isLengthSaid
    ? [['content-length', String(bytes)]]
    : [['connection', 'close']]
  yield writeAnswer({
    status: 200,
    headers: [['content-type', 'application/json'], ...length],
    body: Buffer.alloc(0),
  })
  for (let sent = 0; sent < bytes; sent += piece.length) yield piece
}

const PIECE_BYTES = 65_536

function readAnswer(bytes: Buffer): HttpAnswer | null {
  const end = bytes.indexOf('\r\n\r\n')
  if (end === -1) return null
  const [statusLine = '', ...lines] = bytes.toString('latin1', 0, end).split('\r\n')
  const headers = lines.map((line): readonly [string, string] => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()]
  })
  const length = Number(headers.find(([name]) => name === 'content-length')?.[1] ?? 0)
  const body = bytes.subarray(end + 4)
  if (body.length < length) return null
  return { status: Number(statusLine.split(' ')[1]), headers, body: body.subarray(0, length) }
}

function bentAnswer(answer: HttpAnswer, { status, headers = {}, more = [], body }: HttpBend): HttpAnswer {
  const bytes = body?.(answer.body) ?? answer.body
  const changed: Readonly<Record<string, string>> = { 'content-length': String(bytes.length), ...headers }
  const kept = answer.headers.filter(([name]) => changed[name] === undefined)
  return {
    status: status ?? answer.status,
    headers: [...kept, ...Object.entries(changed), ...more],
    body: bytes,
  }
}

const writeAnswer = ({ status, headers, body }: HttpAnswer): Buffer =>
  Buffer.concat([
    Buffer.from(
      [`HTTP/1.1 ${status} Any`, ...headers.map(([name, value]) => `${name}: ${value}`), '', ''].join('\r\n'),
      'latin1',
    ),
    body,
  ])
