import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS, limitsFile, mergeLimits } from '../../../src/mcp/admission/limits.ts'
import { DEFAULT_PLANS, plansFile, effectivePlan, readPlans } from '../../../src/mcp/admission/plans.ts'
import {
  allowedScopes,
  DEFAULT_SCOPE,
  isKnownScope,
  missingScopes,
} from '../../../src/mcp/admission/scopes.ts'

describe('scopes', () => {
  test.each([
    ['maximo:read', ['maximo:read']],
    ['maximo:write', ['maximo:read', 'maximo:write']],
    ['maximo:finance', ['maximo:finance', 'maximo:read']],
    ['maximo:apm', ['maximo:apm', 'maximo:read']],
    ['maximo:admin', ['maximo:admin', 'maximo:read']],
    ['maximo_write', ['maximo:read', 'maximo:write']],
    ['maximo_read', ['maximo:read']],
    ['maximo_admin', ['maximo:admin', 'maximo:read']],
    ['monitor_read', ['maximo:apm', 'maximo:read']],
    ['predict_read', ['maximo:apm', 'maximo:read']],
    ['health_read', ['maximo:apm', 'maximo:read']],
    ['health_read monitor_read', ['maximo:apm', 'maximo:read']],
    ['offline_access', []],
    ['', []],
    ['maximo:root constructor toString', []],
  ])('“%s” allows %j', (scope, allowed) => {
    expect([...allowedScopes(scope)].sort()).toEqual(allowed)
  })

  test('what is missing is named in one order', () => {
    const allowed = allowedScopes('maximo:read')
    expect(missingScopes(allowed, ['maximo:finance', 'maximo:write', 'maximo:read'])).toEqual([
      'maximo:write',
      'maximo:finance',
    ])
    expect(missingScopes(allowed, ['maximo:read'])).toEqual([])
    expect(missingScopes(new Set(), [])).toEqual([])
  })

  test('a name is known or not', () => {
    expect(['maximo:read', 'maximo_admin', 'offline_access'].every(isKnownScope)).toBe(true)
    // What a client without a token is told to ask for.
    expect(DEFAULT_SCOPE).toBe('maximo:read')
    expect(['', 'root', '__proto__', 'maximo:READ'].some(isKnownScope)).toBe(false)
  })
})

