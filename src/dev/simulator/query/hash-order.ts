/** `String.hashCode` of Java. */
const hashOf = (text: string): number => {
  let hash = 0
  for (let index = 0; index < text.length; index += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0
  return hash ^ (hash >>> 16)
}

/**
 * Puts parameters into the order in which a Java `HashMap` lists them: `nextPage` carries the caller's parameters, but
 * not in the caller's order (maximo-api §2.1).
 */
export function hashOrdered<T>(entries: readonly (readonly [string, T])[]): (readonly [string, T])[] {
  let size = 16
  while (entries.length > size * 0.75) size *= 2
  const bucket = (name: string): number => (hashOf(name) & (size - 1)) >>> 0
  return entries.toSorted(([left], [right]) => bucket(left) - bucket(right))
}
