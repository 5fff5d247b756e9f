import type { JournalEntry } from '../journal.ts'

/**
 * For records of which a later one that says as much replaces an earlier one: which of them is the one that counts. One
 * that says more than all behind it counts, too, whatever the order in which they are read.
 */
export class Latest {
  readonly #by = new Map<string, { seq: number; weight: number }[]>()

  /** @param weight how much it says: its version, or the time that it speaks of; absent: the later one always counts */
  note(key: string, { seq }: JournalEntry, weight = 0): void {
    const heavier = (this.#by.get(key) ?? []).filter((other) => other.weight > weight)
    this.#by.set(key, [...heavier, { seq, weight }])
  }

  keeps(key: string, { seq }: JournalEntry): boolean {
    return this.#by.get(key)?.some((one) => one.seq === seq) === true
  }
}
