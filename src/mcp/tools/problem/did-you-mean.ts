import { suggest } from '../../../maximo/query/did-you-mean.ts'

/** ` Did you mean "a", "b"?` with a leading blank, or nothing when no known name is near. */
export function didYouMean(wrong: string, known: Iterable<string>): string {
  return suggested(suggest(wrong, known))
}

export const suggested = (names: readonly string[]): string =>
  names.length === 0 ? '' : ` Did you mean ${names.map((name) => `"${name}"`).join(' or ')}?`
