import type { Clock } from '../../kernel/clock.ts'
import { markKey } from '../../kernel/store/keys.ts'
import type { MemoryStore } from '../../kernel/store/memory-store.ts'
import { recordKeys } from '../records/keys.ts'
import type { RevokedBy } from './refusal.ts'
import { look } from './limiters/limiter.ts'
import { lookAtQuota, QUOTA_KEPT_MS, readSpent, type Spent } from './limiters/quota.ts'
import {
  LEASE_MS,
  spendingKeys,
  type AdmissionAsk,
  type AdmissionStore,
  type AdmissionVerdict,
  type LeftOfLimits,
  type Rated,
  type Spending,
  type Standing,
  type StoreLimit,
} from './store.ts'

/** What passing would change, decided before anything is; it says what is then left of which limit. */
type Change = () => Partial<LeftOfLimits> | undefined
type Check = { readonly refused: AdmissionVerdict } | { readonly change: Change }

const NOTHING: Check = { change: () => undefined }

/** The admission store of one process. The same decisions as the script, in one synchronous step. */
export class MemoryAdmissionStore implements AdmissionStore {
  readonly #store: MemoryStore
  readonly #clock: Clock

  constructor(store: MemoryStore, clock: Clock) {
    this.#store = store
    this.#clock = clock
  }

