import { rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import type { Clock } from '../../kernel/clock.ts'
import { syncFolder } from '../../kernel/disk.ts'
import type { Log } from '../../kernel/log.ts'
import type { OwnAudit } from '../audit.ts'
import type { SubjectKeys } from '../personal/subject-keys.ts'
import { deliveredTo, type NamedSink } from '../sinks/delivered.ts'
import { type Expired, findExpired, type Keeping, type NamedHold } from './find-expired.ts'
import { type Hold, isHeld, readHolds } from './holds.ts'
import { retentionMs, type RetentionPreset } from './policy.ts'

export interface RetentionOptions {
  /** Of the audit logs of this service; the holds lie beside them. */
  readonly folder: string
  readonly instance: string
  /** Empty: nothing is ever removed. */
  readonly presets: readonly RetentionPreset[]
  readonly audit: Pick<OwnAudit, 'recordRemoval' | 'recordHold' | 'recordErasure'>
  readonly clock: Clock
  readonly log: Log
  /** Where persons stand in the log by pseudonyms: their keys, which are erased on request. */
  readonly subjects?: SubjectKeys | undefined
  /** What they have not delivered stays for 30 days more. */
  readonly sinks?: readonly NamedSink[]
  /** Default 60,000. */
  readonly everyMs?: number
  /** As `ages.ts` counts; default 32 days. */
  readonly maxSilenceMs?: number
}

/**
 * Removes what is older than it must be kept, by whole files, and nothing that is held. Each removal is signed into the log
 * before it is done, so that what is left still verifies; each hold that is placed, changed or released is recorded.
 */
export class Retention {
  readonly #options: RetentionOptions
  readonly #timer: NodeJS.Timeout
  #holds = new Map<string, Hold>()
  /** Whose erasure was refused, and recorded as refused. */
  readonly #refused = new Set<string>()
  #sweeping: Promise<void> | null = null
  /** The wall clock less the monotonic one, at the start. */
  readonly #startMs: number
  #waitsFor: Expired['waitsFor'] = null

  constructor(options: RetentionOptions) {
    this.#options = options
    this.#startMs = options.clock.nowMs() - options.clock.monotonicMs()
    this.#timer = setInterval(() => void this.sweep(), options.everyMs ?? EVERY_MS)
    this.#timer.unref()
  }

  /** One run. What goes wrong is logged, and nothing is removed then. */
  sweep(): Promise<void> {
    this.#sweeping ??= this.#sweep()
      .catch((error: unknown) => this.#options.log.error({ event: 'audit.retention_failed', err: error }))
      .finally(() => (this.#sweeping = null))
    return this.#sweeping
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#sweeping
  }

  async #sweep(): Promise<void> {
    const holds = await this.#currentHolds()
    await this.#erase(holds)
    if (this.#options.presets.length > 0) await this.#remove(holds)
  }

  async #remove(holds: readonly Hold[]): Promise<void> {
    const { folder, presets, audit, clock, log } = this.#options
    const keeping = await this.#keeping(holds)
    const { paths, upTo, waitsFor } = await findExpired(folder, this.#options.instance, keeping)
    this.#say(keeping.nowMs < clock.nowMs() ? 'clock' : waitsFor)
    if (upTo === null) return
    const { n } = upTo
    await audit.recordRemoval(upTo, `older_than_${presets.join('_')}`)
    // From here on they go, at the next run if not in this one.
    if (n > keeping.deliveredTo) log.error({ event: 'audit.removed_undelivered', to: n })
    // The oldest first: whenever this ends, what is left begins where a signed head says.
    for (const path of paths) await rm(path)
    await syncFolder(folder)
    log.info({ event: 'audit.removed', files: paths.length, to: n })
  }

  /** Once, until it is over. */
  #say(waitsFor: Expired['waitsFor']): void {
    if (waitsFor !== null && waitsFor !== this.#waitsFor)
      this.#options.log.error({ event: 'audit.removal_waits', for: waitsFor })
    this.#waitsFor = waitsFor
  }

  async #keeping(holds: readonly Hold[]): Promise<Keeping> {
    const { presets, clock, log, sinks = [], maxSilenceMs = MAX_SILENCE_MS } = this.#options
    return {
      // A wall clock that has jumped since the start is not followed.
      nowMs: Math.min(clock.nowMs(), this.#startMs + clock.monotonicMs() + MAX_DRIFT_MS),
      ...{ keepMs: retentionMs(presets), undeliveredMs: UNDELIVERED_MS, maxSilenceMs },
      deliveredTo: await deliveredTo(this.#options, sinks, log),
      holds: await this.#named(holds),
    }
  }

  /** With the names under which a person stands in the log. */
  #named(holds: readonly Hold[]): Promise<readonly NamedHold[]> {
    const { subjects } = this.#options
    return Promise.all(
      holds.map(async (hold) => {
        if (hold.subject === undefined) return { ...hold, names: null }
        const pseudonym = subjects === undefined ? null : await pseudonymOf(hold.subject, subjects)
        return { ...hold, names: [hold.subject, ...(pseudonym === null ? [] : [pseudonym])] }
      }),
    )
  }

  async #erase(holds: readonly Hold[]): Promise<void> {
    const { subjects } = this.#options
    if (subjects === undefined) return
    for (const subject of await subjects.requested()) {
      if (isHeld(holds, subject)) await this.#refuse(subject, subjects)
      else await this.#forget(subject, subjects)
    }
  }

  async #refuse(subject: string, subjects: SubjectKeys): Promise<void> {
    if (this.#refused.has(subject)) return
    await this.#options.audit.recordErasure(await pseudonymOf(subject, subjects), 'refused')
    this.#refused.add(subject)
  }

  async #forget(subject: string, subjects: SubjectKeys): Promise<void> {
    const pseudonym = await pseudonymOf(subject, subjects)
    await subjects.erase(subject)
    await this.#options.audit.recordErasure(pseudonym, 'success')
    await subjects.settle(subject)
  }

  /** Those that hold something now. What changed since the last run, or since before the start, is recorded. */
  async #currentHolds(): Promise<readonly Hold[]> {
    const { folder, audit } = this.#options
    const all = await readHolds(folder)
    const now = new Map(all.map((hold) => [hold.id, hold]))
    for (const hold of all) {
      const known = this.#holds.get(hold.id)
      if (known !== undefined && isDeepStrictEqual(known, hold)) continue
      await audit.recordHold(hold.released === undefined ? 'hold_in_force' : 'hold_released', hold)
    }
    for (const [id, hold] of this.#holds) if (!now.has(id)) await audit.recordHold('hold_gone', hold)
    this.#holds = now
    return all.filter(({ released }) => released === undefined)
  }
}

const pseudonymOf = async (subject: string, subjects: SubjectKeys): Promise<string | null> =>
  (await subjects.find(subject))?.pseudonym ?? null

const EVERY_MS = 60_000
const DAY_MS = 24 * 60 * EVERY_MS
const MAX_DRIFT_MS = DAY_MS
const MAX_SILENCE_MS = 32 * DAY_MS
const UNDELIVERED_MS = 30 * DAY_MS
