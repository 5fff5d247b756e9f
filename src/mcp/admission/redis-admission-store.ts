import { setImmediate as endOfTurn } from 'node:timers/promises'
import { oncePer } from '../../kernel/once-per.ts'
import type { RedisConnection } from '../../kernel/redis.ts'
import type { ScriptCall } from '../../kernel/redis-script.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { markKey } from '../../kernel/store/keys.ts'
import { recordKeys } from '../records/keys.ts'
import { ADMISSION_SCRIPT, RENEW_LEASE_SCRIPT } from './admission-script.ts'
import { letterOf, type Left } from './limiters/limiter.ts'
import { readSpent, type Spent } from './limiters/quota.ts'
import { LEASE_RETRY_MS, readNewerCredential } from './memory-admission-store.ts'
import { REVOKED_BY } from './refusal.ts'
import {
  LEASE_MS,
  spendingKeys,
  type AdmissionAsk,
  type AdmissionStore,
  type AdmissionVerdict,
  type LeftOfLimits,
  type Rated,
  type Standing,
  type StoreLimit,
} from './store.ts'

/** What waits for the end of this turn of the event loop. */
interface Releases {
  readonly byKey: Map<string, { readonly leaseIds: string[]; readonly sent: Promise<void> }>
  readonly turned: Promise<void>
}

/** The shared admission store: one EVALSHA per call. */
export class RedisAdmissionStore implements AdmissionStore {
  readonly #redis: RedisConnection
  readonly #prefix: string
  readonly #admit: ScriptCall
  readonly #renew: ScriptCall
  /** The keys that are the same at every call of a token. */
  readonly #fixedKeys = oncePer((standing: Standing) => fixedKeys(standing).map((key) => this.#prefix + key))

  #releases: Releases | undefined

  /** @param prefix with the hash tag that puts every key into one slot, `{mx}:` */
  constructor(redis: RedisConnection, prefix: string) {
    this.#redis = redis
    this.#prefix = prefix
    this.#admit = redis.script(ADMISSION_SCRIPT)
    this.#renew = redis.script(RENEW_LEASE_SCRIPT)
  }

  async ask(ask: AdmissionAsk): Promise<AdmissionVerdict> {
    const words = [argumentsOf(ask).join(' ')]
    const verdict = readAnswer(
      await this.#admit(this.#keysOf(ask), words, this.#fixedKeys(ask.standing)),
      ask.standing.credentialVersion,
    )
    if (verdict === null) throw new StoreUnavailable('the admission script gave an unknown answer')
    return verdict
  }

  /** KEYS of the script that are not the same at every call of a token, in its numbering. */
  #keysOf({ marks, standing, spending }: AdmissionAsk): string[] {
    const keys = [
      spendingKeys.profileRate(standing, spending.profile ?? NO_RATE),
      spendingKeys.toolRate(standing, spending.tool ?? NO_RATE),
      ...marks.map(({ writer }) => markKey(writer)),
    ]
    return keys.map((key) => this.#prefix + key)
  }

  async renewLease(grantId: string, leaseId: string): Promise<boolean> {
    return (await this.#renew([this.#prefix + spendingKeys.leases(grantId)], [leaseId, LEASE_MS])) === 1
  }

  /** What one turn of the event loop gives back for a grant leaves in one command. */
  releaseLease(grantId: string, leaseId: string): Promise<void> {
    this.#releases ??= this.#atEndOfTurn()
    const key = this.#prefix + spendingKeys.leases(grantId)
    const { byKey, turned } = this.#releases
    const open = byKey.get(key)
    if (open !== undefined) {
      open.leaseIds.push(leaseId)
      return open.sent
    }
    const leaseIds = [leaseId]
    const sent = turned.then(async () => {
      await this.#redis.run((redis) => redis.zrem(key, leaseIds))
    })
    byKey.set(key, { leaseIds, sent })
    return sent
  }

  /** A map of its own for each turn: see `LinkedList`. */
  #atEndOfTurn(): Releases {
    const turned = endOfTurn().then(() => {
      this.#releases = undefined
    })
    return { byKey: new Map(), turned }
  }

