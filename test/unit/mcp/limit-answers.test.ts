import { describe, expect, test } from 'vitest'
import { exceededFields, rateLimitFields, secondsText } from '../../../src/kernel/rate-limit-fields.ts'
import { limitAnswer } from '../../../src/mcp/admission/limit-answer.ts'
import { policyOf, serviceLimits } from '../../../src/mcp/admission/limit-policies.ts'
import type { Spending, StoreLimit } from '../../../src/mcp/admission/store.ts'

const SPENDING: Spending = {
  profile: { name: 'interactive', limit: { perMinute: 200, burst: 50 } },
  tool: { name: 'query_records', limit: { algorithm: 'sliding_window', calls: 100, seconds: 3_600 } },
  lease: { id: 'l', atMost: 16 },
  quota: { perDay: 500, perMonth: 5_000, units: 2 },
}

const sentence = (limit: StoreLimit, retryAfterS: number): string => {
  const whose = limit === 'tool_rate' ? 'query_records' : 'interactive'
  return limitAnswer({ reason: 'limited', limit, retryAfterS, policy: policyOf(limit, SPENDING), whose })
    .message
}

describe('a limit that was hit says which it is, how long it lasts and how to need less', () => {
  test.each<[StoreLimit, number, string]>([
    [
      'profile_rate',
      12,
      'Too many requests for this account and environment: the profile interactive allows 200 in 60 seconds, 50 of them at once. Go on in 12 seconds. Fewer requests are needed when each asks for more: a greater limit, several fields, figures that Maximo counts.',
    ],
    [
      'tool_rate',
      1,
      'query_records was called too often with this connection: 100 in 60 minutes are allowed. Go on in 1 second. Fewer calls are needed when each asks for more: a greater limit, a narrower question, or aggregate_records instead of counting rows.',
    ],
    [
      'concurrent_calls',
      1,
      'No more than 16 calls of this connection run at the same time. Wait for one to end, then go on: in 1 second, say. One call after the other needs no more than one place.',
    ],
    [
      'daily_quota',
      40_000,
      'The daily quota of this account, 500 units, is spent or too small for this call. It begins anew at 00:00 UTC, in 12 hours. One call that asks for more costs no more units than one that asks for less; get_usage says what is left, and another plan has more.',
    ],
    [
      'monthly_quota',
      1_000_000,
      'The monthly quota of this account, 5000 units, is spent or too small for this call. It begins anew on the 1st at 00:00 UTC, in 12 days. One call that asks for more costs no more units than one that asks for less; get_usage says what is left, and another plan has more.',
    ],
  ])('%s', (limit, retryAfterS, message) => {
    expect(sentence(limit, retryAfterS)).toBe(message)
  })

  test('in figures too, as far as the limit has them', () => {
    const told = (limit: StoreLimit) => {
      const refusal = { reason: 'limited', limit, retryAfterS: 5, whose: null } as const
      return limitAnswer({ ...refusal, policy: policyOf(limit, SPENDING) }).data
    }
    const common = { reason: 'limited', retryAfterS: 5 }
    expect(told('profile_rate')).toEqual({
      ...{ ...common, limit: 'profile_rate', quota: 200, windowS: 60, burst: 50 },
    })
    expect(told('tool_rate')).toEqual({ ...common, limit: 'tool_rate', quota: 100, windowS: 3_600 })
    expect(told('monthly_quota')).toEqual({ ...common, limit: 'monthly_quota', quota: 5_000 })
  })

  test('without a tool’s name, and where all may be used at once', () => {
    const policy = { name: 'tool_rate', quota: 5, windowS: 60, burst: 5 }
    const refusal = { reason: 'limited', limit: 'tool_rate', retryAfterS: 5, whose: null, policy } as const
    expect(limitAnswer(refusal).message).toContain(
      'This tool was called too often with this connection: 5 in 60 seconds are allowed. Go on',
    )
  })

  test('of bad tokens too, and that a valid one is not held up', () => {
    const policy = { name: 'failed_authentication', quota: 20, windowS: 60 }
    const refusal = { reason: 'limited', limit: 'failed_authentication', retryAfterS: 60, policy } as const
    expect(limitAnswer({ ...refusal, whose: null })).toMatchObject({
      message:
        'Too many bad access tokens came from this address: 20 in 60 seconds are looked at. Go on in 60 seconds. Connect again for a token that is valid: this limit never holds one up.',
      data: { reason: 'limited', limit: 'failed_authentication', retryAfterS: 60, quota: 20, windowS: 60 },
    })
  })

  test('a burst of all is not worth a word', () => {
    const policy = { name: 'profile_rate', quota: 5, windowS: 60, burst: 5 }
    const refusal = {
      reason: 'limited',
      limit: 'profile_rate',
      retryAfterS: 2,
      policy,
      whose: 'batch',
    } as const
    expect(limitAnswer(refusal).message).toContain('the profile batch allows 5 in 60 seconds. Go on')
  })

  test('a limit that a call does not have cannot have refused it', () => {
    for (const limit of [
      'profile_rate',
      'tool_rate',
      'concurrent_calls',
      'daily_quota',
      'monthly_quota',
    ] as const)
      expect(() => policyOf(limit, {})).toThrow(`${limit} refused a call that it does not limit`)
    const onlyDay = { quota: { perDay: 1, perMonth: null, units: 1 } }
    expect(() => policyOf('monthly_quota', onlyDay)).toThrow('monthly_quota')
    expect(policyOf('daily_quota', onlyDay)).toEqual({ name: 'daily_quota', quota: 1, windowS: 86_400 })
  })
})

