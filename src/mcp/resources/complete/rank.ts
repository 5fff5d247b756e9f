/** MCP: at most 100 values in one answer. */
export const MAX_VALUES = 100

/**
 * What was typed against what there is, without regard to letter case: what begins with it first, then what holds it,
 * each by name.
 */
export function rank(typed: string, known: Iterable<string>): readonly string[] {
  const wanted = typed.trim().toLowerCase()
  const fitting = [...new Set(known)].filter((value) => value.toLowerCase().includes(wanted)).sort()
  const begins = (value: string): boolean => value.toLowerCase().startsWith(wanted)
  return [...fitting.filter(begins), ...fitting.filter((value) => !begins(value))]
}
