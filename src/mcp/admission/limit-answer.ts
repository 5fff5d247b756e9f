import { exceededFields, secondsText, type QuotaPolicy } from '../../kernel/rate-limit-fields.ts'
import type { LimitName, Refusal } from './refusal.ts'

type Limited = Extract<Refusal, { reason: 'limited' }>

/** What is told of a limit that was hit: which, how long it lasts, and how to need less. */
export interface LimitAnswer {
  readonly message: string
  readonly data: Readonly<Record<string, unknown>>
  readonly fields: Readonly<Record<string, string>>
}

export function limitAnswer({ limit, whose, policy, retryAfterS }: Limited): LimitAnswer {
  const { quota, windowS, burst } = policy
  return {
    message: `${whatIsSpent(limit, policy, whose)} ${whenToGoOn(limit, retryAfterS)} ${NEED_LESS[limit]}`,
    data: {
      ...{ reason: 'limited', limit, retryAfterS, quota },
      ...(windowS !== undefined && { windowS }),
      ...(burst !== undefined && { burst }),
    },
    fields: exceededFields(policy, retryAfterS),
  }
}

/** @param whose the profile or the tool; both are names of ours */
function whatIsSpent(limit: LimitName, policy: QuotaPolicy, whose: string | null): string {
  switch (limit) {
    case 'profile_rate':
      return `Too many requests for this account and environment: the profile ${whose ?? ''} allows ${amount(policy)}.`
    case 'tool_rate':
      return `${whose ?? 'This tool'} was called too often with this connection: ${amount(policy)} are allowed.`
    case 'concurrent_calls':
      return `No more than ${policy.quota} calls of this connection run at the same time.`
    case 'daily_quota':
      return `The daily quota of this account, ${policy.quota} units, is spent or too small for this call.`
    case 'monthly_quota':
      return `The monthly quota of this account, ${policy.quota} units, is spent or too small for this call.`
    case 'failed_authentication':
      return `Too many bad access tokens came from this address: ${amount(policy)} are looked at.`
  }
}

function amount({ quota, windowS, burst }: QuotaPolicy): string {
  const rate = windowS === undefined ? String(quota) : `${quota} in ${secondsText(windowS)}`
  return burst === undefined || burst >= quota ? rate : `${rate}, ${burst} of them at once`
}

function whenToGoOn(limit: LimitName, retryAfterS: number): string {
  const wait = secondsText(retryAfterS)
  switch (limit) {
    case 'daily_quota':
      return `It begins anew at 00:00 UTC, in ${wait}.`
    case 'monthly_quota':
      return `It begins anew on the 1st at 00:00 UTC, in ${wait}.`
    case 'concurrent_calls':
      return `Wait for one to end, then go on: in ${wait}, say.`
    case 'profile_rate':
    case 'tool_rate':
    case 'failed_authentication':
      return `Go on in ${wait}.`
  }
}

const NEED_LESS: Readonly<Record<LimitName, string>> = {
  profile_rate:
    'Fewer requests are needed when each asks for more: a greater limit, several fields, figures that Maximo counts.',
  tool_rate:
    'Fewer calls are needed when each asks for more: a greater limit, a narrower question, or aggregate_records instead of counting rows.',
  concurrent_calls: 'One call after the other needs no more than one place.',
  daily_quota:
    'One call that asks for more costs no more units than one that asks for less; get_usage says what is left, and another plan has more.',
  monthly_quota:
    'One call that asks for more costs no more units than one that asks for less; get_usage says what is left, and another plan has more.',
  failed_authentication: 'Connect again for a token that is valid: this limit never holds one up.',
}
