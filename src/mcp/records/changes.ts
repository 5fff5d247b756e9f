import type { Clock } from '../../kernel/clock.ts'
import type { RecordData } from './entries.ts'

export type ChangeStep = RecordData<'change.step'>

/** A change of Maximo that was begun, and what is known of it. */
export interface BegunChange extends RecordData<'change.begun'> {
  readonly begunMs: number
  /** By number of the record; absent: nothing is known of it. */
  readonly steps: ReadonlyMap<number, ChangeStep>
  /** Nothing more of it will be sent. */
  readonly isEnded: boolean
  /** Begun by this server, and not by another one, whose sending is not seen here. */
  readonly isOurs: boolean
}

interface Kept extends BegunChange {
  readonly steps: Map<number, ChangeStep>
}

/** The ledger of writes: one fold over the journal. A change stays for as long as somebody may ask for it. */
export class Changes {
  readonly #clock: Clock
  /** In the order in which they were begun. */
  readonly #begun = new Map<string, Kept>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  find(id: string): BegunChange | null {
    return this.#begun.get(id) ?? null
  }

  /** The changes of a user in an environment, newest first. */
  of({ sub, env }: { readonly sub: string; readonly env: string }): readonly BegunChange[] {
    const own = [...this.#begun.values()].filter((change) => change.sub === sub && change.env === env)
    return own.reverse()
  }

  /** Those of which something may have been sent that nobody knows the outcome of. */
  inDoubt(): readonly BegunChange[] {
    return [...this.#begun.values()].filter((change) => doubtfulRecord(change) !== null)
  }

  begin(begun: RecordData<'change.begun'>, begunMs: number, isOurs: boolean): void {
    this.#forgetOld()
    this.#begun.set(begun.id, { ...begun, begunMs, steps: new Map(), isEnded: false, isOurs })
  }

  step(step: ChangeStep): void {
    this.#begun.get(step.id)?.steps.set(step.index, step)
  }

  end({ id }: RecordData<'change.ended'>): void {
    const kept = this.#begun.get(id)
    if (kept !== undefined) this.#begun.set(id, { ...kept, isEnded: true })
  }

  #forgetOld(): void {
    const oldestMs = this.#clock.nowMs() - KEPT_MS
    for (const [id, change] of this.#begun) {
      if (change.begunMs > oldestMs && this.#begun.size < MAX_KEPT) return
      // What nobody knows yet is never forgotten.
      if (doubtfulRecord(change) === null) this.#begun.delete(id)
    }
  }
}

/**
 * The first record of a change that may have been written or not; null when there is none. Records go one after the
 * other, so it is the one whose answer was lost, or the first of a change that was cut off; of one request for all of
 * them, those behind it are in doubt, too.
 */
export function doubtfulRecord({
  records,
  steps,
  isEnded,
  together,
}: Pick<BegunChange, 'records' | 'steps' | 'isEnded' | 'together'>): number | null {
  for (const [index, { outcome }] of steps) if (outcome === 'unknown') return index
  const first = Array.from({ length: records }, (_, index) => index).find((index) => !steps.has(index))
  return (isEnded && together !== true) || first === undefined ? null : first
}

/**
 * Whether another server may be sending it at this moment, which only that one sees. Longer than sending one may last:
 * by then that server has said how it ended, or was stopped over it.
 */
export const isSentElsewhere = ({ isOurs, isEnded, begunMs }: BegunChange, nowMs: number): boolean =>
  !isOurs && !isEnded && nowMs - begunMs < ELSEWHERE_MS

const ELSEWHERE_MS = 180_000

/** How long `get_change` and `plan_undo` know a change; the audit log knows it for longer. */
export const KEPT_MS = 30 * 86_400_000
const MAX_KEPT = 20_000
