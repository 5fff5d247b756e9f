import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import type { Metrics } from '../../kernel/metrics.ts'
import { type Store, StoreUnavailable } from '../../kernel/store/contract.ts'
import type { AuditEvent } from '../event.ts'
import { CoolDowns, type Settled } from './cool-downs.ts'
import { type Detection, RULES, type Rule } from '../../crypto/detection.ts'
import { detectionFigures } from './figures.ts'
import { HabitBook } from './habit-book.ts'
import {
  everywhereFrom,
  type Finding,
  findingOf,
  FLOOD_WINDOW_MS,
  judgeDenials,
  judgeErrors,
  judgeFailures,
  judgeVolume,
} from './judge.ts'
import { type About, type Family, FAMILIES, observationsOf } from './observe.ts'
import type { DetectionPolicy } from './policy.ts'
import { SharedSums } from './shared-sums.ts'
import { Tallies } from './tallies.ts'

/** Who writes down and tells what was noticed. Both reject when it could not be written. */
export interface Teller {
  raised(detection: Detection): Promise<void>
  settled(settled: Settled): Promise<void>
}

export interface DetectorOptions {
  readonly policy: DetectionPolicy
  readonly about: About
  readonly store: Pick<Store, 'get' | 'put' | 'putOnce' | 'remove' | 'tally'>
  readonly tell: Teller
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

/**
 * Looks for patterns in the audit events of one process. `hear` only adds up, so it costs a call next to nothing; `settle`
 * judges, every few seconds. Nothing that it finds or fails to find changes an answer.
 */
export class Detector {
  readonly #options: DetectorOptions
  readonly #figures: ReturnType<typeof detectionFigures>
  readonly #tallies: Readonly<Record<Family, Tallies>>
  readonly #sums: SharedSums
  readonly #book: HabitBook
  readonly #coolDowns: CoolDowns
  /** When addresses were told, within the hour. */
  #addressesToldMs: readonly number[] = []

  constructor(options: DetectorOptions) {
    this.#options = options
    const { policy, store, clock, metrics } = options
    this.#sums = new SharedSums(store)
    this.#figures = detectionFigures(metrics, () => this.#sums.isAlone)
    const onForgotten = (): void => this.#figures.forgotten()
    this.#tallies = byKey(
      FAMILIES,
      (family) =>
        new Tallies({ windowMs: windowOf(family, policy), atMost: MAX_SUBJECTS[family], onForgotten }),
    )
    this.#book = new HabitBook({ store, policy, atMostWaiting: MAX_WAITING_VISITS, onForgotten })
    const coolDownMs = byKey(RULES, (rule) => policy[rule].cool_down_minutes * MINUTE_MS)
    this.#coolDowns = new CoolDowns({ store, clock, coolDownMs, atMost: MAX_OPEN })
  }

  hear(event: AuditEvent): void {
    if (!OWN_EVENTS.has(event.eventType)) this.#take(event, this.#options.clock.nowMs(), true)
  }

  /** Takes up what the log of this process says about the time before a restart. Judged is only what comes after. */
  recall(event: AuditEvent, atMs: number): void {
    if (!OWN_EVENTS.has(event.eventType)) this.#take(event, atMs, false)
  }

  /** Takes up a detection of this process whose time is not over. */
  resume(detection: Detection): void {
    this.#coolDowns.resume(detection)
  }

  /** After the last of what is recalled. */
  async recalled(): Promise<void> {
    await this.#whenStore(async () => this.#book.learn())
  }

