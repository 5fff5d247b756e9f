import { LRUCache } from 'lru-cache'
import { addressNetwork } from '../../kernel/address.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { AuditEvent } from '../event.ts'
import type { Rule } from '../../crypto/detection.ts'
import {
  type Habits,
  habits,
  isKnownNetwork,
  isUsualHour,
  learnPeak,
  learnVisit,
  mergeHabits,
  noHabits,
  usualPeak,
} from './habits.ts'
import { type About, isUnattended } from './observe.ts'
import type { DetectionPolicy } from './policy.ts'
import { isWithin } from './schedule.ts'

/** One grant at one place in one hour. */
export interface Visit {
  readonly grantId: string
  readonly clientId: string
  readonly owner: string | null
  readonly isUnattended: boolean
  readonly isProduction: boolean
  readonly address: string
  readonly atMs: number
  readonly correlationId: string | null
  readonly environmentId: string | null
}

/** A visit that was out of the ordinary. */
export interface OddVisit {
  readonly rule: Extract<Rule, 'unusual_hours' | 'new_address'>
  readonly visit: Visit
}

export interface HabitBookOptions {
  readonly store: Pick<Store, 'get' | 'put'>
  readonly policy: Pick<DetectionPolicy, 'unusual_hours' | 'new_address' | 'data_volume'>
  /** Visits that wait to be looked at; those beyond are not looked at. */
  readonly atMostWaiting: number
  readonly onForgotten: () => void
}

/** The habits of grants, in the store that all servers share, with the ones in use beside this process. */
export class HabitBook {
  readonly #options: HabitBookOptions
  readonly #known = new LRUCache<string, Habits>({ max: MAX_KNOWN })
  readonly #waiting = new Map<string, Visit>()

  constructor(options: HabitBookOptions) {
    this.#options = options
  }

  /** Notes who is where; the second time within an hour is no news. */
  see(event: AuditEvent, atMs: number, about: About): void {
    const { grantId, clientId = '', sourceIP } = event
    if (grantId === undefined || sourceIP === null || !VISITS.has(event.eventType)) return
    const key = `${grantId} ${Math.floor(atMs / HOUR_MS)} ${sourceIP}`
    if (this.#waiting.has(key)) return
    if (this.#waiting.size >= this.#options.atMostWaiting) {
      this.#options.onForgotten()
      return
    }
    this.#waiting.set(key, {
      ...{ grantId, clientId, address: sourceIP, atMs },
      owner: about.ownerOf(event),
      isUnattended: isUnattended(event),
      isProduction: about.isProduction(event),
      correlationId: event.correlationId,
      environmentId: event.environmentId ?? null,
    })
  }

  /**
   * Judges the visits since the last time, and learns from them.
   *
   * @throws StoreUnavailable: what was not judged then will not be
   */
  async settle(): Promise<readonly OddVisit[]> {
    const visits = [...this.#waiting.values()]
    this.#waiting.clear()
    const odd: OddVisit[] = []
    for (const visit of visits) odd.push(...(await this.#judge(visit)))
    return odd
  }

  /** Learns what is past without a judgement. @throws StoreUnavailable */
  async learn(): Promise<void> {
    const visits = [...this.#waiting.values()]
    this.#waiting.clear()
    for (const visit of visits) await this.#learnVisit(visit, await this.#habitsOf(visit))
  }

  /** What is a lot of records for a grant, and from now on a little less so. @throws StoreUnavailable */
  async volumeLimit(grantId: string, atMs: number, sum: number): Promise<number> {
    const { more_than, times_usual, at_least, learn_days } = this.#options.policy.data_volume
    const known = await this.#habitsOf({ grantId, atMs })
    const usual = usualPeak(known, atMs, learn_days)
    await this.#keep(grantId, known, learnPeak(known, atMs, sum))
    return usual === null ? more_than : Math.min(more_than, Math.max(at_least, usual * times_usual))
  }

  async #judge(visit: Visit): Promise<readonly OddVisit[]> {
    const known = await this.#habitsOf(visit)
    const isOdd = this.#oddities(visit, known).length > 0
    // Another server may have learned it since.
    const newest = isOdd ? await this.#load(visit, known) : known
    const odd = isOdd ? this.#oddities(visit, newest) : []
    await this.#learnVisit(visit, newest)
    return odd
  }

  #oddities(visit: Visit, known: Habits): readonly OddVisit[] {
    const { unusual_hours: hours, new_address: address } = this.#options.policy
    const odd: OddVisit[] = []
    if (hours.on && this.#hasHours(visit) && this.#isOddHour(visit, known))
      odd.push({ rule: 'unusual_hours', visit })
    const seen = { network: addressNetwork(visit.address), atMs: visit.atMs }
    if (
      address.on &&
      (visit.isUnattended || address.of === 'everyone') &&
      isKnownNetwork(known, seen, address.learn_hours * HOUR_MS) === false
    )
      odd.push({ rule: 'new_address', visit })
    return odd
  }

  #hasHours({ isUnattended: integration, isProduction }: Visit): boolean {
    const { of, environments } = this.#options.policy.unusual_hours
    return (integration || of === 'everyone') && (isProduction || environments === 'all')
  }

  #isOddHour({ grantId, clientId, atMs }: Visit, known: Habits): boolean {
    const { schedules, learn_days } = this.#options.policy.unusual_hours
    const schedule = schedules[grantId] ?? schedules[clientId]
    return schedule === undefined ? isUsualHour(known, atMs, learn_days) === false : !isWithin(schedule, atMs)
  }

  async #learnVisit({ grantId, atMs, address }: Visit, known: Habits): Promise<void> {
    await this.#keep(grantId, known, learnVisit(known, atMs, addressNetwork(address)))
  }

  async #habitsOf(visit: Pick<Visit, 'grantId' | 'atMs'>): Promise<Habits> {
    return this.#known.get(visit.grantId) ?? (await this.#load(visit, noHabits(visit.atMs)))
  }

  /** What is not ours is as good as nothing: it is learned again. */
  async #load({ grantId }: Pick<Visit, 'grantId'>, known: Habits): Promise<Habits> {
    const text = await this.#options.store.get(habitsKey(grantId))
    const stored = text === null ? null : readHabits(text)
    const merged = stored === null ? known : mergeHabits(stored, known)
    this.#known.set(grantId, merged)
    return merged
  }

  async #keep(grantId: string, known: Habits, learned: Habits): Promise<void> {
    if (learned === known) return
    // With what other servers learned meanwhile.
    const merged = await this.#load({ grantId }, learned)
    await this.#options.store.put(habitsKey(grantId), JSON.stringify(merged), HABITS_KEPT_MS)
  }
}

function readHabits(text: string): Habits | null {
  try {
    return habits.safeParse(JSON.parse(text)).data ?? null
  } catch {
    return null
  }
}

const habitsKey = (grantId: string): string => `det:h:${grantId}`

const VISITS: ReadonlySet<AuditEvent['eventType']> = new Set(['mcp.call', 'auth.attempt'] as const)
const HOUR_MS = 3_600_000
const HABITS_KEPT_MS = 40 * 24 * HOUR_MS
const MAX_KNOWN = 5_000
