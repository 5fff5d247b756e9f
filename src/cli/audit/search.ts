import {
  type AuditQuery,
  type FoundRecord,
  matcher,
  searchAudit,
  type UnreadableLine,
} from '../../audit/search.ts'
import { findUnsettled } from '../../audit/unsettled.ts'
import { visible } from '../../mcp/tools/result/visible.ts'
import type { Out } from '../keys.ts'
import { readOptions } from '../read-options.ts'
import { subjectKeysOf, withPersons } from './persons.ts'
import { type AuditPlace, findAuditPlace, tellUnreadable, type Env } from './place.ts'
import { readSelection, SELECTION_OPTIONS, SELECTION_USAGE } from './selection.ts'

export const SEARCH_USAGE = `maximo-mcp audit search [--json] [--persons] [--unsettled] …
    What happened, by time, from the logs of all services. --json: the records as they stand, one a line.
    --persons: who is behind a pseudonym, and with --json the address and user agent, as long as his key is there.
    --unsettled: intents without an outcome; what the times and names below leave out is not listed.
${SELECTION_USAGE}`

/** 0 when the logs could be read whole, 1 when lines of them could not, 64 for wrong usage, 66 when there is none. */
export async function runSearch(args: readonly string[], env: Env, out: Out): Promise<number> {
  const asked = readArguments(args)
  if (typeof asked === 'string') {
    out.problem(asked)
    return 64
  }
  const place = findAuditPlace(asked.data, env, out)
  if (place === null) return 66
  const unreadable: UnreadableLines = { count: 0, first: null }
  try {
    const ask = { folders: place.folders, query: await byPseudonym(asked.query, place), unreadable }
    const found = asked.unsettled ? unsettled(ask) : matching(ask)
    await tell(asked.persons ? each(found, await withPersons(place)) : found, asked.json, out)
  } catch (error) {
    return tellUnreadable(error, out)
  }
  return tellMissing(unreadable, out)
}

/** A person is found by his id, also where he stands by a pseudonym. */
async function byPseudonym(query: AuditQuery, place: AuditPlace): Promise<AuditQuery> {
  if (query.principal === undefined) return query
  const keys = subjectKeysOf(place)
  const found = await Promise.all(
    query.principal.flatMap((name) => keys.map(async (of) => (await of.find(name))?.pseudonym)),
  )
  return { ...query, principal: [...query.principal, ...found.filter((name) => name !== undefined)] }
}

async function* each(
  found: AsyncIterable<FoundRecord>,
  change: (one: FoundRecord) => Promise<FoundRecord>,
): AsyncGenerator<FoundRecord> {
  for await (const one of found) yield await change(one)
}

interface Asked {
  readonly query: AuditQuery
  readonly data: string | undefined
  readonly json: boolean
  readonly persons: boolean
  readonly unsettled: boolean
}

/** @returns what is wrong, for a person, or what is asked */
function readArguments(args: readonly string[]): Asked | string {
  const read = readOptions({
    args: [...args],
    options: {
      ...SELECTION_OPTIONS,
      data: { type: 'string' },
      json: { type: 'boolean', default: false },
      persons: { type: 'boolean', default: false },
      unsettled: { type: 'boolean', default: false },
    },
  })
  if (read === null) return SEARCH_USAGE
  const { data, json, persons, unsettled: isUnsettled } = read.values
  const query = readSelection(read.values)
  return typeof query === 'string' ? query : { query, data, json, persons, unsettled: isUnsettled }
}

async function tell(found: AsyncIterable<FoundRecord>, json: boolean, out: Out): Promise<void> {
  let count = 0
  if (!json) out.line(HEADING)
  for await (const one of found) {
    count += 1
    out.line(json ? one.text : row(one))
  }
  if (!json) out.line(`${count} ${count === 1 ? 'record' : 'records'}`)
}

interface UnreadableLines {
  count: number
  first: UnreadableLine | null
}

interface Ask {
  readonly folders: readonly string[]
  readonly query: AuditQuery
  readonly unreadable: UnreadableLines
}

const matching = ({ folders, query, unreadable }: Ask): AsyncGenerator<FoundRecord> =>
  searchAudit(folders, query, (line) => {
    unreadable.count += 1
    unreadable.first ??= line
  })

/** Outcomes may come much later than their intents, and by other names: what is asked for is picked at the end. */
async function* unsettled({ query, ...ask }: Ask): AsyncGenerator<FoundRecord> {
  const matches = matcher(query)
  for (const one of await findUnsettled(matching({ ...ask, query: {} })))
    if (matches(one.record, one.atMs)) yield one
}

function tellMissing({ count, first }: UnreadableLines, out: Out): number {
  if (first === null) return 0
  const others = count === 1 ? '' : `, and ${count - 1} more lines,`
  out.problem(
    `${first.file} line ${first.line}${others} cannot be read as a record and is not in this answer. Run maximo-mcp audit verify.`,
  )
  return 1
}

const COLUMNS = [24, 20, 8, 24, 22, 30, 4] as const

const line = (cells: readonly string[]): string =>
  cells
    .map((cell, index) => cell.padEnd(COLUMNS[index] ?? 0))
    .join('  ')
    .trimEnd()

const HEADING = line(['TIME', 'EVENT', 'OUTCOME', 'PRINCIPAL', 'OPERATION', 'RESOURCE', 'CODE', 'REASON'])

function row({ record }: FoundRecord): string {
  const { timestamp, eventType, outcome, principal, operation, resource, responseCode, reason } = record
  const cells = [timestamp, eventType, outcome, principal, operation, resource, responseCode, reason]
  const correlation = record.correlationId === null ? [] : [`(${record.correlationId})`]
  return line([...cells, ...correlation].map((cell) => visible(String(cell ?? '-'))))
}
