import { oncePer } from './once-per.ts'

/** A limit as clients are told of it (draft-ietf-httpapi-ratelimit-headers-10, section 3). */
export interface QuotaPolicy {
  readonly name: string
  readonly quota: number
  /** Seconds in which the quota may be used; absent: no fixed length, as a month or what runs at the same time. */
  readonly windowS?: number
  /** Of the quota, how much may be used at once; absent: all of it. */
  readonly burst?: number
  /** What is counted; absent: requests. */
  readonly unit?: 'concurrent-requests'
}

/** Where a client stands with one of them. */
export interface ServiceLimit {
  readonly policy: QuotaPolicy
  readonly remaining: number
  /** Seconds until there is more. */
  readonly resetS: number
}

/** `RateLimit-Policy` and `RateLimit`, each a list of structured fields (RFC 9651). */
export function rateLimitFields(limits: readonly ServiceLimit[]): Readonly<Record<string, string>> {
  let [policies, states] = ['', '']
  for (const { policy, remaining, resetS } of limits) {
    const separator = states === '' ? '' : ', '
    policies += `${separator}${policyItem(policy)}`
    states += `${separator}"${policy.name}";r=${remaining};t=${resetS}`
  }
  return { 'ratelimit-policy': policies, ratelimit: states }
}

/** The headers of a `429`: `Retry-After` too, which names the same moment (section 5). */
export const exceededFields = (
  policy: QuotaPolicy,
  retryAfterS: number,
): Readonly<Record<string, string>> => ({
  'retry-after': String(retryAfterS),
  ...rateLimitFields([{ policy, remaining: 0, resetS: retryAfterS }]),
})

/** Parameters of our own bear our name (section 3.1). */
const policyItem = oncePer(({ name, quota, unit, windowS, burst }: QuotaPolicy): string => {
  const parameters = [
    `q=${quota}`,
    ...(unit === undefined ? [] : [`qu="${unit}"`]),
    ...(windowS === undefined ? [] : [`w=${windowS}`]),
    ...(burst === undefined ? [] : [`maximo-mcp-burst=${burst}`]),
  ]
  return [`"${name}"`, ...parameters].join(';')
})

/** Seconds in words, in the unit that is easiest to grasp, rounded up: nobody comes back too early. */
export function secondsText(seconds: number): string {
  const [unit, length] = UNITS.find(([, most]) => seconds >= most * 2) ?? SECOND
  const count = Math.ceil(seconds / length)
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

const SECOND = ['second', 1] as const
const UNITS = [['day', 86_400] as const, ['hour', 3_600] as const, ['minute', 60] as const]
