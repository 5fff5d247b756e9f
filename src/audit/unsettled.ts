import type { AuditRecord } from './read-record.ts'
import type { FoundRecord } from './search.ts'

/**
 * The intents without an outcome, by time: what was about to be done outside when a server died, or what is being done at
 * this moment. An outcome belongs to the intent of the same act on the same thing, for the same change or, where there is
 * none, in the same request. Holds as much as is unsettled.
 *
 * @param records of every log together: what one server left open, another may have looked after
 */
export async function findUnsettled(records: AsyncIterable<FoundRecord>): Promise<readonly FoundRecord[]> {
  const open = new Map<string, FoundRecord[]>()
  for await (const found of records) {
    const key = keyOf(found.record)
    const intents = open.get(key) ?? []
    if (found.record.outcome === 'intent') open.set(key, [...intents, found])
    else if (intents.length > 1) open.set(key, intents.slice(1))
    else open.delete(key)
  }
  return [...open.values()].flat().sort((left, right) => left.atMs - right.atMs)
}

const keyOf = ({ eventType, operation, resource, queryParams, correlationId }: AuditRecord): string =>
  JSON.stringify([...[eventType, operation, resource], CHANGE.exec(queryParams ?? '')?.[1] ?? correlationId])

/** The keyed hash of the change's id, which every event about one begins with. */
const CHANGE = /^change=~([\w-]+)(?:&|$)/