describe('the RateLimit headers', () => {
  test('name every limit of a call that passed and what it left, in the same order', () => {
    const left = {
      profile_rate: { remaining: 49, resetMs: 300 },
      tool_rate: { remaining: 99, resetMs: 3_600_000 },
      daily_quota: { remaining: 498, resetMs: 43_200_001 },
      monthly_quota: { remaining: 4_998, resetMs: 864_000_000 },
    }
    expect(rateLimitFields(serviceLimits(SPENDING, left))).toEqual({
      'ratelimit-policy':
        '"profile_rate";q=200;w=60;maximo-mcp-burst=50, "tool_rate";q=100;w=3600, "daily_quota";q=500;w=86400, "monthly_quota";q=5000',
      ratelimit:
        '"profile_rate";r=49;t=1, "tool_rate";r=99;t=3600, "daily_quota";r=498;t=43201, "monthly_quota";r=4998;t=864000',
    })
  })

  test('leave out what does not limit the call', () => {
    const left = {
      profile_rate: { remaining: 1, resetMs: 1 },
      tool_rate: null,
      daily_quota: null,
      monthly_quota: null,
    }
    const profile = { name: 'batch', limit: { algorithm: 'fixed_window', calls: 2, seconds: 5 } } as const
    expect(rateLimitFields(serviceLimits({ profile }, left))).toEqual({
      ...{ 'ratelimit-policy': '"profile_rate";q=2;w=5', ratelimit: '"profile_rate";r=1;t=1' },
    })
  })

  test('name only what both limits the call and has something left to tell', () => {
    const rest = { remaining: 1, resetMs: 1 }
    const all = { profile_rate: rest, tool_rate: rest, daily_quota: rest, monthly_quota: rest }
    const none = { profile_rate: null, tool_rate: null, daily_quota: null, monthly_quota: null }
    const { tool } = SPENDING
    if (tool === undefined) throw new Error('no tool')
    expect(serviceLimits({ tool }, all).map(({ policy }) => policy.name)).toEqual(['tool_rate'])
    expect(serviceLimits(SPENDING, { ...none, daily_quota: rest })).toEqual([
      { policy: { name: 'daily_quota', quota: 500, windowS: 86_400 }, remaining: 1, resetS: 1 },
    ])
  })

  test('of a refusal name the same moment as Retry-After; what runs at once has no window', () => {
    expect(exceededFields(policyOf('concurrent_calls', SPENDING), 1)).toEqual({
      'retry-after': '1',
      'ratelimit-policy': '"concurrent_calls";q=16;qu="concurrent-requests"',
      ratelimit: '"concurrent_calls";r=0;t=1',
    })
  })
})

test.each([
  [1, '1 second'],
  [119, '119 seconds'],
  [120, '2 minutes'],
  [121, '3 minutes'],
  [7_199, '120 minutes'],
  [7_200, '2 hours'],
  [172_799, '48 hours'],
  [172_800, '2 days'],
  [172_801, '3 days'],
])('%d seconds are %s, never fewer', (seconds, text) => {
  expect(secondsText(seconds)).toBe(text)
})