  /** Says of what is over how much of it there was, judges what was heard, and tells what is new. */
  async settle(): Promise<void> {
    for (const settled of await this.#coolDowns.end()) {
      this.#figures.counted(settled)
      await this.#tell(async () => this.#options.tell.settled(settled))
    }
    for (const finding of await this.#findings()) await this.#begin(finding)
  }

  /** Subjects that are held at the moment, by what is added up. */
  sizes(): Readonly<Record<Family, number>> {
    return byKey(FAMILIES, (family) => this.#tallies[family].size)
  }

  #take(event: AuditEvent, atMs: number, isFresh: boolean): void {
    const { about, policy } = this.#options
    for (const observation of observationsOf(event, atMs, about)) {
      if (!policy[RULE_OF[observation.family]].on) continue
      this.#tallies[observation.family].add(observation, isFresh && observation.family !== 'calls')
    }
    this.#book.see(event, atMs, about)
  }

  async #findings(): Promise<readonly Finding[]> {
    const odd = await this.#whenStore(async () => this.#book.settle())
    return [
      ...(await this.#judge('failed', (judged) => this.#judgeFailure(judged))),
      ...(await this.#judge('denied', (judged) =>
        judgeDenials(judged, this.#options.policy.scope_escalation),
      )),
      ...(await this.#judge('records', async (judged) => this.#judgeRecords(judged))),
      ...(await this.#judge('errors', (judged) => this.#judgeError(judged))),
      ...(odd ?? []).map(findingOf),
    ]
  }

  /** One finding for a subject at most: the first, which is the wider one. */
  async #judge(
    family: Family,
    judge: (judged: Judged) => Finding | null | Promise<Finding | null>,
  ): Promise<readonly Finding[]> {
    const nowMs = this.#options.clock.nowMs()
    const tallies = this.#tallies[family]
    const dirty = tallies.takeDirty(MAX_JUDGED)
    // What is heard while the store is asked is of the next time.
    const fresh = new Map(dirty.map((tally) => [tally, tallies.takeFresh(tally)]))
    if (family === 'errors') for (const tally of dirty) tally.total = tallies.sum(tally, nowMs)
    else await this.#sums.total(tallies, fresh, nowMs)
    const found = new Map<string, Finding>()
    for (const [tally, slots] of fresh) {
      const subject = `${tally.subject.kind}:${tally.subject.id}`
      const judged = { tally, atMs: nowMs, windowMs: tallies.windowMs, more: sumOf(slots) }
      const finding = found.has(subject) ? null : await judge(judged)
      if (finding !== null) found.set(subject, finding)
    }
    return [...found.values()]
  }

  /** Of an address, without what is told to the owners of the clients that were tried. */
  #judgeFailure(judged: Judged): Finding | null {
    const policy = this.#options.policy.failed_sign_ins
    const ofClients = [...judged.tally.notes.clients].map((id) => this.#failuresOf(id, judged.atMs))
    const told = ofClients.filter((total) => total > policy.more_than).reduce((sum, total) => sum + total, 0)
    return judgeFailures(judged, told, policy)
  }

  #failuresOf(client: string, nowMs: number): number {
    const { failed } = this.#tallies
    const tally = failed.find({ kind: 'client', id: client })
    return tally === undefined || failed.sum(tally, nowMs) === 0 ? 0 : tally.total
  }

  async #judgeRecords(judged: Judged): Promise<Finding | null> {
    const { id } = judged.tally.subject
    const { total } = judged.tally
    const limit = await this.#whenStore(async () => this.#book.volumeLimit(id, judged.atMs, total))
    return judgeVolume(judged, limit ?? this.#options.policy.data_volume.more_than)
  }

  #judgeError(judged: Judged): Finding | null {
    const { subject, tool } = judged.tally
    const calls = this.#tallies.calls.find(subject, tool)
    const total = calls === undefined ? 0 : this.#tallies.calls.sum(calls, judged.atMs)
    return judgeErrors(judged, total, this.#options.policy.error_rate)
  }

  async #begin(finding: Finding): Promise<void> {
    const asked = this.#isFlood(finding) ? everywhereFrom(finding, MAX_ADDRESSES_TOLD) : finding
    const detection = await this.#coolDowns.begin(asked)
    if (detection === null) return
    const isTold = await this.#tell(async () => this.#options.tell.raised(detection))
    if (!isTold) return this.#coolDowns.takeBack(detection)
    this.#figures.raised(detection)
    if (detection.subject.kind === 'address')
      this.#addressesToldMs = [...this.#addressesToldMs, detection.atMs]
  }

  #isFlood(finding: Finding): boolean {
    const { subject, atMs } = finding.seen
    if (subject.kind !== 'address' || this.#coolDowns.isOpen(finding)) return false
    this.#addressesToldMs = this.#addressesToldMs.filter((toldMs) => toldMs > atMs - FLOOD_WINDOW_MS)
    return this.#addressesToldMs.length >= MAX_ADDRESSES_TOLD
  }

  /** A disk that takes no records has its own alarm; here it is enough that the next of its kind tries again. */
  async #tell(write: () => Promise<void>): Promise<boolean> {
    try {
      await write()
      return true
    } catch (error) {
      this.#options.log.error({ err: error }, 'detection: cannot be written down')
      return false
    }
  }

  async #whenStore<T>(ask: () => Promise<T>): Promise<T | null> {
    try {
      return await ask()
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      this.#figures.unjudged()
      return null
    }
  }
}

type Judged = Parameters<typeof judgeDenials>[0]

const sumOf = (slots: ReadonlyMap<number, number>): number =>
  [...slots.values()].reduce((sum, amount) => sum + amount, 0)

function byKey<K extends string, V>(keys: readonly K[], valueOf: (key: K) => V): Record<K, V> {
  return Object.fromEntries(keys.map((key) => [key, valueOf(key)])) as Record<K, V>
}

const RULE_OF = {
  failed: 'failed_sign_ins',
  denied: 'scope_escalation',
  records: 'data_volume',
  calls: 'error_rate',
  errors: 'error_rate',
} as const satisfies Record<Family, Rule>

const windowOf = (family: Family, policy: DetectionPolicy): number =>
  policy[RULE_OF[family]].window_minutes * MINUTE_MS

const OWN_EVENTS: ReadonlySet<AuditEvent['eventType']> = new Set([
  'detection.raised',
  'detection.settled',
] as const)

const MINUTE_MS = 60_000
const MAX_SUBJECTS: Readonly<Record<Family, number>> = {
  failed: 20_000,
  denied: 5_000,
  records: 10_000,
  calls: 5_000,
  errors: 5_000,
}
const MAX_WAITING_VISITS = 5_000
/** Sums of one family that are looked at in one go: also what bounds the keys in the store. */
const MAX_JUDGED = 500
const MAX_OPEN = 5_000
const MAX_ADDRESSES_TOLD = 20
