import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import type { Write } from '../../src/kernel/store/contract.ts'
import type { RevokedBy } from '../../src/mcp/admission/refusal.ts'
import type { AdmissionVerdict, Spending, Standing } from '../../src/mcp/admission/store.ts'
import { recordKeys } from '../../src/mcp/records/keys.ts'
import {
  anAsk,
  aStanding,
  endAdmissionRedis,
  memoryAdmission,
  redisAdmission,
  type AdmissionSubject,
} from '../support/store/admission-stores.ts'
import { redisMissing } from '../support/store/redis.ts'

const ADAPTERS = [
  { name: 'in process', make: memoryAdmission, isMissing: false },
  { name: 'on Redis', make: redisAdmission, isMissing: redisMissing !== null },
]
afterAll(endAdmissionRedis)

const PASSED = { state: 'passed', newer: null } as const
const slow = { perMinute: 60, burst: 2 }

for (const { name, make, isMissing } of ADAPTERS) {
  describe.skipIf(isMissing)(`the admission store ${name}`, () => {
    let subject: AdmissionSubject
    beforeEach(async () => {
      subject = await make()
      await project()
    })
    let seq = 0
    beforeEach(() => {
      seq = 0
    })
    const project = async (...writes: Write[]): Promise<void> => {
      seq = ((await subject.store.mark('mcp-1')) ?? 0) + 1
      await subject.store.project('mcp-1', seq, writes)
    }
    const ask = (spending: Spending = {}, standing: Partial<Standing> = {}): Promise<AdmissionVerdict> =>
      subject.admission.ask(anAsk(spending, standing))

    describe('marks', () => {
      test('a store that holds the required record passes', async () => {
        expect(await ask()).toMatchObject(PASSED)
      })

      test('a mark that is missing is unprimed, whatever else the store says', async () => {
        const other = { ...anAsk(), marks: [{ writer: 'mcp-2', atLeast: 1 }] }
        expect(await subject.admission.ask(other)).toEqual({ state: 'unprimed' })
        const any = { ...anAsk(), marks: [{ writer: 'mcp-2', atLeast: 0 }] }
        expect(await subject.admission.ask(any)).toEqual({ state: 'unprimed' })
      })

      test('a mark below what the process has journaled is unprimed; at it, the call passes', async () => {
        const required = (atLeast: number) => ({ ...anAsk(), marks: [{ writer: 'mcp-1', atLeast }] })
        expect(await subject.admission.ask(required(2))).toEqual({ state: 'unprimed' })
        await project()
        expect(await subject.admission.ask(required(2))).toMatchObject(PASSED)
      })

      test('when no mark will do, nothing passes', async () => {
        const never = { ...anAsk(), marks: [{ writer: 'mcp-1', atLeast: Infinity }] }
        expect(await subject.admission.ask(never)).toEqual({ state: 'unprimed' })
      })

      test('of two writers both are needed', async () => {
        const both = {
          ...anAsk(),
          marks: [
            { writer: 'mcp-1', atLeast: 1 },
            { writer: 'mcp-2', atLeast: 1 },
          ],
        }
        expect(await subject.admission.ask(both)).toEqual({ state: 'unprimed' })
        await subject.store.project('mcp-2', 1, [])
        expect(await subject.admission.ask(both)).toMatchObject(PASSED)
      })
    })

    describe('revocation', () => {
      const s = aStanding()
      test.each<[RevokedBy, string]>([
        ['token', recordKeys.revokedToken(s.tokenId)],
        ['grant', recordKeys.revokedGrant(s.grantId)],
      ])('a revoked %s is refused; another one passes', async (by, key) => {
        await project({ key, value: '1', ttlMs: 60_000 })
        expect(await ask()).toEqual({ state: 'revoked', by })
        expect(await ask({}, { tokenId: 'token-2', grantId: 'grant-2' })).toMatchObject(PASSED)
      })

      test.each<[RevokedBy, string, Partial<Standing>]>([
        ['user', recordKeys.userMark(s.subject), { subject: 'user-2' }],
        ['client', recordKeys.clientMark(s.clientId), { clientId: 'other' }],
        ['environment', recordKeys.environmentMark(s.environment), { environment: 'env-2' }],
        ['key', recordKeys.keyMark(s.encryptionKid), { encryptionKid: 'mt-2' }],
        ['key', recordKeys.keyMark(s.signingKid), { signingKid: 'ps-2' }],
      ])('a watermark of the %s ends what was attested up to it', async (by, key, other) => {
        await project({ key, atLeast: s.attestedMs })
        expect(await ask()).toEqual({ state: 'revoked', by })
        expect(await ask({}, { attestedMs: s.attestedMs + 1 })).toMatchObject(PASSED)
        expect(await ask({}, other)).toMatchObject(PASSED)
      })

      test('a time ends everything that was attested up to it, whoever’s it is', async () => {
        await project({ key: recordKeys.timeMark, atLeast: s.attestedMs })
        expect(await ask()).toEqual({ state: 'revoked', by: 'time' })
        expect(await ask({}, { subject: 'user-2', clientId: 'other', environment: 'env-2' })).toEqual({
          state: 'revoked',
          by: 'time',
        })
        expect(await ask({}, { attestedMs: s.attestedMs + 1 })).toMatchObject(PASSED)
      })

      test('a window ends what was attested within, both ends included, and of several any', async () => {
        const attested = async (attestedMs: number): Promise<string> => {
          const verdict = await ask({}, { attestedMs })
          return verdict.state === 'revoked' ? verdict.by : verdict.state
        }
        await project({ key: recordKeys.windows, range: [1_000_000, 1_000_010] })
        await project({ key: recordKeys.windows, range: [2_000_000, 2_000_000] })
        expect(await attested(999_999)).toBe('passed')
        expect(await attested(1_000_000)).toBe('window')
        expect(await attested(1_000_010)).toBe('window')
        expect(await attested(1_000_011)).toBe('passed')
        expect(await attested(2_000_000)).toBe('window')
        expect(await attested(2_000_001)).toBe('passed')
      })

      test.each(['x', '1', '5-', '1000-x 7-8', 'x7-8', '7-8x'])(
        'a damaged list of windows (%j) lets nobody in',
        async (value) => {
          await project({ key: recordKeys.windows, value })
          expect(await ask()).toEqual({ state: 'revoked', by: 'window' })
        },
      )

      test('a refused call spends nothing', async () => {
        const profile = { name: 'interactive', limit: { perMinute: 1, burst: 1 } }
        await project({ key: recordKeys.revokedToken('token-1'), value: '1' })
        await ask({ profile })
        expect(await ask({ profile }, { tokenId: 'token-2' })).toMatchObject(PASSED)
      })
    })

    describe('the allow-list', () => {
      test('an automation token that is not listed is refused; listed, it passes', async () => {
        expect(await ask({}, { kind: 'ci' })).toEqual({ state: 'unlisted' })
        await project({ key: recordKeys.allowed('token-1'), value: 'grant-1' })
        expect(await ask({}, { kind: 'ci' })).toMatchObject(PASSED)
        expect(await ask({}, { kind: 'ci', tokenId: 'token-2' })).toEqual({ state: 'unlisted' })
      })

      test('a token of a person needs no entry', async () => {
        expect(await ask({}, { kind: 'at' })).toMatchObject(PASSED)
      })
    })

    describe('rates', () => {
      const profile = { name: 'interactive', limit: slow }

      test('the burst passes, the next call is told when to come back, and may then', async () => {
        expect(await ask({ profile })).toMatchObject(PASSED)
        expect(await ask({ profile })).toMatchObject(PASSED)
        expect(await ask({ profile })).toEqual({
          state: 'limited',
          limit: 'profile_rate',
          retryAfterMs: 1_000,
        })
        await subject.pass(999)
        expect(await ask({ profile })).toMatchObject({ limit: 'profile_rate', retryAfterMs: 1 })
        await subject.pass(1)
        expect(await ask({ profile })).toMatchObject(PASSED)
      })

      test('a bucket never holds more than its burst', async () => {
        await ask({ profile })
        await subject.pass(3_600_000)
        await ask({ profile })
        await ask({ profile })
        expect(await ask({ profile })).toMatchObject({ limit: 'profile_rate' })
      })

      test('users, environments and profiles have buckets of their own', async () => {
        await ask({ profile })
        await ask({ profile })
        expect(await ask({ profile })).toMatchObject({ state: 'limited' })
        expect(await ask({ profile }, { subject: 'user-2' })).toMatchObject(PASSED)
        expect(await ask({ profile }, { environment: 'env-2' })).toMatchObject(PASSED)
        expect(await ask({ profile: { ...profile, name: 'batch' } })).toMatchObject(PASSED)
      })

      test('a tool of a token has its own, and the refusal names the one hit', async () => {
        const spending = { profile: { name: 'interactive', limit: { perMinute: 60, burst: 9 } } }
        const tool = { name: 'query_records', limit: slow }
        await ask({ ...spending, tool })
        await ask({ ...spending, tool })
        expect(await ask({ ...spending, tool })).toMatchObject({ limit: 'tool_rate' })
        expect(await ask({ ...spending, tool: { ...tool, name: 'get_record' } })).toMatchObject(PASSED)
        expect(await ask({ ...spending, tool }, { tokenId: 'token-2' })).toMatchObject(PASSED)
      })

      test('what one limit refuses, no other is charged for', async () => {
        const full = {
          profile: { name: 'p', limit: slow },
          tool: { name: 't', limit: { perMinute: 1, burst: 1 } },
        }
        await ask(full)
        expect(await ask(full)).toMatchObject({ limit: 'tool_rate' })
        expect(await ask(full)).toMatchObject({ limit: 'tool_rate' })
        expect(await ask({ profile: full.profile })).toMatchObject(PASSED)
        expect(await ask({ profile: full.profile })).toMatchObject({ limit: 'profile_rate' })
      })

      test('what is left of each limit comes with the pass, and nothing of a limit that there is not', async () => {
        const tool = { name: 'query_records', limit: { perMinute: 30, burst: 5 } }
        const quota = { units: 2, perDay: 9, perMonth: null }
        const left = async (spending: Spending) => {
          const verdict = await ask(spending)
          return verdict.state === 'passed' ? verdict.left : verdict
        }
        expect(await left({ profile, tool, quota })).toEqual({
          profile_rate: { remaining: 1, resetMs: 1_000 },
          tool_rate: { remaining: 4, resetMs: 2_000 },
          daily_quota: { remaining: 7, resetMs: 86_400_000 - (subject.nowMs() % 86_400_000) },
          monthly_quota: null,
        })
        const none = { profile_rate: null, tool_rate: null, daily_quota: null, monthly_quota: null }
        expect(await left({ profile })).toEqual({ ...none, profile_rate: { remaining: 0, resetMs: 1_000 } })
        expect(await left({})).toEqual(none)
      })

      test('a tool’s is waited for to the millisecond, too', async () => {
        const tool = { name: 'query_records', limit: { perMinute: 60, burst: 1 } }
        await ask({ tool })
        await subject.pass(999)
        expect(await ask({ tool })).toEqual({ state: 'limited', limit: 'tool_rate', retryAfterMs: 1 })
        await subject.pass(1)
        expect(await ask({ tool })).toMatchObject(PASSED)
      })

      test('a sliding window forgets what has left it, and nothing else', async () => {
        const tool = { name: 't', limit: { algorithm: 'sliding_window' as const, calls: 3, seconds: 1 } }
        const left = (remaining: number) => ({ left: { tool_rate: { remaining } } })
        expect(await ask({ tool })).toMatchObject(left(2))
        await subject.pass(500)
        expect(await ask({ tool })).toMatchObject(left(1))
        await subject.pass(500)
        expect(await ask({ tool })).toMatchObject(left(1))
        expect(await ask({ tool })).toMatchObject(left(0))
        expect(await ask({ tool })).toMatchObject({ limit: 'tool_rate', retryAfterMs: 500 })
      })

      test('a clock that steps back makes no call older than the one before it', async () => {
        const tool = (calls: number) => ({
          tool: { name: 't', limit: { algorithm: 'sliding_window' as const, calls, seconds: 60 } },
        })
        await ask(tool(2))
        await subject.pass(-500)
        await ask(tool(2))
        await subject.pass(60_200)
        // The operator allows fewer now: the newest call counts.
        expect(await ask(tool(1))).toMatchObject({ limit: 'tool_rate', retryAfterMs: 300 })
      })

      test('of 40 calls at once exactly the burst passes', async () => {
        const limit = { perMinute: 1, burst: 10 }
        const all = await Promise.all(
          Array.from({ length: 40 }, () => ask({ profile: { name: 'p', limit } })),
        )
        expect(all.filter(({ state }) => state === 'passed')).toHaveLength(10)
      })
    })

    describe('leases', () => {
      const lease = (id: string) => ({ lease: { id, atMost: 2 } })

      test('as many calls of a grant run as it may; one more waits until one ends', async () => {
        expect(await ask(lease('a'))).toMatchObject(PASSED)
        expect(await ask(lease('b'))).toMatchObject(PASSED)
        expect(await ask(lease('c'))).toMatchObject({ limit: 'concurrent_calls', retryAfterMs: 1_000 })
        expect(await ask(lease('c'), { grantId: 'grant-2' })).toMatchObject(PASSED)
        await subject.admission.releaseLease('grant-1', 'a')
        expect(await ask(lease('c'))).toMatchObject(PASSED)
      })

      test('a lease that nobody renews ends by itself after 45 s', async () => {
        await ask(lease('a'))
        await ask(lease('b'))
        await subject.pass(44_999)
        expect(await ask(lease('c'))).toMatchObject({ limit: 'concurrent_calls' })
        await subject.pass(1)
        expect(await ask(lease('c'))).toMatchObject(PASSED)
      })

      test('of two that began one after the other, the first ends first', async () => {
        await ask(lease('a'))
        await subject.pass(1)
        await ask(lease('b'))
        await subject.pass(44_999)
        expect(await ask(lease('c'))).toMatchObject(PASSED)
        expect(await ask(lease('d'))).toMatchObject({ limit: 'concurrent_calls' })
      })

      test('a renewed lease stays; a lost one cannot be renewed', async () => {
        await ask(lease('a'))
        await ask(lease('b'))
        await subject.pass(40_000)
        expect(await subject.admission.renewLease('grant-1', 'a')).toBe(true)
        await subject.pass(10_000)
        expect(await subject.admission.renewLease('grant-1', 'b')).toBe(false)
        expect(await ask(lease('c'))).toMatchObject(PASSED)
        expect(await ask(lease('d'))).toMatchObject({ limit: 'concurrent_calls' })
      })

      test('a place of one is a limit, too; the lease of a call is renewed up to its last millisecond', async () => {
        const only = (id: string) => ({ lease: { id, atMost: 1 } })
        await ask()
        await ask(only('a'))
        expect(await ask(only('b'))).toMatchObject({ limit: 'concurrent_calls' })
        await subject.pass(44_999)
        expect(await subject.admission.renewLease('grant-1', 'a')).toBe(true)
        await subject.pass(44_999)
        expect(await ask(only('b'))).toMatchObject({ limit: 'concurrent_calls' })
        await subject.pass(1)
        expect(await subject.admission.renewLease('grant-1', 'a')).toBe(false)
      })

      test('a renewed lease is given back by its own name', async () => {
        const only = (id: string) => ({ lease: { id, atMost: 1 } })
        await ask(only('a'))
        await subject.admission.renewLease('grant-1', 'a')
        await subject.admission.releaseLease('grant-1', 'a')
        expect(await ask(only('b'))).toMatchObject(PASSED)
      })

      test('releasing what is not held changes nothing', async () => {
        await ask(lease('a'))
        await subject.admission.releaseLease('grant-1', 'x')
        await ask(lease('b'))
        expect(await ask(lease('c'))).toMatchObject({ limit: 'concurrent_calls' })
      })
    })

    describe('the newest credential', () => {
      const key = recordKeys.credential({ sub: 'user-1', env: 'env-1' })

      test('it comes with the pass when it is newer than the receipt’s, and only then', async () => {
        await project({ key, value: '2.aaa.bbb' })
        expect(await ask()).toMatchObject({ state: 'passed', newer: { version: 2, blob: 'aaa.bbb' } })
        expect(await ask({}, { credentialVersion: 2 })).toMatchObject(PASSED)
        expect(await ask({}, { environment: 'env-2' })).toMatchObject(PASSED)
      })

      test.each(['x.aaa', '.aaa', ''])('what has no version (%j) is none', async (value) => {
        await project({ key, value })
        expect(await ask()).toMatchObject(PASSED)
      })
    })
  })
}
