interface Near {
  readonly name: string
  readonly distance: number
}

/**
 * The nearest of the known names: first those that contain the asked one or start with it, then by
 * Damerau-Levenshtein distance (a swap of neighbours is one mistake). At most three; none when nothing is near.
 */
export const suggest = (asked: string, known: Iterable<string>): readonly string[] => {
  const wanted = asked.slice(0, MAX_LENGTH).toLowerCase()
  const allowed = Math.max(1, Math.floor(wanted.length / 3))
  const near: Near[] = []
  for (const name of known) {
    const distance = nearness(wanted, name.toLowerCase(), allowed)
    if (distance <= allowed) near.push({ name, distance })
  }
  near.sort((a, b) => byDistance(a, b))
  return near.slice(0, 3).map(({ name }) => name)
}

const byDistance = (a: Near, b: Near): number => {
  if (a.distance !== b.distance) return a.distance - b.distance
  return a.name.length === b.name.length ? (a.name < b.name ? -1 : 1) : a.name.length - b.name.length
}

const nearness = (wanted: string, name: string, allowed: number): number => {
  if (wanted.length >= 4 && name.length <= MAX_LENGTH && (name.startsWith(wanted) || wanted.startsWith(name)))
    return 0.5
  if (Math.abs(wanted.length - name.length) > allowed) return Infinity
  return distanceBetween(wanted, name)
}

/** Optimal string alignment: insert, delete, replace, swap neighbours; each costs 1. */
export const distanceBetween = (a: string, b: string): number => {
  let before: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1
      const best = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + cost,
        isSwap(a, b, row, column) ? at(before, column - 2) + 1 : Infinity,
      )
      current.push(best)
    }
    before = last
    last = current
  }
  return at(last, b.length)
}

const isSwap = (a: string, b: string, row: number, column: number): boolean =>
  row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]

const at = (row: readonly number[], column: number): number => row[column] ?? Infinity

const MAX_LENGTH = 64
