import { oncePer } from '../../kernel/once-per.ts'
import type { QuotaPolicy, ServiceLimit } from '../../kernel/rate-limit-fields.ts'
import type { RateLimit } from './limits.ts'
import type { LeftOfLimits, Spending, StoreLimit } from './store.ts'

/** The limit that a call ran into, as clients are told of it. @throws when the call has no such limit: a bug */
export function policyOf(limit: StoreLimit, spending: Spending): QuotaPolicy {
  const policy = findPolicy(limit, spending)
  if (policy === null) throw new Error(`admission: ${limit} refused a call that it does not limit`)
  return policy
}

function findPolicy(limit: StoreLimit, { profile, tool, lease, quota }: Spending): QuotaPolicy | null {
  switch (limit) {
    case 'profile_rate':
      return profile === undefined ? null : profilePolicy(profile.limit)
    case 'tool_rate':
      return tool === undefined ? null : toolPolicy(tool.limit)
    case 'concurrent_calls':
      return lease === undefined ? null : { name: limit, quota: lease.atMost, unit: 'concurrent-requests' }
    case 'daily_quota':
      return quotaPolicy(limit, quota?.perDay, 86_400)
    case 'monthly_quota':
      return quotaPolicy(limit, quota?.perMonth)
  }
}

const quotaPolicy = (
  name: StoreLimit,
  quota: number | null | undefined,
  windowS?: number,
): QuotaPolicy | null =>
  quota === null || quota === undefined ? null : { name, quota, ...(windowS !== undefined && { windowS }) }

/** One object for all calls under a limit. */
const profilePolicy = oncePer((limit: RateLimit) => ratePolicy('profile_rate', limit))
const toolPolicy = oncePer((limit: RateLimit) => ratePolicy('tool_rate', limit))

const ratePolicy = (name: string, limit: RateLimit): QuotaPolicy =>
  'calls' in limit
    ? { name, quota: limit.calls, windowS: limit.seconds }
    : { name, quota: limit.perMinute, windowS: 60, burst: limit.burst }

/** What a call that passed left of its limits, in a fixed order. Of calls at the same time nothing is told. */
export function serviceLimits(spending: Spending, left: LeftOfLimits): readonly ServiceLimit[] {
  const limits: ServiceLimit[] = []
  for (const limit of TOLD) {
    const rest = left[limit]
    const policy = rest === null ? null : findPolicy(limit, spending)
    if (rest !== null && policy !== null)
      limits.push({ policy, remaining: rest.remaining, resetS: Math.ceil(rest.resetMs / 1000) })
  }
  return limits
}

const TOLD = ['profile_rate', 'tool_rate', 'daily_quota', 'monthly_quota'] as const
