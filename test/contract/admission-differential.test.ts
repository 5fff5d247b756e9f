import fc from 'fast-check'
import { afterAll, describe, expect, test } from 'vitest'
import type { Write } from '../../src/kernel/store/contract.ts'
import { calendarOf } from '../../src/mcp/admission/limiters/quota.ts'
import type { AdmissionAsk } from '../../src/mcp/admission/store.ts'
import { recordKeys } from '../../src/mcp/records/keys.ts'
import {
  aStanding,
  endAdmissionRedis,
  memoryAdmission,
  redisAdmission,
  type AdmissionSubject,
} from '../support/store/admission-stores.ts'
import { redisMissing } from '../support/store/redis.ts'

/**
 * The script and its in-process twin get the same random commands on the same held clock, by which also lives in Redis
 * end, and must say the same every time. The alphabets are small, so that the commands meet each other.
 */
afterAll(endAdmissionRedis)

type Command = (subject: AdmissionSubject) => Promise<unknown>

const window = { calls: fc.integer({ min: 1, max: 3 }), seconds: fc.constantFrom(1, 45, 60) }
const limit = fc.oneof(
  fc.record({ perMinute: fc.constantFrom(1, 7, 60, 200), burst: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ algorithm: fc.constant('sliding_window' as const), ...window }),
  fc.record({ algorithm: fc.constant('fixed_window' as const), ...window }),
)
const standing = fc
  .record({
    tokenId: fc.constantFrom('t1', 't2'),
    grantId: fc.constantFrom('g1', 'g2'),
    subject: fc.constantFrom('u1', 'u2'),
    environment: fc.constantFrom('e1', 'e2'),
    clientId: fc.constantFrom('c1', 'c2'),
    kind: fc.constantFrom('at' as const, 'ci' as const),
    attestedMs: fc.integer({ min: 1, max: 5 }),
    credentialVersion: fc.integer({ min: 1, max: 2 }),
  })
  .map(aStanding)
const spending = fc.record(
  {
    profile: fc.record({ name: fc.constantFrom('p', 'q'), limit }),
    tool: fc.record({ name: fc.constantFrom('x', 'y'), limit }),
    lease: fc.record({ id: fc.constantFrom('l1', 'l2', 'l3'), atMost: fc.integer({ min: 1, max: 2 }) }),
    quota: fc.record({
      perDay: fc.option(fc.integer({ min: 0, max: 6 })),
      perMonth: fc.option(fc.integer({ min: 0, max: 9 })),
      units: fc.integer({ min: 1, max: 3 }),
    }),
  },
  { requiredKeys: [] },
)
const ask = fc
  .record({ standing, spending, atLeast: fc.integer({ min: 1, max: 4 }) })
  .map((asked): Command => {
    const question: AdmissionAsk = { ...asked, marks: [{ writer: 'mcp-1', atLeast: asked.atLeast }] }
    return ({ admission }) => admission.ask(question)
  })
