import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'

export interface Judged {
  readonly schema: ObjectSchema
  readonly filters: readonly Condition[]
  /** Null: Maximo did not say. */
  readonly rows: number | null
  readonly notUnderstood: readonly string[]
}

/** More rows than anybody reads. */
const MANY = 1_000

/** What to know before a query is run. */
export function warningsOf(judged: Judged): readonly string[] {
  const fields = new Set(judged.filters.map(({ field }) => field.toLowerCase()))
  return WARNINGS.flatMap(({ holds, said }) => (holds(judged, fields) ? [said] : []))
}

interface Warning {
  readonly holds: (judged: Judged, fields: ReadonlySet<string>) => boolean
  readonly said: string
}

const WARNINGS: readonly Warning[] = [
  {
    holds: ({ notUnderstood }) => notUnderstood.length > 0,
    said: 'Words under "not_understood" are not part of the query: say them another way, or as filters.',
  },
  { holds: ({ rows }) => rows === null, said: 'Maximo did not count the rows.' },
  { holds: ({ rows }) => rows === 0, said: 'Nothing matches.' },
  {
    holds: ({ rows }) => rows !== null && rows > MANY,
    said: 'More rows than anybody reads: narrow it, or let aggregate_records count and total them.',
  },
  {
    holds: ({ schema }, fields) =>
      schema.fields.has('status') && ![...STATUS].some((name) => fields.has(name)),
    said: 'Every status counts, also closed and cancelled.',
  },
  {
    holds: ({ filters }) => filters.some(({ op }) => SCANS.has(op.toLowerCase())),
    said: 'A search inside of texts reads every row in Maximo: slow on large tables.',
  },
  {
    holds: ({ schema }, fields) => fields.has('lead') && schema.resource === 'MXAPIWODETAIL',
    said: 'Only the lead is asked for: search_work_orders with assigned_to looks at owner and crew too.',
  },
]

const STATUS: ReadonlySet<string> = new Set(['status', 'status_maxvalue', 'historyflag'])
const SCANS: ReadonlySet<string> = new Set(['contains', 'ends'])
