/** Reads one `|`-separated line of a data table by the names of its columns; what is missing reads as empty. */
export function readColumns<const Name extends string>(
  line: string,
  names: readonly Name[],
): Readonly<Record<Name, string>> {
  const parts = line.split('|')
  // `fromEntries` forgets which names it was given; all of them are there.
  return Object.fromEntries(names.map((name, index) => [name, parts[index] ?? ''])) as Record<Name, string>
}

/** An empty column is a null. */
export const orNull = (text: string): string | undefined => (text === '' ? undefined : text)