const write: fc.Arbitrary<Write> = fc.oneof(
  fc.constantFrom('t1', 't2').map((id) => ({ key: recordKeys.revokedToken(id), value: '1' })),
  fc.constantFrom('g1', 'g2').map((id) => ({ key: recordKeys.revokedGrant(id), value: '1' })),
  fc.constantFrom('t1', 't2').map((id) => ({ key: recordKeys.allowed(id), value: 'g' })),
  fc.constantFrom('t1', 't2').map((id) => ({ key: recordKeys.allowed(id), remove: true as const })),
  fc
    .tuple(
      fc.constantFrom(
        recordKeys.userMark('u1'),
        recordKeys.clientMark('c1'),
        recordKeys.environmentMark('e1'),
        recordKeys.timeMark,
      ),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(([key, atLeast]) => ({ key, atLeast })),
  fc
    .tuple(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 0, max: 2 }))
    .map(([from, length]) => ({ key: recordKeys.windows, range: [from, from + length] as const })),
  fc.integer({ min: 1, max: 3 }).map((version) => ({
    key: recordKeys.credential({ sub: 'u1', env: 'e1' }),
    value: `${version}.blob`,
  })),
)
const record = write.map((one): Command => async ({ store }) => {
  const seq = ((await store.mark('mcp-1')) ?? 0) + 1
  return store.project('mcp-1', seq, [one])
})
const pass = fc.constantFrom(1, 999, 1_000, 44_999, 45_000, 60_000, 3_600_000, 86_400_000).map(
  (ms): Command =>
    (subject) =>
      subject.pass(ms),
)
/** To the last millisecond of a window, a day or a month, and to the first of the next. */
const passToEdge = fc.tuple(fc.constantFrom(1_000, 60_000, 86_400_000), fc.constantFrom(-1, 0)).map(
  ([unitMs, before]): Command =>
    (subject) =>
      subject.pass(unitMs - (subject.nowMs() % unitMs) + before),
)
const passMonth = fc.constantFrom(-1, 0).map(
  (before): Command =>
    (subject) =>
      subject.pass(calendarOf(subject.nowMs()).nextMonthMs + before),
)
const spent = fc.constantFrom('u1', 'u2').map(
  (subject): Command =>
    ({ admission }) =>
      admission.spent(subject),
)
const lease = fc
  .record({
    act: fc.constantFrom('renewLease' as const, 'releaseLease' as const),
    grant: fc.constantFrom('g1', 'g2'),
    id: fc.constantFrom('l1', 'l2', 'l3'),
  })
  .map(
    ({ act, grant, id }): Command =>
      ({ admission }) =>
        admission[act](grant, id),
  )

const commands = fc.array(
  fc.oneof(
    { weight: 8, arbitrary: ask },
    { weight: 2, arbitrary: record },
    { weight: 2, arbitrary: pass },
    { weight: 1, arbitrary: passToEdge },
    { weight: 1, arbitrary: passMonth },
    { weight: 1, arbitrary: spent },
    { weight: 2, arbitrary: lease },
  ),
  { minLength: 5, maxLength: 40 },
)

/** One rate and one quota, again and again, around the edges of its window; now and then the operator changes it. */
const crowd = fc
  .tuple(limit, limit, fc.integer({ min: 1, max: 8 }), fc.integer({ min: 1, max: 8 }))
  .chain(([first, second, perDay, perMonth]) => {
    const call = fc.constantFrom(first, first, first, second).map((rate): Command => {
      const profile = { name: 'p', limit: rate }
      const question: AdmissionAsk = {
        ...{ marks: [{ writer: 'mcp-1', atLeast: 0 }], standing: aStanding() },
        spending: { profile, quota: { perDay: perDay * 2, perMonth: perMonth * 5, units: 1 } },
      }
      return ({ admission }) => admission.ask(question)
    })
    const windowMs = 'seconds' in first ? first.seconds * 1000 : Math.ceil(60_000 / first.perMinute)
    const wait = fc
      .constantFrom(1, windowMs - 1, windowMs, windowMs + 1, Math.floor(windowMs / 2), -500, 0)
      .map(
        (ms): Command =>
          (subject) =>
            subject.pass(ms),
      )
    return fc.array(
      fc.oneof(
        { weight: 9, arbitrary: call },
        { weight: 4, arbitrary: wait },
        { weight: 1, arbitrary: passToEdge },
        { weight: 1, arbitrary: passMonth },
      ),
      { minLength: 10, maxLength: 60 },
    )
  })

async function answerAlike(sequence: readonly Command[]): Promise<void> {
  const [twin, script] = [await memoryAdmission(), await redisAdmission()]
  for (const one of [twin, script]) await one.store.project('mcp-1', 1, [])
  for (const [index, command] of sequence.entries()) {
    const [expected, actual] = [await command(twin), await command(script)]
    expect({ index, answer: actual }).toEqual({ index, answer: expected })
  }
}

describe.skipIf(redisMissing !== null)('script and twin', () => {
  test('they answer every sequence of commands alike', { timeout: 60_000 }, async () => {
    await fc.assert(fc.asyncProperty(commands, answerAlike), { numRuns: 60 })
  })

  test('every algorithm and both quotas are the same to the millisecond', { timeout: 60_000 }, async () => {
    await fc.assert(fc.asyncProperty(crowd, answerAlike), { numRuns: 120 })
  })
})
