/** A line of a chained file: the first record that it stands for, and its offset. */
interface Place {
  readonly n: number
  readonly at: number
}

/** Where lines of a chained file begin: every {@link EVERY}th of them, in order. */
export class LineIndex {
  #places: Place[] = []
  #lines = 0

  /** Every line, in order. */
  add(n: number, at: number): void {
    if (this.#lines % EVERY === 0) this.#places.push({ n, at })
    this.#lines += 1
  }

  /** The last known line that begins at record `n` or before, or else the first; `null` while there is none. */
  before(n: number): Place | null {
    let [low, high] = [0, this.#places.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#places[middle]?.n ?? 0) <= n) low = middle + 1
      else high = middle
    }
    return this.#places[Math.max(0, low - 1)] ?? null
  }

  /** Takes over from another index what lies at offset `from` and behind, `by` bytes further on. */
  continueWith(other: LineIndex, from: number, by: number): void {
    const tail = other.#places.filter(({ at }) => at >= from)
    this.#places.push(...tail.map(({ n, at }) => ({ n, at: at + by })))
    this.#lines = other.#lines
  }
}

const EVERY = 256
