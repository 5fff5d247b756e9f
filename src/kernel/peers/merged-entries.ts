import type { JournalEntry, JournalReader } from '../journal.ts'

/**
 * The entries of several journals as one stream, by the time of writing: what followed from another entry stands behind
 * it, as far as the writers' clocks agree. Each journal keeps its own order.
 */
export async function* mergedEntries(journals: readonly JournalReader[]): AsyncGenerator<JournalEntry> {
  const open = await Promise.all(
    journals.map(async (journal) => {
      const rest = journal.entries()[Symbol.asyncIterator]()
      return { rest, next: await rest.next() }
    }),
  )
  for (;;) {
    const waiting = open.flatMap((one) => (one.next.done === true ? [] : [{ one, entry: one.next.value }]))
    const [first] = waiting.sort((left, right) => left.entry.atMs - right.entry.atMs)
    if (first === undefined) return
    yield first.entry
    first.one.next = await first.one.rest.next()
  }
}
