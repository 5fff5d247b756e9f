import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import type { AuditEvent } from '../../src/audit/event.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { randomId } from '../../src/kernel/random.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { aCall } from '../support/audit.ts'
import { manualClock } from '../support/clock.ts'
import { aDenial, aFailure, watch, type Watch } from '../support/detection.ts'
import { captureLog } from '../support/log.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'

type Pair = readonly [Watch, Watch]

/** In which order two processes judge what they heard. */
const ORDERS: Readonly<Record<string, (pair: Pair) => Promise<unknown>>> = {
  'the first settles first': async ([one, other]) => {
    await one.detector.settle()
    await other.detector.settle()
  },
  'the second settles first': async ([one, other]) => {
    await other.detector.settle()
    await one.detector.settle()
  },
  'both settle at once': ([one, other]) =>
    Promise.all([one.detector.settle(), other.detector.settle(), one.detector.settle()]),
}

interface Pattern {
  readonly rule: string
  /** One of a subject that no other test has. */
  readonly anEvent: () => AuditEvent
  /** How often each hears it: below the threshold alone. */
  readonly times: number
  /** What both of them saw, and what may be seen. */
  readonly count: number
  readonly limit: number
}

let networks = 0
const PATTERNS: readonly Pattern[] = [
  {
    ...{ rule: 'failed_sign_ins', times: 6, count: 12, limit: 10 },
    anEvent: () => aFailure({ sourceIP: `198.51.${(networks += 1)}.7` }),
  },
  {
    ...{ rule: 'scope_escalation', times: 3, count: 6, limit: 4 },
    anEvent: () => aDenial({ grantId: randomId() }),
  },
  {
    ...{ rule: 'data_volume', times: 1, count: 60_000, limit: 50_000 },
    anEvent: () => aCall({ grantId: randomId(), recordCount: 30_000 }),
  },
]
const CASES = PATTERNS.flatMap((pattern) =>
  Object.entries(ORDERS).map(([name, settle]) => ({ ...pattern, name, settle })),
)

describe.skipIf(redisMissing !== null)('two processes that look for one pattern in one Redis', () => {
  let server: RedisServer
  let connections: readonly RedisConnection[]
  beforeAll(async () => {
    server = await startRedis()
    const fixed = { prefix: '{t}:', clock: systemClock, log: captureLog().log }
    connections = [0, 1].map(() => connectRedis({ url: new Secret(server.url), ...fixed }))
    const isFit = (): void => expect(connections.map((one) => one.trouble())).toEqual([null, null])
    await vi.waitFor(isFit, { interval: 10, timeout: 5_000 })
  })
  afterAll(async () => {
    for (const connection of connections) await connection.close()
    await server.end()
  })

  function aPair(): Pair {
    const clock = manualClock()
    const [one, other] = connections.map((redis) =>
      watch({ clock, store: new RedisStore({ redis, prefix: '{t}:' }) }),
    )
    return [one!, other!]
  }
  const hear = ({ detector }: Watch, event: AuditEvent, times: number): void => {
    for (let time = 0; time < times; time += 1) detector.hear(event)
  }
  const raisedBy = ([one, other]: Pair) => [...one.raised, ...other.raised]

  test.each(CASES)('$rule is told once where $name', async ({ settle, anEvent, times, ...found }) => {
    const pair = aPair()
    const event = anEvent()
    for (const each of pair) hear(each, event, times)
    await settle(pair)
    const { rule, count, limit } = found
    expect(raisedBy(pair)).toMatchObject([{ rule, count, limit }])

    // What goes on is counted by both and told by one of them, once.
    for (const each of pair) hear(each, event, times)
    await settle(pair)
    expect(raisedBy(pair)).toHaveLength(1)
    pair[0].clock.advance(25 * 3_600_000)
    await settle(pair)
    await settle(pair)
    const settled = pair.flatMap((each) => each.settled)
    expect(settled).toMatchObject([{ detection: { id: raisedBy(pair)[0]?.id }, more: count }])
  })

  test.each(PATTERNS)('$rule that only one of them sees is not told', async ({ anEvent, times }) => {
    const pair = aPair()
    const event = anEvent()
    hear(pair[0], event, times)
    hear(pair[1], anEvent(), times)
    for (const each of pair) await each.detector.settle()
    expect(raisedBy(pair)).toEqual([])
  })
})
