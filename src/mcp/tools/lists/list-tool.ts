import { z } from 'zod'
import { ok, type Result } from '../../../kernel/result.ts'
import type { Criterion, OrderTerm } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { kindsOf, type OneOrKinds } from '../catalog/kinds.ts'
import { cursor, DEFAULT_TOKENS, format, limit, select, site, type Format } from '../query/inputs.ts'
import { readPage, startReading, type PageRequest, type Started } from '../read/read-page.ts'
import { chooseSite, unknownSite, type SiteChoice } from '../read/site.ts'
import { tableOutput } from '../result/outputs.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type Tool, type ToolContext, type ToolFacts } from '../tool.ts'
import type { Argument, Asked, Criteria, ListQuestion, Subject } from './argument.ts'
import { inState } from './states.ts'

type Told = Pick<
  ToolFacts,
  'name' | 'title' | 'description' | 'toolset' | 'isOnRequest' | 'aliases' | 'picture'
>

/** A list of records with its own words for questions: all of it data. */
export interface ListSpec extends Told {
  readonly scopes?: ToolFacts['scopes']
  /** One kind of record, or several that the argument `kind` chooses from. */
  readonly subject: OneOrKinds<Subject>
  readonly arguments: Readonly<Record<string, Argument>>
  /** The order of another question than the usual one; null: the subject's. */
  readonly orderOf?: (asked: Asked) => readonly OrderTerm[] | null
}

/** What every list takes besides. */
const COMMON = { site, fields: select, limit, cursor, format }

interface Paging {
  readonly limit: number
  readonly cursor: string | undefined
  readonly format: Format
}

export function listTool(spec: ListSpec): Tool {
  const { subject, arguments: own, orderOf, scopes = ['maximo:read'], ...told } = spec
  const kinds = kindsOf(subject)
  const schemas = Object.fromEntries(Object.entries(own).map(([name, { schema }]) => [name, schema]))
  return defineTool({
    ...told,
    ...kinds.facts,
    scopes,
    effect: 'read',
    risk: 'none',
    costUnits: 1,
    reachesOutside: true,
    input: z.strictObject({
      ...(kinds.names.length > 0 && { kind: z.enum(kinds.names) }),
      ...schemas,
      ...COMMON,
    }),
    output: tableOutput,
    async run(parsed, context) {
      const { limit: pageSize, cursor: from, format: shape, ...asked } = parsed as Asked & Paging
      const start = { tool: told.name, question: asked, limit: pageSize, cursor: from }
      const started = await startReading(start, context)
      if (!started.ok) return started
      const request = await requestOf(
        { of: kinds.of(asked['kind']), own, orderOf, asked, started: started.value },
        context,
      )
      return request.ok ? readPage({ ...request.value, format: shape }, context) : request
    },
  })
}

interface Listing {
  readonly of: Subject
  readonly own: ListSpec['arguments']
  readonly orderOf: ListSpec['orderOf'] | undefined
  readonly asked: Asked
  readonly started: Started
}

/** The page that answers the arguments. */
async function requestOf(
  { of, own, orderOf, asked, started }: Listing,
  context: ToolContext,
): Promise<Result<Omit<PageRequest, 'format'>, ToolProblem>> {
  const schema = await context.maximo.schema(of.objectStructure, context.call)
  const where = await siteOf(of, asked, schema, context)
  const question = { subject: of, schema, site: where.site, atMs: started.place.atMs, asked }
  const criteria = await criteriaOf(own, question, context)
  if (!criteria.ok) return criteria
  const state = of.in === undefined ? ok([]) : await inState(of.in, of, context)
  if (!state.ok) return state
  const columns = columnsOf(asked, question)
  return ok({
    started,
    schema,
    query: {
      objectStructure: of.objectStructure,
      all: [...alwaysOf(question), ...state.value, ...where.conditions, ...criteria.value],
      select: { fields: columns },
      orderBy: orderOf?.(asked) ?? of.order,
      count: true,
    },
    columns,
    maxTokens: DEFAULT_TOKENS,
    site: where.site,
    notes: where.notes,
    explainNothing: () => explain(own, question, context),
  })
}

const askedSite = ({ site: asked }: Asked): string | undefined =>
  typeof asked === 'string' ? asked : undefined

const siteOf = (
  { hasNoSite }: Subject,
  asked: Asked,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<SiteChoice> =>
  hasNoSite === true && askedSite(asked) === undefined
    ? Promise.resolve({ site: null, conditions: [], notes: [] })
    : chooseSite(askedSite(asked), { schema, filtered: [] }, context)

/** Every argument is asked, also those that were not given: some mean something by default. The first problem is told. */
async function criteriaOf(
  own: ListSpec['arguments'],
  question: ListQuestion,
  context: ToolContext,
): Promise<Criteria> {
  const all: Criterion[] = []
  for (const [name, { criteria }] of Object.entries(own)) {
    const found = await criteria(question.asked[name], question, context)
    if (!found.ok) return found
    all.push(...found.value)
  }
  return ok(all)
}

/** What an older Maximo does not have cannot be asked for. */
const alwaysOf = ({ subject, schema }: ListQuestion): readonly Criterion[] =>
  (subject.always ?? []).filter((criterion) => !('field' in criterion) || schema.fields.has(criterion.field))

function columnsOf({ fields }: Asked, { subject, schema, site: chosen }: ListQuestion): readonly string[] {
  if (Array.isArray(fields)) return fields.map((name) => String(name).trim().toLowerCase())
  const site = chosen === null && subject.hasNoSite !== true ? ['siteid'] : []
  return [...new Set([...site, ...subject.columns])].filter(
    (name) => name.includes('.') || schema.fields.has(name),
  )
}

async function explain(
  own: ListSpec['arguments'],
  question: ListQuestion,
  context: ToolContext,
): Promise<ToolProblem | null> {
  const problem = await unknownSite(askedSite(question.asked), question.schema, context)
  if (problem !== null) return problem
  for (const [name, { explain: why }] of Object.entries(own)) {
    const found = (await why?.(question.asked[name], question, context)) ?? null
    if (found !== null) return found
  }
  return null
}