  async spent(subject: string): Promise<Spent | null> {
    return readSpent(await this.#redis.run((redis) => redis.get(this.#prefix + spendingKeys.quota(subject))))
  }
}

const fixedKeys = (standing: Standing): readonly string[] => [
  recordKeys.revokedToken(standing.tokenId),
  recordKeys.revokedGrant(standing.grantId),
  recordKeys.userMark(standing.subject),
  recordKeys.clientMark(standing.clientId),
  recordKeys.environmentMark(standing.environment),
  recordKeys.keyMark(standing.encryptionKid),
  recordKeys.keyMark(standing.signingKid),
  recordKeys.allowed(standing.tokenId),
  recordKeys.credential({ sub: standing.subject, env: standing.environment }),
  spendingKeys.leases(standing.grantId),
  spendingKeys.quota(standing.subject),
  recordKeys.timeMark,
  recordKeys.windows,
]

/**
 * The words of the script's one argument (each argument of a command costs more than a word): the count of marks, their
 * minimums, then its `arg(1)` to `arg(16)`, numbers in decimal. `-` or 0 switches a limit off.
 */
function argumentsOf({ marks, standing, spending }: AdmissionAsk): (string | number)[] {
  const lease = spending.lease ?? { id: '-', atMost: 0 }
  const quota = spending.quota ?? NO_QUOTA
  return [
    marks.length,
    // Infinite when no mark will do; the script reads decimal numbers.
    ...marks.map(({ atLeast }) => Math.min(atLeast, Number.MAX_SAFE_INTEGER)),
    standing.attestedMs,
    standing.kind,
    standing.credentialVersion,
    ...rateArguments(spending.profile),
    ...rateArguments(spending.tool),
    lease.atMost,
    lease.id,
    LEASE_MS,
    LEASE_RETRY_MS,
    quota.perDay ?? -1,
    quota.perMonth ?? -1,
    quota.units,
  ]
}

/** Its key is never looked at. */
const NO_RATE: Rated = { name: '', limit: { perMinute: 1, burst: 1 } }
const NO_QUOTA = { perDay: null, perMonth: null, units: 0 }

function rateArguments(rate: Rated | undefined): readonly (string | number)[] {
  if (rate === undefined) return ['-', 0, 0]
  const { limit } = rate
  const numbers = 'calls' in limit ? [limit.calls, limit.seconds] : [limit.perMinute, limit.burst]
  return [letterOf(limit), ...numbers]
}

/** The answers that the script documents; null: anything else. */
function readAnswer(answer: unknown, receiptVersion: number): AdmissionVerdict | null {
  if (!Array.isArray(answer)) return null
  const [state, detail, more] = answer as readonly unknown[]
  switch (state) {
    case 'passed':
      return readPassed(detail, more, receiptVersion)
    case 'unprimed':
    case 'unlisted':
      return { state }
    case 'revoked':
      return isOneOf(REVOKED_BY, detail) ? { state, by: detail } : null
    case 'limited':
      return isOneOf(LIMITS, detail) && typeof more === 'number'
        ? { state, limit: detail, retryAfterMs: more }
        : null
    default:
      return null
  }
}

function readPassed(credential: unknown, left: unknown, receiptVersion: number): AdmissionVerdict | null {
  if (typeof credential !== 'string' || typeof left !== 'string' || !EIGHT_NUMBERS.test(left)) return null
  const newer = credential === '' ? null : readNewerCredential(credential, receiptVersion)
  return { state: 'passed', newer, left: readLeft(left.split(' ').map(Number)) }
}

const EIGHT_NUMBERS = /^-?\d{1,16}(?: -?\d{1,16}){7}$/

function readLeft(numbers: readonly number[]): LeftOfLimits {
  const at = (index: number): Left | null => {
    const [remaining = -1, resetMs = -1] = [numbers[index], numbers[index + 1]]
    return remaining < 0 ? null : { remaining, resetMs }
  }
  return { profile_rate: at(0), tool_rate: at(2), daily_quota: at(4), monthly_quota: at(6) }
}

const isOneOf = <T>(known: readonly T[], value: unknown): value is T => known.includes(value as T)

const LIMITS: readonly StoreLimit[] = [
  'profile_rate',
  'tool_rate',
  'concurrent_calls',
  'daily_quota',
  'monthly_quota',
]
