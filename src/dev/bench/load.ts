import { request } from 'undici'
import { Connection } from './connection.ts'

/** One server under load: where, and the exact request that each connection repeats. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Some of the calls bring a token that the server has not seen. */
  readonly strangers?: Strangers
}

export interface Strangers {
  /** Each so many-th call. */
  readonly every: number
  /** A token that nobody has sent yet. @throws when there is none left */
  readonly next: () => string
}

export interface Measured {
  /** Calls that were answered 200. */
  readonly calls: number
  /** Calls that were answered otherwise (a store that a busy machine kept waiting, say): never counted as calls. */
  readonly refused: number
  readonly seconds: number
  /** Milliseconds, of all calls of the slot. */
  readonly latencies: Float64Array
}

/** Answers of one target, fetched once: the bench compares them before it measures anything. */
export async function callOnce(target: Target): Promise<string> {
  const { url, headers, body } = target
  const answer = await request(url, { method: 'POST', headers, body })
  const text = await answer.body.text()
  if (answer.statusCode !== 200)
    throw new Error(`${url} answered ${answer.statusCode}: ${text.slice(0, 300)}`)
  return text
}

/** Closed loop: `connections` callers, each sends its next call when the last was answered, for `seconds`. */
export async function loadFor(target: Target, connections: number, seconds: number): Promise<Measured> {
  const [url, bytes] = [new URL(target.url), requestOf(target)]
  const open = await Promise.all(Array.from({ length: connections }, () => Connection.open(url, bytes)))
  const latencies: number[] = []
  let refused = 0
  const start = performance.now()
  const end = start + seconds * 1000
  const next = requestsOf(target)
  const caller = async (connection: Connection): Promise<void> => {
    let sent = performance.now()
    while (sent < end) {
      const status = await connection.call(next())
      const answered = performance.now()
      if (status === 200) latencies.push(answered - sent)
      else refused += 1
      sent = answered
    }
    connection.close()
  }
  await Promise.all(open.map(caller))
  return {
    calls: latencies.length,
    refused,
    seconds: (performance.now() - start) / 1000,
    latencies: Float64Array.from(latencies).sort(),
  }
}

/** The call of the next stranger. */
export const strangersCall = (target: Target, { next }: Strangers): Target => ({
  ...target,
  headers: { ...target.headers, authorization: `Bearer ${next()}` },
})

/** What the next call of any caller sends; undefined: what it sends as a rule. */
function requestsOf(target: Target): () => Buffer | undefined {
  const { strangers } = target
  if (strangers === undefined) return () => undefined
  let calls = 0
  return () => {
    calls += 1
    return calls % strangers.every === 0 ? requestOf(strangersCall(target, strangers)) : undefined
  }
}

/** The request as it goes over the wire. */
function requestOf({ url, headers, body }: Target): Buffer {
  const { host, pathname, search } = new URL(url)
  const lines = [
    `POST ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${body}`)
}

/** The value below which `share` (0 to 1) of the sorted latencies lie. */
export const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
