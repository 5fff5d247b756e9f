type Values = Readonly<Record<string, unknown>>

/** What a field of a row names; `null` where it names nothing, as for groups. */
export function nameIn(row: Values, field: string): string {
  const value = row[field]
  return typeof value === 'string' ? value : 'null'
}

/** How many rows there are of each name in a field. */
export function countsBy(rows: readonly Values[], field: string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {}
  for (const row of rows) counts[nameIn(row, field)] = (counts[nameIn(row, field)] ?? 0) + 1
  return counts
}

/** The name that counts most, the first by its letters of several; empty when there is none. */
export function mostOf(counts: Readonly<Record<string, number>>): string {
  const byName = Object.entries(counts).sort(([a], [b]) => (a < b ? -1 : 1))
  const [first] = byName.sort(([, one], [, other]) => other - one)
  return first?.[0] ?? ''
}