  ask(ask: AdmissionAsk): Promise<AdmissionVerdict> {
    return Promise.resolve(this.#decide(ask))
  }

  renewLease(grantId: string, leaseId: string): Promise<boolean> {
    const leases = this.#liveLeases(grantId)
    if (!leases.has(leaseId)) return Promise.resolve(false)
    this.#keepLeases(grantId, leases.set(leaseId, this.#clock.nowMs() + LEASE_MS))
    return Promise.resolve(true)
  }

  releaseLease(grantId: string, leaseId: string): Promise<void> {
    const leases = this.#liveLeases(grantId)
    leases.delete(leaseId)
    this.#keepLeases(grantId, leases)
    return Promise.resolve()
  }

  #decide({ marks, standing, spending }: AdmissionAsk): AdmissionVerdict {
    if (!marks.every(({ writer, atLeast }) => this.#holds(writer, atLeast))) return { state: 'unprimed' }
    const by = this.#revokedBy(standing)
    if (by !== null) return { state: 'revoked', by }
    if (standing.kind === 'ci' && this.#store.peek(recordKeys.allowed(standing.tokenId)) === null) {
      return { state: 'unlisted' }
    }
    return this.#spend(standing, spending)
  }

  spent(subject: string): Promise<Spent | null> {
    return Promise.resolve(readSpent(this.#store.peek(spendingKeys.quota(subject))))
  }

  #holds(writer: string, atLeast: number): boolean {
    const mark = this.#store.peek(markKey(writer))
    return mark !== null && Number(mark) >= atLeast
  }

  #revokedBy(standing: Standing): RevokedBy | null {
    if (this.#store.peek(recordKeys.revokedToken(standing.tokenId)) !== null) return 'token'
    if (this.#store.peek(recordKeys.revokedGrant(standing.grantId)) !== null) return 'grant'
    const marks: [RevokedBy, string][] = [
      ['user', recordKeys.userMark(standing.subject)],
      ['client', recordKeys.clientMark(standing.clientId)],
      ['environment', recordKeys.environmentMark(standing.environment)],
      ['key', recordKeys.keyMark(standing.encryptionKid)],
      ['key', recordKeys.keyMark(standing.signingKid)],
      ['time', recordKeys.timeMark],
    ]
    // Written so that a mark that is no number refuses.
    const above = marks.find(([, key]) => !(standing.attestedMs > Number(this.#store.peek(key) ?? 0)))
    return above?.[0] ?? (this.#isInWindow(standing) ? 'window' : null)
  }

  /** Written so that a window that cannot be read refuses. */
  #isInWindow({ attestedMs }: Standing): boolean {
    const windows = this.#store.peek(recordKeys.windows)?.split(' ') ?? []
    return windows.some((window) => {
      const [, from, to] = /^(\d+)-(\d+)$/.exec(window) ?? []
      return from === undefined || (attestedMs >= Number(from) && attestedMs <= Number(to))
    })
  }

  #spend(standing: Standing, spending: Spending): AdmissionVerdict {
    const changes: Change[] = []
    for (const check of this.#checks(standing, spending)) {
      if ('refused' in check) return check.refused
      changes.push(check.change)
    }
    let left = NO_LIMITS
    for (const change of changes) left = { ...left, ...change() }
    return { state: 'passed', newer: this.#newerCredential(standing), left }
  }

  /** A generator: a later check is not even made when an earlier one refuses. */
  *#checks(standing: Standing, { profile, tool, lease, quota }: Spending): Generator<Check> {
    yield profile === undefined
      ? NOTHING
      : this.#checkRate('profile_rate', spendingKeys.profileRate(standing, profile), profile)
    yield tool === undefined
      ? NOTHING
      : this.#checkRate('tool_rate', spendingKeys.toolRate(standing, tool), tool)
    yield lease === undefined ? NOTHING : this.#checkLease(standing.grantId, lease)
    yield quota === undefined ? NOTHING : this.#checkQuota(spendingKeys.quota(standing.subject), quota)
  }

  #checkRate(name: 'profile_rate' | 'tool_rate', key: string, { limit }: Rated): Check {
    const { waitMs, take } = look(this.#store.peek(key), limit, this.#clock.nowMs())
    if (waitMs > 0) return limited(name, waitMs)
    return {
      change: () => {
        const { text, keepMs, left } = take()
        this.#store.poke(key, text, keepMs)
        return { [name]: left }
      },
    }
  }

  #checkLease(grantId: string, { id, atMost }: NonNullable<Spending['lease']>): Check {
    const leases = this.#liveLeases(grantId)
    if (leases.size >= atMost) return limited('concurrent_calls', LEASE_RETRY_MS)
    return {
      change: () => {
        this.#keepLeases(grantId, leases.set(id, this.#clock.nowMs() + LEASE_MS))
        return undefined
      },
    }
  }

  #checkQuota(key: string, quota: NonNullable<Spending['quota']>): Check {
    const looked = lookAtQuota(this.#store.peek(key), quota, this.#clock.nowMs())
    if (looked.state === 'spent') return limited(looked.limit, looked.resetMs)
    return {
      change: () => {
        this.#store.poke(key, looked.text, QUOTA_KEPT_MS)
        return { daily_quota: looked.day, monthly_quota: looked.month }
      },
    }
  }

  #newerCredential(standing: Standing): { version: number; blob: string } | null {
    const saved = this.#store.peek(
      recordKeys.credential({ sub: standing.subject, env: standing.environment }),
    )
    return readNewerCredential(saved, standing.credentialVersion)
  }

  #liveLeases(grantId: string): Map<string, number> {
    const text = this.#store.peek(spendingKeys.leases(grantId))
    // Written by #keepLeases alone.
    const all = text === null ? [] : (JSON.parse(text) as [string, number][])
    const nowMs = this.#clock.nowMs()
    return new Map(all.filter(([, untilMs]) => untilMs > nowMs))
  }

  #keepLeases(grantId: string, leases: ReadonlyMap<string, number>): void {
    if (leases.size === 0) this.#store.drop(spendingKeys.leases(grantId))
    else this.#store.poke(spendingKeys.leases(grantId), JSON.stringify([...leases]), LEASE_MS)
  }
}

const NO_LIMITS: LeftOfLimits = {
  profile_rate: null,
  tool_rate: null,
  daily_quota: null,
  monthly_quota: null,
}

const limited = (limit: StoreLimit, retryAfterMs: number): Check => ({
  refused: { state: 'limited', limit, retryAfterMs },
})

/** Reads `<version>.<blob>`; null unless the version is above the receipt's. */
export function readNewerCredential(
  saved: string | null,
  thanVersion: number,
): { version: number; blob: string } | null {
  if (saved === null) return null
  const dot = saved.indexOf('.')
  const version = Number(saved.slice(0, dot))
  return version > thanVersion ? { version, blob: saved.slice(dot + 1) } : null
}

/** When a place becomes free nobody knows; a second is what a reading call takes. */
export const LEASE_RETRY_MS = 1_000
