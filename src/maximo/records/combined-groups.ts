import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { GroupPage, GroupRow, MaximoCall } from '../contract.ts'
import { compileGroups } from '../query/compile-groups.ts'
import type { CompiledGroups } from '../query/compile-groups.ts'
import type { CompileExtras } from '../query/fields.ts'
import { problem } from '../query/fields.ts'
import { isPlainCount, metricKey } from '../query/group.ts'
import type { GroupQuery, Metric, QueryProblem } from '../query/query.ts'
import type { ObjectSchema } from '../schema/object-schema.ts'
import type { MaximoSession } from '../session.ts'
import { groupPage, readGroupRows } from './group-rows.ts'
import { inTurns } from './in-turns.ts'
import { Tally } from './tally.ts'

export interface CombinedRequest {
  readonly session: MaximoSession
  readonly query: GroupQuery
  readonly schema: ObjectSchema
  readonly extras: CompileExtras
  /** The whole question, compiled: its reading is the answer's. */
  readonly whole: CompiledGroups
}

/**
 * Groups that Maximo gives only in parts: over alternatives (asked one by one, less what they have in common), or over
 * everything at once (`gbcols` wants an attribute to group by, so it is asked per site). Putting them together is exact:
 * counts and sums add up, an average is a sum over the records that have a value.
 */
export const readCombined = async (
  request: CombinedRequest,
  call: MaximoCall,
): Promise<Result<GroupPage, readonly QueryProblem[]>> => {
  const { query, schema, whole } = request
  const carrier = query.groupBy.length > 0 || isPlainCount(query) ? null : carrierOf(schema)
  if (carrier === undefined)
    return err([problem('not_supported', 'groupBy', `${schema.resource} needs a field to group by.`)])
  const tallies: Tally[] = []
  for (const part of partsOf(query, carrier)) {
    const tally = await readPart(request, part, call)
    if (!tally.ok) return tally
    tallies.push(tally.value)
  }
  const rows = [...(tallies[0]?.keys() ?? [])].map((key) => rowOf(key, tallies, query))
  const groups = query.groupBy.length === 0 && rows.length === 0 ? [nothing(query)] : rows
  return ok(groupPage(groups, query, { ...whole, notes: [...whole.notes, ...notesOf(whole)] }))
}

/** One question to Maximo, and which of the metrics asked for it answers. */
interface Part {
  readonly query: GroupQuery
  readonly average: Metric | null
}

/** The first part names the groups; each average needs the records that have a value. */
const partsOf = (query: GroupQuery, carrier: string | null): readonly Part[] => {
  const per = {
    ...query,
    groupBy: carrier === null ? query.groupBy : [carrier],
    limit: Number.MAX_SAFE_INTEGER,
  }
  const plain = query.metrics.filter(({ kind }) => kind !== 'avg')
  const metrics: readonly Metric[] = plain.length > 0 ? plain : [{ kind: 'count' }]
  return [
    { query: { ...per, metrics }, average: null },
    ...query.metrics.flatMap((metric): readonly Part[] =>
      metric.kind === 'avg' ? [averagePart(per, metric)] : [],
    ),
  ]
}

const averagePart = (per: GroupQuery, average: Extract<Metric, { readonly field: string }>): Part => ({
  query: {
    ...per,
    all: [...(per.all ?? []), { field: average.field, op: 'notnull' }],
    metrics: [{ kind: 'count' }, { kind: 'sum', field: average.field }],
  },
  average,
})

const readPart = async (
  { session, schema, extras, query: asked }: CombinedRequest,
  { query, average }: Part,
  call: MaximoCall,
): Promise<Result<Tally, readonly QueryProblem[]>> => {
  const compiled = compileGroups(query, schema, extras)
  if (!compiled.ok) return compiled
  const tally = new Tally({ groupBy: asked.groupBy, metrics: query.metrics, average })
  const { questions } = compiled.value
  const answers = await inTurns(questions, (question) =>
    readGroupRows({ session, query, queryString: question.queryString }, call),
  )
  answers.forEach((rows, index) => {
    const question = questions[index]
    if (question !== undefined) tally.add(rows, question)
  })
  return ok(tally)
}

const rowOf = (key: string, tallies: readonly Tally[], { metrics }: GroupQuery): GroupRow => {
  const figures = Object.assign({}, ...tallies.map((tally) => tally.figures(key))) as GroupRow['metrics']
  return {
    by: tallies[0]?.by(key) ?? {},
    metrics: Object.fromEntries(
      metrics.map((metric) => [metricKey(metric), figures[metricKey(metric)] ?? null]),
    ),
  }
}

/** No rows at all: a count of nothing is 0, everything else is nothing, as in SQL. */
const nothing = ({ metrics }: GroupQuery): GroupRow => ({
  by: {},
  metrics: Object.fromEntries(
    metrics.map((metric) => [metricKey(metric), metric.kind === 'count' ? 0 : null]),
  ),
})

const notesOf = ({ questions }: CompiledGroups): readonly string[] =>
  questions.length === 1
    ? []
    : ['Put together from several answers of Maximo: exact, unless records changed in between.']

const carrierOf = (schema: ObjectSchema): string | undefined =>
  CARRIERS.find((name) => schema.fields.get(name)?.isPersistent === true)

const CARRIERS = ['siteid', 'orgid']
