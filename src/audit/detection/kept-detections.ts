import type { z } from 'zod'
import type { Clock } from '../../kernel/clock.ts'
import type { Detection, detectionSettled, KeptDetection } from '../../crypto/detection.ts'

export interface KeptList {
  /** The newest first. */
  readonly detections: readonly KeptDetection[]
  /** There were more within the time that they are kept. */
  readonly isCut: boolean
}

/** Detections by the owners whom they concern, as the journals tell them: for 30 days, and so many of one owner at most. */
export class KeptDetections {
  readonly #clock: Clock
  readonly #known = new Map<string, KeptDetection>()
  /** Ids, in the order of their times. */
  readonly #ofOwner = new Map<string, string[]>()
  readonly #cutMs = new Map<string, number>()
  /** What came before its detection, as between journals of several writers. */
  readonly #early = new Map<string, number>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  raise(detection: Detection): void {
    const more = this.#early.get(detection.id) ?? null
    this.#early.delete(detection.id)
    if (detection.atMs <= this.#oldestMs()) return
    this.#known.set(detection.id, { ...detection, more })
    for (const owner of detection.owners) this.#add(owner, detection)
  }

  /** @param atMs when it was written down */
  settle({ id, more }: z.output<typeof detectionSettled>, atMs: number): void {
    const known = this.#known.get(id)
    if (known !== undefined) this.#known.set(id, { ...known, more })
    else if (atMs > this.#oldestMs() && this.#early.size < MAX_EARLY) this.#early.set(id, more)
  }

  ownersOf(id: string): readonly string[] {
    return this.#known.get(id)?.owners ?? []
  }

  of(owner: string): KeptList {
    const oldestMs = this.#oldestMs()
    const kept = this.#listOf(owner).filter(({ atMs }) => atMs > oldestMs)
    return { detections: kept.reverse(), isCut: (this.#cutMs.get(owner) ?? 0) > oldestMs }
  }

  #add(owner: string, { id }: Detection): void {
    this.#ofOwner.set(owner, [...(this.#ofOwner.get(owner) ?? []), id])
    const kept = this.#listOf(owner)
    const oldestMs = this.#oldestMs()
    const cut = kept.filter(({ atMs }, index) => atMs <= oldestMs || index < kept.length - MAX_OF_OWNER)
    for (const { id: old, atMs } of cut) {
      this.#known.delete(old)
      this.#cutMs.set(owner, Math.max(this.#cutMs.get(owner) ?? 0, atMs))
    }
    this.#ofOwner.set(
      owner,
      kept.slice(cut.length).map((one) => one.id),
    )
  }

  #listOf(owner: string): KeptDetection[] {
    const ids = this.#ofOwner.get(owner) ?? []
    return ids.flatMap((id) => this.#known.get(id) ?? []).sort((one, other) => one.atMs - other.atMs)
  }

  #oldestMs(): number {
    return this.#clock.nowMs() - KEPT_MS
  }
}

/** Of what was written down at that time nothing is shown any more. */
export const isDetectionOver = (writtenMs: number, nowMs: number): boolean =>
  writtenMs + KEPT_MS + DAY_MS <= nowMs

const DAY_MS = 24 * 3_600_000
const KEPT_MS = 30 * DAY_MS
const MAX_OF_OWNER = 100
const MAX_EARLY = 1_000
