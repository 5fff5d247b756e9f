const MAX_SUGGESTIONS = 3
/** Longer names are not compared: the cost grows with the product of the lengths. */
const MAX_LENGTH = 64

/** Up to three known names near a wrong one, nearest first. Case does not count; parts of a name do. */
export function nearest(wrong: string, known: Iterable<string>): string[] {
  const asked = wrong.toLowerCase().slice(0, MAX_LENGTH)
  const limit = Math.max(2, Math.floor(asked.length / 3))
  return [...known]
    .map((name) => ({ name, distance: distanceTo(asked, name.toLowerCase().slice(0, MAX_LENGTH)) }))
    .filter((candidate) => candidate.distance <= limit)
    .sort((a, b) => (a.distance === b.distance ? a.name.localeCompare(b.name) : a.distance - b.distance))
    .slice(0, MAX_SUGGESTIONS)
    .map((candidate) => candidate.name)
}

/** ` Did you mean a, b?` with a leading blank, or nothing. */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  const names = nearest(wrong, known)
  return names.length === 0 ? '' : ` Did you mean ${names.map((name) => `"${name}"`).join(', ')}?`
}

function distanceTo(asked: string, name: string): number {
  if (asked.length >= 3 && (name.includes(asked) || asked.includes(name)) && name.length >= 3) return 1
  return editDistance(asked, name)
}

/** Optimal string alignment: insert, delete, replace, swap neighbours. */
function editDistance(a: string, b: string): number {
  let before: number[] = []
  let above = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = at(above, column - 1) + (a[row - 1] === b[column - 1] ? 0 : 1)
      const swapped =
        a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1] ? at(before, column - 2) + 1 : replaced
      current.push(Math.min(at(above, column) + 1, at(current, column - 1) + 1, replaced, swapped))
    }
    before = above
    above = current
  }
  return at(above, b.length)
}

const at = (line: readonly number[], index: number): number => line[index] ?? Number.POSITIVE_INFINITY
