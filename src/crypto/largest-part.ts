/** Dotted name of the longest text in a value: what to shorten when the whole became too long. */
export function largestPart(value: object): string {
  const [largest] = textParts('', value).sort((left, right) => right.chars - left.chars)
  return largest?.name ?? ''
}

function textParts(name: string, value: unknown): { readonly name: string; readonly chars: number }[] {
  if (typeof value === 'string') return [{ name, chars: value.length }]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([member, inner]) =>
    textParts(name === '' ? member : `${name}.${member}`, inner),
  )
}
