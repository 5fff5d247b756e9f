import { rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { type Clock, isoTime } from '../../kernel/clock.ts'
import { syncFolder } from '../../kernel/disk.ts'
import type { Log } from '../../kernel/log.ts'
import type { OwnAudit } from '../audit.ts'
import type { SubjectKeys } from '../personal/subject-keys.ts'
import { findExpired, type NamedHold } from './find-expired.ts'
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
  /** Default 60,000. */
  readonly everyMs?: number
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

  constructor(options: RetentionOptions) {
    this.#options = options
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
    const { folder, instance, presets, audit, clock, log } = this.#options
    const beforeMs = clock.nowMs() - retentionMs(presets)
    const expired = await findExpired(folder, instance, { beforeMs, holds: await this.#named(holds) })
    if (expired === null) return
    await audit.recordRemoval(expired.upTo, `older_than_${presets.join('_')}`)
    // The oldest first: whenever this ends, what is left begins where a signed head says.
    for (const path of expired.paths) await rm(path)
    await syncFolder(folder)
    log.info({ event: 'audit.removed', files: expired.paths.length, before: isoTime(beforeMs) })
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
