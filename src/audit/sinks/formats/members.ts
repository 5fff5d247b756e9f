import type { SinkEvent } from '../event.ts'

export type Member = readonly [name: string, value: string | number]

/** What a record says and nothing beyond: its members without those that are null, as text or numbers, in their order. */
function membersOf({ record }: SinkEvent): Member[] {
  const members: Member[] = []
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'string' || typeof value === 'number') members.push([name, value])
    else if (value !== null && value !== undefined) members.push([name, JSON.stringify(value)])
  }
  return members
}

/** Of the members of a record those that a format has no word for. */
export const membersBeside = (event: SinkEvent, known: ReadonlySet<string>): Member[] =>
  membersOf(event).filter(([name]) => !known.has(name))

/** Drops what is not known: receivers tell a missing member from an empty one. */
export function present<T extends object>(members: T): Partial<T> {
  const kept = Object.entries(members).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept) as Partial<T>
}
