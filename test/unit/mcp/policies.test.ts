import { describe, expect, test } from 'vitest'
import { DEFAULT_LIMITS, limitsFile, mergeLimits } from '../../../src/mcp/admission/limits.ts'
import { DEFAULT_PLANS, plansFile, effectivePlan, readPlans } from '../../../src/mcp/admission/plans.ts'
import { allowedScopes, isKnownScope, missingScopes } from '../../../src/mcp/admission/scopes.ts'

describe('scopes', () => {
  test.each([
    ['maximo:read', ['maximo:read']],
    ['maximo:write', ['maximo:read', 'maximo:write']],
    ['maximo:finance', ['maximo:finance', 'maximo:read']],
    ['maximo:apm', ['maximo:apm', 'maximo:read']],
    ['maximo:admin', ['maximo:admin', 'maximo:read']],
    ['maximo_write', ['maximo:read', 'maximo:write']],
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
      plans: { a: { perDay: 10, perMonth: 100 }, b: { perDay: 5, perMonth: 400 }, c: { perDay: 90 } },
    }
    const made = readPlans(plansFile.parse(file))
    const quotaUnder = (pla: string, cap: string) =>
      made.quotaOf(effectivePlan({ pla, fea: '' }, { pla: cap, fea: '' }, made))
    expect(quotaUnder('a', 'b')).toEqual({ perDay: 5, perMonth: 100 })
    expect(quotaUnder('b', 'a')).toEqual({ perDay: 5, perMonth: 100 })
    expect(quotaUnder('c', 'a')).toEqual({ perDay: 10, perMonth: 100 })
    expect(quotaUnder('a', 'c')).toEqual({ perDay: 10, perMonth: 100 })
  })

  test('a file whose default is not among its plans is refused', () => {
    expect(() => readPlans({ default: 'basic', plans: { free: { perDay: 1 } } })).toThrow('default plan')
  })

  test('a file may keep sets of tools for a feature; there must be such a set', () => {
    const gated = { ...DEFAULT_PLANS, toolsets: { purchasing: 'finance' } }
    expect(plansFile.parse(gated)).toEqual(gated)
    expect(readPlans(gated).featureOf('purchasing')).toBe('finance')
    expect(readPlans(gated).featureOf('work')).toBeNull()
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
    { algorithm: 'sliding_window', calls: 10_001, seconds: 1 },
    { algorithm: 'fixed_window', calls: 0, seconds: 1 },
    { algorithm: 'fixed_window', calls: 1, seconds: 0 },
    { algorithm: 'fixed_window', calls: 1, seconds: 86_401 },
    { algorithm: 'fixed_window', calls: 1.5, seconds: 1 },
    { calls: 1, seconds: 1 },
  ])('%j is no rate', (read) => {
    expect(limitsFile.safeParse({ tool: { read } }).success).toBe(false)
  })

  test('the greatest windows are rates', () => {
    const read = { algorithm: 'fixed_window', calls: 10_000_000, seconds: 86_400 }
    const write = { algorithm: 'sliding_window', calls: 10_000, seconds: 86_400 }
    expect(limitsFile.safeParse({ tool: { read, write } }).success).toBe(true)
  })

  test('a rate for an unknown profile is refused', () => {
    expect(limitsFile.safeParse({ profile: { fast: { perMinute: 1, burst: 1 } } }).success).toBe(false)
  })
})