describe('plans', () => {
  const plans = readPlans(DEFAULT_PLANS)

  const FREE = { perDay: 500, perMonth: 5_000 }
  const PRO = { perDay: 10_000, perMonth: 200_000 }
  const NONE = { perDay: null, perMonth: null }

  test.each([
    ['pro', PRO],
    ['enterprise', NONE],
    ['free', FREE],
    ['gold', FREE],
    ['', FREE],
    ['__proto__', FREE],
    // Of several the best counts.
    ['free,pro', PRO],
    ['pro,enterprise', NONE],
    ['gold,pro', PRO],
  ])('the plan “%s” has its day and its month; an unknown one and none count as free', (plan, quota) => {
    expect(plans.quotaOf({ plan })).toEqual(quota)
  })

  test('of several plans each quota is the best of its kind; a plan without a month has none', () => {
    const file = {
      default: 'a',
      plans: { a: { perDay: 1, perMonth: 100 }, b: { perDay: 9, perMonth: 50 }, c: { perDay: 5 } },
    }
    const { quotaOf } = readPlans(plansFile.parse(file))
    expect(quotaOf({ plan: 'a,b' })).toEqual({ perDay: 9, perMonth: 100 })
    expect(quotaOf({ plan: 'c' })).toEqual({ perDay: 5, perMonth: null })
    expect(quotaOf({ plan: 'c,a' })).toEqual({ perDay: 5, perMonth: null })
  })

  test('a cap with a smaller day and a greater month lowers the day alone, and the reverse', () => {
    const file = {
      default: 'a',
      plans: {
        a: { perDay: 10, perMonth: 100 },
        b: { perDay: 5, perMonth: 400 },
        c: { perDay: 90 },
        d: { perDay: 5 },
        e: { perDay: null },
        f: { perDay: 10, perMonth: 100 },
      },
    }
    const made = readPlans(plansFile.parse(file))
    const quotaUnder = (pla: string, cap: string) =>
      made.quotaOf(effectivePlan({ pla, fea: '' }, { pla: cap, fea: '' }, made))
    expect(quotaUnder('a', 'b')).toEqual({ perDay: 5, perMonth: 100 })
    expect(quotaUnder('b', 'a')).toEqual({ perDay: 5, perMonth: 100 })
    expect(quotaUnder('c', 'a')).toEqual({ perDay: 10, perMonth: 100 })
    expect(quotaUnder('a', 'c')).toEqual({ perDay: 10, perMonth: 100 })
    for (const [own, cap] of [
      ['d', 'a'],
      ['a', 'd'],
    ] as const)
      expect(quotaUnder(own, cap)).toEqual({ perDay: 5, perMonth: 100 })
    expect(quotaUnder('e', 'a')).toEqual({ perDay: 10, perMonth: 100 })
    expect(effectivePlan({ pla: 'f', fea: '' }, { pla: 'a', fea: '' }, made)).toEqual({
      ...{ plan: 'f', features: new Set() },
    })
  })

  test('a file whose default is not among its plans is refused', () => {
    expect(() => readPlans({ default: 'basic', plans: { free: { perDay: 1 } } })).toThrow('default plan')
  })

  test('a file may keep sets of tools for a feature; there must be such a set', () => {
    const gated = { ...DEFAULT_PLANS, toolsets: { purchasing: 'finance' } }
    expect(plansFile.parse(gated)).toEqual(gated)
    expect(readPlans(gated).featureOf('purchasing')).toBe('finance')
    expect(readPlans(gated).featureOf('work')).toBeNull()
    expect(plans.featureOf('purchasing')).toBeNull()
    expect(plansFile.safeParse({ ...DEFAULT_PLANS, toolsets: { purchase: 'x' } }).success).toBe(false)
  })

  test('a file with unknown members or odd numbers is refused', () => {
    const ok = { default: 'a', plans: { a: { perDay: 1 } } }
    expect(plansFile.safeParse(ok).success).toBe(true)
    expect(plansFile.safeParse({ ...ok, extra: 1 }).success).toBe(false)
    expect(plansFile.safeParse({ default: 'a', plans: { a: { perDay: -1 } } }).success).toBe(false)
    expect(plansFile.safeParse({ default: 'a', plans: { a: { perDay: 1.5 } } }).success).toBe(false)
    expect(plansFile.safeParse({ default: 'a', plans: { a: { perDay: 1, perMonth: -1 } } }).success).toBe(
      false,
    )
    expect(plansFile.safeParse({ default: 'a', plans: { a: { perMonth: 1 } } }).success).toBe(false)
  })

  test('the edges of a plans file', () => {
    const isRead = (plan: object, name = 'a'): boolean =>
      plansFile.safeParse({ default: name, plans: { [name]: { perDay: 1, ...plan } } }).success
    const approver = (users: string[], from = 'high'): object => ({ secondApprover: { from, users } })
    const users = (count: number): string[] => Array.from({ length: count }, (_, index) => `user_${index}`)
    for (const plan of [{ perDay: 0 }, { perDay: 1_000_000_000, perMonth: null }, { perMonth: 0 }])
      expect(isRead(plan)).toBe(true)
    for (const plan of [{ perDay: 1_000_000_001 }, { perMonth: 1_000_000_001 }, { perYear: 1 }])
      expect(isRead(plan)).toBe(false)
    expect([isRead({}, 'x'.repeat(100)), isRead({}, 'x'.repeat(101)), isRead({}, '')]).toEqual([
      ...[true, false, false],
    ])
    expect([users(1), users(50), ['x'.repeat(100)]].map((list) => isRead(approver(list)))).toEqual([
      ...[true, true, true],
    ])
    for (const list of [[], users(51), [''], ['x'.repeat(101)]]) expect(isRead(approver(list))).toBe(false)
    expect(isRead(approver(['u'], 'any'))).toBe(false)
    const gatedBy = (feature: string): boolean =>
      plansFile.safeParse({ ...DEFAULT_PLANS, toolsets: { work: feature } }).success
    expect(['x', 'x'.repeat(100), '', 'x'.repeat(101)].map(gatedBy)).toEqual([true, true, false, false])
  })

  test('a name that only the default or only a plan bears is bounded all the same', () => {
    const isRead = (name: string, plan: string): boolean =>
      plansFile.safeParse({ default: name, plans: { [plan]: { perDay: 1 } } }).success
    expect(isRead('a', 'b')).toBe(true)
    expect([isRead('', 'b'), isRead('a'.repeat(101), 'b')]).toEqual([false, false])
    expect([isRead('a', ''), isRead('a', 'b'.repeat(101))]).toEqual([false, false])
  })

  test('from its risk on a plan demands one of its people besides; of several plans all of them may', () => {
    const made = readPlans(
      plansFile.parse({
        default: 'a',
        plans: {
          a: { perDay: 1 },
          b: { perDay: 1, secondApprover: { from: 'medium', users: ['user_1', 'user_2'] } },
          c: { perDay: 1, secondApprover: { from: 'high', users: ['user_2', 'user_3'] } },
        },
      }),
    )
    expect(made.secondApprovers('a', 'high')).toBeNull()
    expect(made.secondApprovers('unknown', 'high')).toBeNull()
    expect(made.secondApprovers('b', 'low')).toBeNull()
    expect(made.secondApprovers('b', 'medium')).toEqual(['user_1', 'user_2'])
    expect(made.secondApprovers('b', 'high')).toEqual(['user_1', 'user_2'])
    expect(made.secondApprovers('a,c', 'medium')).toBeNull()
    expect(made.secondApprovers('c,b', 'medium')).toEqual(['user_1', 'user_2'])
    expect(made.secondApprovers('c,b', 'high')).toEqual(['user_2', 'user_3', 'user_1'])
  })

  test('features are a set; none is none', () => {
    const features = (fea: string) => effectivePlan({ pla: 'pro', fea }, null, plans).features
    expect(features('audit,ci')).toEqual(new Set(['audit', 'ci']))
    expect(features('')).toEqual(new Set())
  })

  test.each([
    ['lower', { pla: 'free', fea: 'mcp' }, 'free', ['mcp']],
    ['higher', { pla: 'enterprise', fea: 'mcp,audit,admin' }, 'pro', ['audit', 'mcp']],
    ['the same', { pla: 'pro', fea: 'audit,mcp' }, 'pro', ['audit', 'mcp']],
    ['lower in plan alone', { pla: 'free', fea: 'audit,mcp' }, 'free', ['audit', 'mcp']],
    ['lower in features alone', { pla: 'enterprise', fea: '' }, 'pro', []],
    ['nothing at all', { pla: '', fea: '' }, '', []],
    ['of a plan that the file does not name', { pla: 'gold', fea: 'audit' }, 'gold', ['audit']],
  ])('a cap that is %s only lowers', (_how, cap, plan, features) => {
    const effective = effectivePlan({ pla: 'pro', fea: 'audit,mcp' }, cap, plans)
    expect([effective.plan, [...effective.features].sort()]).toEqual([plan, features])
  })
})

