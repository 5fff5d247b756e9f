import { rounded } from './figure.ts'

/** Something with an amount of its own. */
export interface Counted<Key> {
  readonly key: Key
  readonly amount: number
}

export interface Ranked<Key> extends Counted<Key> {
  readonly rank: number
  /** Percent of the whole. */
  readonly share: number
  /** Percent of the whole, with all that rank before it. */
  readonly cumulative: number
}

/** Largest first; what is equal stands in the order of its name, so that the same data rank the same each time. */
export function ranked<Key>(
  all: readonly Counted<Key>[],
  nameOf: (key: Key) => string,
): readonly Ranked<Key>[] {
  const whole = all.reduce((sum, { amount }) => sum + amount, 0)
  const sorted = all
    .filter(({ amount }) => amount > 0)
    .map((one) => ({ ...one, shown: rounded(one.amount) }))
    .toSorted((a, b) => (a.shown === b.shown ? (nameOf(a.key) < nameOf(b.key) ? -1 : 1) : b.shown - a.shown))
  let before = 0
  return sorted.map(({ key, amount, shown }, index) => {
    before += amount
    return {
      ...{ key, amount: shown, rank: index + 1 },
      share: rounded((amount / whole) * 100),
      cumulative: rounded((before / whole) * 100),
    }
  })
}
