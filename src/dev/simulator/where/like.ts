/** Whether a value asks for LIKE: it holds a `%`. */
export const isPattern = (value: string): boolean => value.includes('%')

/**
 * A test of texts that reads `%` as any run of characters, without regard to case. Everything else stands for itself;
 * `_` only when `underscore` is set.
 */
export function likeTest(pattern: string, underscore: boolean): (text: string) => boolean {
  const inner = pattern.replace(/^%+/, '').replace(/%+$/, '')
  const source = Array.from(inner, (character) => partOf(character, underscore)).join('')
  // A run at either end needs no characters to match: without an anchor the search is much faster than with `.*`.
  const [start, end] = [pattern.startsWith('%') ? '' : '^', pattern.endsWith('%') ? '' : '$']
  const wanted = new RegExp(`${start}${source}${end}`, 'isu')
  return (text) => wanted.test(text)
}

function partOf(character: string, underscore: boolean): string {
  if (character === '%') return '.*'
  if (character === '_' && underscore) return '.'
  return character.replace(/[\\^$.*+?()[\]{}|/]/u, '\\$&')
}
