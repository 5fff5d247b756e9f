import { Pool } from 'undici'

/** One server under load: where, and the exact request that each connection repeats. */
export interface Target {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
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
  const pool = poolOf(target, 1)
  try {
    const { status, text } = await call(pool, target)
    if (status !== 200) throw new Error(`${target.url} answered ${status}: ${text.slice(0, 300)}`)
    return text
  } finally {
    await pool.close()
  }
}

/** Closed loop: `connections` callers, each sends its next call when the last was answered, for `seconds`. */
export async function loadFor(target: Target, connections: number, seconds: number): Promise<Measured> {
  const pool = poolOf(target, connections)
  const latencies: number[] = []
  let refused = 0
  const start = performance.now()
  const end = start + seconds * 1000
  const caller = async (): Promise<void> => {
    while (performance.now() < end) {
      const sent = performance.now()
      const { status } = await call(pool, target)
      if (status === 200) latencies.push(performance.now() - sent)
      else refused += 1
    }
  }
  await Promise.all(Array.from({ length: connections }, caller))
  const elapsed = (performance.now() - start) / 1000
  await pool.close()
  return {
    calls: latencies.length,
    refused,
    seconds: elapsed,
    latencies: Float64Array.from(latencies).sort(),
  }
}

const poolOf = (target: Target, connections: number): Pool =>
  new Pool(new URL(target.url).origin, { connections, pipelining: 1 })

async function call(pool: Pool, target: Target): Promise<{ status: number; text: string }> {
  const answer = await pool.request({
    method: 'POST',
    path: new URL(target.url).pathname,
    headers: target.headers,
    body: target.body,
  })
  return { status: answer.statusCode, text: await answer.body.text() }
}

/** The value below which `share` (0 to 1) of the sorted latencies lie. */
export const quantile = (sorted: Float64Array, share: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
