/** Whether a value asks for LIKE: it holds a `%`. */
export const isPattern = (value: string): boolean => value.includes('%')

/**
 * Matches `%` as any run of characters, without regard to case. Everything else stands for itself; `_` only when
 * `underscore` is set.
 */
export function matchesLike(text: string, pattern: string, underscore: boolean): boolean {
  const source = Array.from(pattern, (character) => partOf(character, underscore)).join('')
  return new RegExp(`^${source}$`, 'isu').test(text)
}

function partOf(character: string, underscore: boolean): string {
  if (character === '%') return '.*'
  if (character === '_' && underscore) return '.'
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')
}
