import type { Row, Value } from './plant.ts'

/** The rows that have a value, in the order of it: answers ranges. Texts compare by code unit. */
export class SortedIndex {
  readonly #attribute: string
  readonly #rows: Row[]

  constructor(attribute: string, rows: readonly Row[]) {
    this.#attribute = attribute
    this.#rows = rows
      .filter((row) => row[attribute] !== undefined)
      .sort((a, b) => order(a[attribute], b[attribute]))
  }

  /** Rows with `from <= value <= to`; an absent end is open. */
  range(from: Value | undefined, to: Value | undefined): readonly Row[] {
    const start = from === undefined ? 0 : this.#firstAt((value) => order(value, from) >= 0)
    const end = to === undefined ? this.#rows.length : this.#firstAt((value) => order(value, to) > 0)
    return this.#rows.slice(start, end)
  }

  put(row: Row): void {
    const value = row[this.#attribute]
    if (value === undefined) return
    const place = this.#firstAt((other) => order(other, value) > 0)
    this.#rows.splice(place, 0, row)
  }

  take(row: Row): void {
    const value = row[this.#attribute]
    if (value === undefined) return
    const place = this.#rows.indexOf(
      row,
      this.#firstAt((other) => order(other, value) >= 0),
    )
    if (place !== -1) this.#rows.splice(place, 1)
  }

  /** The first position from which the condition holds; it holds for all that follow. */
  #firstAt(holds: (value: Value | undefined) => boolean): number {
    let [low, high] = [0, this.#rows.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (holds(this.#rows[middle]?.[this.#attribute])) high = middle
      else low = middle + 1
    }
    return low
  }
}

function order(left: Value | undefined, right: Value | undefined): number {
  if (left === right || left === undefined || right === undefined) return 0
  return left < right ? -1 : 1
}
