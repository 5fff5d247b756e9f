/** A total order of positions: no two are equal. */
export type PositionOrder = (a: number, b: number) => number

/**
 * What a whole sort would have from `start` up to `end`, without sorting the rest: a page of a large collection, the
 * last as cheap as the first.
 */
export function sliceInOrder(
  positions: readonly number[],
  compare: PositionOrder,
  { start, end }: { readonly start: number; readonly end: number },
): number[] {
  const items = [...positions]
  partition(items, compare, { upTo: end, of: items.length })
  partition(items, compare, { upTo: start, of: Math.min(end, items.length) })
  return items.slice(start, end).sort(compare)
}

/** Quickselect: of the first `of` items, brings the least `upTo` to the front. */
function partition(
  items: number[],
  compare: PositionOrder,
  { upTo, of }: { upTo: number; of: number },
): void {
  let [low, high] = [0, of - 1]
  while (low < high && upTo > low && upTo <= high) {
    const { left, right } = split(items, compare, { low, high })
    if (upTo <= right) high = right
    else if (upTo >= left) low = left
    else return
  }
}

/** Hoare's partition around the middle item: up to `right` nothing is greater than it, from `left` on nothing less. */
function split(
  items: number[],
  compare: PositionOrder,
  { low, high }: { low: number; high: number },
): { left: number; right: number } {
  const pivot = at(items, (low + high) >>> 1)
  let [left, right] = [low, high]
  while (left <= right) {
    while (compare(at(items, left), pivot) < 0) left += 1
    while (compare(at(items, right), pivot) > 0) right -= 1
    if (left > right) break
    const moved = at(items, left)
    items[left] = at(items, right)
    items[right] = moved
    left += 1
    right -= 1
  }
  return { left, right }
}

const at = (items: readonly number[], index: number): number => items[index] ?? 0
