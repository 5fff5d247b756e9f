/**
 * The first rows of a stable sort, without sorting the rest: what a page of a large collection needs.
 *
 * @param count How many from the beginning.
 */
export function firstInOrder<T>(rows: readonly T[], compare: (a: T, b: T) => number, count: number): T[] {
  if (count >= rows.length / WORTHWHILE) return rows.toSorted(compare).slice(0, count)
  const first: T[] = []
  for (const row of rows) {
    const last = first.at(-1)
    if (first.length === count && last !== undefined && compare(row, last) >= 0) continue
    first.splice(placeOf(first, row, compare), 0, row)
    if (first.length > count) first.pop()
  }
  return first
}

/** Below this share of the rows, picking beats sorting. */
const WORTHWHILE = 8

/** After the last that is not greater, so that equals keep their order. */
function placeOf<T>(sorted: readonly T[], row: T, compare: (a: T, b: T) => number): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const other = sorted[middle]
    if (other !== undefined && compare(other, row) <= 0) low = middle + 1
    else high = middle
  }
  return low
}