describe('limits', () => {
  test('a file changes what it names and nothing else', () => {
    const file = limitsFile.parse({ profile: { batch: { perMinute: 1, burst: 2 } } })
    const merged = mergeLimits(file)
    expect(merged.profile.batch).toEqual({ perMinute: 1, burst: 2 })
    expect(merged.profile.interactive).toEqual(DEFAULT_LIMITS.profile.interactive)
    expect(merged.tool).toEqual(DEFAULT_LIMITS.tool)
  })

  test('the numbers of the product are these', () => {
    expect(DEFAULT_LIMITS.profile).toEqual({
      interactive: { perMinute: 200, burst: 50 },
      sync: { perMinute: 60, burst: 20 },
      reporting: { perMinute: 30, burst: 10 },
      batch: { perMinute: 10, burst: 5 },
      webhook: { perMinute: 500, burst: 100 },
    })
    expect(DEFAULT_LIMITS.tool).toEqual({
      read: { perMinute: 100, burst: 20 },
      write: { perMinute: 30, burst: 5 },
    })
  })

  test('each rate may have an algorithm of its own; without one it is a token bucket', () => {
    const profile = {
      batch: { algorithm: 'sliding_window', calls: 100, seconds: 3_600 },
      sync: { algorithm: 'token_bucket', perMinute: 6, burst: 2 },
    }
    const tool = { write: { algorithm: 'fixed_window', calls: 5, seconds: 60 } }
    const merged = mergeLimits(limitsFile.parse({ profile, tool }))
    expect(merged.profile).toEqual({ ...DEFAULT_LIMITS.profile, ...profile })
    expect(merged.tool).toEqual({ ...DEFAULT_LIMITS.tool, ...tool })
  })

  test.each([
    { perMinute: 0, burst: 1 },
    { perMinute: 1, burst: 0 },
    { perMinute: 1 },
    { algorithm: 'leaky_bucket', perMinute: 1, burst: 1 },
    { algorithm: 'token_bucket', calls: 1, seconds: 1 },
    { algorithm: 'sliding_window', perMinute: 1, burst: 1 },
    { perMinute: 10_000_001, burst: 1 },
    { perMinute: 1, burst: 1_000_001 },
    { algorithm: 'sliding_window', calls: 10_001, seconds: 1 },
    { algorithm: 'sliding_window', calls: 0, seconds: 1 },
    { algorithm: 'fixed_window', calls: 10_000_001, seconds: 1 },
    { algorithm: 'fixed_window', calls: 0, seconds: 1 },
    { algorithm: 'fixed_window', calls: 1, seconds: 0 },
    { algorithm: 'fixed_window', calls: 1, seconds: 86_401 },
    { algorithm: 'fixed_window', calls: 1.5, seconds: 1 },
    { calls: 1, seconds: 1 },
  ])('%j is no rate', (read) => {
    expect(limitsFile.safeParse({ tool: { read } }).success).toBe(false)
  })

  test.each([
    { algorithm: 'fixed_window', calls: 10_000_000, seconds: 86_400 },
    { algorithm: 'fixed_window', calls: 1, seconds: 1 },
    { algorithm: 'sliding_window', calls: 10_000, seconds: 86_400 },
    { algorithm: 'sliding_window', calls: 1, seconds: 1 },
    { perMinute: 1, burst: 1 },
    { perMinute: 10_000_000, burst: 1_000_000 },
  ])('%j is a rate, of a tool or a profile', (rate) => {
    for (const file of [
      { tool: { read: rate } },
      { tool: { write: rate } },
      ...Object.keys(DEFAULT_LIMITS.profile).map((name) => ({ profile: { [name]: rate } })),
    ])
      expect(limitsFile.parse(file)).toEqual(file)
  })

  test('so many calls of a profile may run at the same time as the file says', () => {
    const concurrent = { interactive: 1, sync: 2, reporting: 3, batch: 4, webhook: 100_000 }
    expect(mergeLimits(limitsFile.parse({ concurrent }))).toEqual({ ...DEFAULT_LIMITS, concurrent })
    expect(mergeLimits(limitsFile.parse({ concurrent: { sync: 2 } })).concurrent).toEqual({
      ...{ interactive: 16, sync: 2, reporting: 4, batch: 4, webhook: 32 },
    })
    for (const wrong of [0, 100_001, 1.5, null])
      expect(limitsFile.safeParse({ concurrent: { sync: wrong } }).success).toBe(false)
  })

  test('what is there without a value keeps its default', () => {
    const nothing = {
      profile: { batch: undefined },
      tool: { read: undefined },
      concurrent: { sync: undefined },
    }
    expect(mergeLimits(nothing)).toEqual(DEFAULT_LIMITS)
    expect(mergeLimits({})).toEqual(DEFAULT_LIMITS)
  })

  test.each([
    { profiles: {} },
    { tool: { delete: { perMinute: 1, burst: 1 } } },
    { concurrent: { fast: 1 } },
    { tool: { read: { perMinute: 1, burst: 1, seconds: 1 } } },
    { tool: { read: { algorithm: 'fixed_window', calls: 1, seconds: 1, burst: 1 } } },
    { tool: { read: { algorithm: 'sliding_window', calls: 1, seconds: 1, burst: 1 } } },
  ])('%j has a member too many', (file) => {
    expect(limitsFile.safeParse(file).success).toBe(false)
  })

  test('a rate for an unknown profile is refused', () => {
    expect(limitsFile.safeParse({ profile: { fast: { perMinute: 1, burst: 1 } } }).success).toBe(false)
  })
})
