import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Store, Write } from '../../src/kernel/store/contract.ts'
import { markKey } from '../../src/kernel/store/keys.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { manualClock } from '../support/clock.ts'
import { endAdmissionRedis, redisForAdmission } from '../support/store/admission-stores.ts'
import { heldStore } from '../support/store/held-redis.ts'
import { redisMissing } from '../support/store/redis.ts'

/**
 * Both stores get the same random calls in the same held time, and must say the same every time, and hold the same in the
 * end. The alphabets are small, so that the calls meet each other.
 */
afterAll(endAdmissionRedis)

interface Subject {
  readonly store: Store
  pass(ms: number): Promise<void>
}
type Call = (store: Store) => Promise<unknown>
type Command = (subject: Subject) => Promise<unknown>

/** What may stand at each key: of one that is counted, or marks, also what is no number, as a hand that strays leaves it. */
const VALUES = {
  a: ['', '1', 'ä\u0000\r\n"\\ 漢 \u{1f600}'],
  b: ['x', 'y'],
  counter: ['7', '-3', 'x'],
  window: ['1:2 3:4', '4:9', 'x'],
  watermark: ['3', '11'],
  version: ['2.z', '10.z', 'no version'],
  ranges: ['1-2', '0-0 1-2', '7'],
  [markKey('w')]: ['1', '4', 'x'],
} as const
const KEYS = Object.keys(VALUES)

const key = fc.constantFrom(...KEYS)
const held = key.chain((at) =>
  fc.tuple(fc.constant(at), fc.constantFrom(...(VALUES[at as keyof typeof VALUES] as readonly string[]))),
)
const life = fc.constantFrom(1, 2, 5, 20)
const anyLife = fc.oneof(life, fc.constantFrom(0, -1))

const write: fc.Arbitrary<Write> = fc.oneof(
  held.map(([at, value]) => ({ key: at, value })),
  fc.tuple(held, anyLife).map(([[at, value], ttlMs]) => ({ key: at, value, ttlMs })),
  held.map(([at, value]) => ({ key: at, value, ifAbsent: true as const })),
  fc.tuple(held, anyLife).map(([[at, value], ttlMs]) => ({ key: at, value, ttlMs, ifAbsent: true as const })),
  key.map((at) => ({ key: at, remove: true as const })),
  fc.nat(12).map((atLeast) => ({ key: 'watermark', atLeast })),
  fc.constantFrom('1.a', '2.b', '2.c', '10.d').map((newest) => ({ key: 'version', newest })),
  fc.tuple(fc.nat(2), fc.nat(2)).map((range) => ({ key: 'ranges', range })),
)
const project = fc.tuple(fc.nat(6), fc.nat(2), fc.array(write, { maxLength: 4 })).map(
  ([seq, more, writes]): Call =>
    (store) =>
      store.project('w', seq + 1, writes, Math.max(1, seq + 1 - more)),
)
/** The record after the mark, as a writer sends it that is not disturbed. */
const projectNext = fc.array(write, { maxLength: 4 }).map((writes): Call => async (store) => {
  const seq = ((await store.mark('w')) ?? 0) + 1
  return Number.isNaN(seq) ? seq : store.project('w', seq, writes)
})
const tally = fc.record({ slot: fc.nat(5), by: fc.nat(3), oldest: fc.nat(5), ttlMs: life }).map(
  (to): Call =>
    (store) =>
      store.tally('window', to),
)

const call: fc.Arbitrary<Call> = fc.oneof(
  { weight: 3, arbitrary: key.map((at) => (store: Store) => store.get(at)) },
  {
    weight: 3,
    arbitrary: fc.tuple(held, anyLife).map(
      ([[at, value], ms]) =>
        (store: Store) =>
          store.put(at, value, ms),
    ),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(held, life).map(
      ([[at, value], ms]) =>
        (store: Store) =>
          store.putOnce(at, value, ms),
    ),
  },
  { weight: 2, arbitrary: key.map((at) => (store: Store) => store.take(at)) },
  { weight: 1, arbitrary: key.map((at) => (store: Store) => store.remove(at)) },
  { weight: 3, arbitrary: life.map((ms) => (store: Store) => store.count('counter', ms)) },
  { weight: 4, arbitrary: tally },
  { weight: 3, arbitrary: project },
  { weight: 1, arbitrary: fc.constant((store: Store) => store.mark('w')) },
)
const answer = (asked: Promise<unknown>): Promise<unknown> =>
  asked.catch((error: unknown) => (error instanceof Error ? error.name : error))

const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 12,
    arbitrary: call.map(
      (one) =>
        ({ store }: Subject) =>
          one(store),
    ),
  },
  {
    weight: 3,
    arbitrary: projectNext.map(
      (one) =>
        ({ store }: Subject) =>
          one(store),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.array(call, { maxLength: 5 }).map(
      (calls) =>
        ({ store }: Subject) =>
          Promise.all(calls.map((one) => answer(one(store)))),
    ),
  },
  {
    weight: 2,
    arbitrary: fc.array(key, { maxLength: 5 }).map(
      (keys) =>
        ({ store }: Subject) =>
          store.getMany(keys),
    ),
  },
  { weight: 1, arbitrary: fc.constant(({ store }: Subject) => store.nowMs()) },
  {
    weight: 4,
    arbitrary: fc.constantFrom(0, 1, 2, 4, 19).map((ms) => (subject: Subject) => subject.pass(ms)),
  },
)

let rounds = 0
async function subjects(): Promise<readonly [memory: Subject, redis: Subject]> {
  const [mine, shared] = [manualClock(), manualClock()]
  rounds += 1
  const redis = heldStore(await redisForAdmission(), `{s${rounds}}:`, shared)
  await redis.pass(0)
  return [{ store: new MemoryStore(mine), pass: async (ms) => mine.advance(ms) }, redis]
}

async function answerAlike(commands: readonly Command[]): Promise<void> {
  const [memory, redis] = await subjects()
  for (const [index, one] of commands.entries()) {
    const [expected, actual] = [await answer(one(redis)), await answer(one(memory))]
    expect({ index, answer: actual }).toEqual({ index, answer: expected })
  }
  expect(await memory.store.getMany(KEYS)).toEqual(await redis.store.getMany(KEYS))
}

describe.skipIf(redisMissing !== null)('the store of one process', () => {
  test('says what Redis says, whatever is asked of it, to the millisecond', { timeout: 60_000 }, async () => {
    await fc.assert(fc.asyncProperty(fc.array(command, { minLength: 5, maxLength: 40 }), answerAlike), {
      numRuns: 250,
    })
  })
})
