import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'undici'

/**
 * How one request of the load went: `200`, or the status and the reason of the refusal (`503 revocation_unavailable`);
 * `error` without an answer, `tool_error` where the tool had a problem.
 */
export type Outcome = string

export interface LoadRequest {
  readonly path?: string
  readonly token: string
  readonly tool: string
  readonly args?: object
}

export interface SteadyLoad {
  readonly outcomes: Map<Outcome, number>
  /** Milliseconds of each answered request, from when it was due. */
  readonly tookMs: number[]
  /** No further request begins; resolves when all are answered. */
  stop(): Promise<void>
}

/**
 * Sends so many calls a second, whether or not the last were answered: who is slow is not spared. `atOnce`: as many as are
 * answered at all, so many at a time, on a machine of unknown speed.
 */
export function steadyLoad(
  origin: string,
  {
    perSecond,
    atOnce,
    host,
    next,
  }: { perSecond?: number; atOnce?: number; host?: string; next: () => LoadRequest },
): SteadyLoad {
  const pool = new Pool(origin, { connections: 64, pipelining: 1 })
  const outcomes = new Map<Outcome, number>()
  const tookMs: number[] = []
  const running = new Set<Promise<void>>()
  let isOver = false

  const send = async (): Promise<void> => {
    const startMs = performance.now()
    const outcome = await ask(pool, next(), host)
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    tookMs.push(performance.now() - startMs)
  }
  const drive = async (rate: number): Promise<void> => {
    const startMs = performance.now()
    for (let sent = 0; !isOver; sent += 1) {
      const dueMs = startMs + (sent * 1000) / rate
      const waitMs = dueMs - performance.now()
      if (waitMs > 1) await sleep(waitMs)
      const mine = send()
      running.add(mine)
      void mine.finally(() => running.delete(mine))
    }
  }
  const repeat = async (): Promise<void> => {
    while (!isOver) await send()
  }
  const driving =
    atOnce === undefined ? drive(perSecond ?? 1) : Promise.all(Array.from({ length: atOnce }, repeat))
  return {
    outcomes,
    tookMs,
    async stop() {
      isOver = true
      await driving
      await Promise.all(running)
      await pool.close()
    },
  }
}

async function ask(
  pool: Pool,
  { path = '/mcp', token, tool, args = {} }: LoadRequest,
  host?: string,
): Promise<Outcome> {
  try {
    const { statusCode, body } = await pool.request({
      path,
      method: 'POST',
      headers: {
        ...(host !== undefined && { host }),
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: tool, arguments: args },
      }),
    })
    const text = await body.text()
    if (statusCode !== 200) return `${statusCode} ${/"reason":"(\w+)"/.exec(text)?.[1] ?? 'without a reason'}`
    return text.includes('"isError":true') ? 'tool_error' : '200'
  } catch {
    return 'error'
  }
}

/** The slowest of the fastest 99 %. */
export function p99(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? Number.NaN
}
