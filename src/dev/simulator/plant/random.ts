/** Small deterministic random numbers (mulberry32): the same seed gives the same plant on every machine. */
export interface Random {
  /** An integer in `[from, to]`. */
  between(from: number, to: number): number
  pick<T>(items: readonly T[]): T
  /** `true` with this probability. */
  chance(probability: number): boolean
  /** With this probability what `make` makes, otherwise nothing. */
  maybe<T>(probability: number, make: () => T): T | undefined
  shuffle<T>(items: readonly T[]): T[]
  /** Puts the items themselves in another order. */
  mix<T>(items: T[]): T[]
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const between = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1))
  return {
    between,
    pick: (items) => {
      const item = items[between(0, items.length - 1)]
      if (item === undefined) throw new Error('nothing to pick from')
      return item
    },
    chance: (probability) => next() < probability,
    maybe: (probability, make) => (next() < probability ? make() : undefined),
    mix: (items) => mixed(items, between),
    shuffle: (items) =>
      items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
  }
}

/** Fisher and Yates. */
function mixed<T>(items: T[], between: Random['between']): T[] {
  for (let last = items.length - 1; last > 0; last -= 1) {
    const other = between(0, last)
    const [one, two] = [items[last], items[other]]
    if (one !== undefined && two !== undefined) [items[last], items[other]] = [two, one]
  }
  return items
}
