import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import { originOf } from '../result/as-of.ts'
import { noRecord, queryProblem } from '../read/problems.ts'
import { findSchema } from '../read/object-schema.ts'
import { cellText } from '../result/cell-text.ts'
import { recordFields } from '../result/columns.ts'
import { plainOutput } from '../result/outputs.ts'
import { readable } from '../result/readable.ts'
import { visible, visibleJson } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext, type ToolFacts } from '../tool.ts'

/** What is looked through, and what a find is called. */
const SOURCES = [
  { object: 'MXAPIWODETAIL', key: 'wonum', what: 'Work order', field: 'description' },
  { object: 'MXAPISR', key: 'ticketid', what: 'Service request', field: 'description' },
  { object: 'MXAPIASSET', key: 'assetnum', what: 'Asset', field: 'description' },
  { object: 'MXAPIOPERLOC', key: 'location', what: 'Location', field: 'description' },
  { object: 'MXAPIITEM', key: 'itemnum', what: 'Item', field: 'description' },
  { object: 'MXAPIJOBPLAN', key: 'jpnum', what: 'Job plan', field: 'description' },
] as const
const PER_SOURCE = 5

const FACTS: Omit<ToolFacts, 'name' | 'title' | 'description'> = {
  toolset: 'compat',
  isOnRequest: true,
  scopes: ['maximo:read'],
  effect: 'read',
  risk: 'none',
  costUnits: 3,
  reachesOutside: true,
  namesObject: true,
}

interface Found {
  readonly id: string
  readonly title: string
  readonly url: string
}

/** As clients of the "deep research" kind expect it: ids, titles and links, and one record by its id. */
export const search = defineTool({
  ...FACTS,
  name: 'search',
  title: 'Search Maximo',
  description:
    'Work orders, service requests, assets, locations, items and job plans whose number is the query or whose description has all its words; at most five of each. fetch reads one by its id.',
  input: z.strictObject({ query: z.string().min(1).max(200) }),
  output: plainOutput,
  async run({ query }, context) {
    const words = query
      .split(/[^\p{L}\p{N}/._-]+/u)
      .filter((word) => word !== '')
      .slice(0, 8)
    if (words.length === 0) return err(NO_WORDS)
    const found = await Promise.all(SOURCES.map((source) => lookThrough(source, words, context)))
    const results = found.flatMap((one) => one ?? [])
    const skipped = SOURCES.filter((_source, index) => found[index] === null).map(
      ({ what }) => `${what.toLowerCase()}s`,
    )
    const text = visibleJson({
      ...originOf(context),
      ...(skipped.length > 0 && {
        notes: [`Not looked through, since this Maximo user may not or cannot: ${skipped.join(', ')}.`],
      }),
      untrusted: ['title'],
      results,
    })
    return ok({ text, recordCount: results.length })
  },
})

const NO_WORDS: ToolProblem = {
  kind: 'invalid_input',
  what: 'The query has no words.',
  why: null,
  next: 'Give a number or some words of a description.',
}

/** Null: this user may not read them, or Maximo cannot be asked so. */
async function lookThrough(
  { object, key, what, field }: (typeof SOURCES)[number],
  words: readonly string[],
  { maximo, call, environment }: ToolContext,
): Promise<readonly Found[] | null> {
  const inText: Criterion = { all: words.map((word) => ({ field, op: 'contains', value: word })) }
  const [only = ''] = words
  const any: readonly Criterion[] =
    words.length === 1 ? [{ field: key, op: 'eq', value: only.toUpperCase() }, inText] : [inText]
  try {
    const page = await maximo.query(
      { objectStructure: object, any, select: { fields: [key, field] }, pageSize: PER_SOURCE },
      call,
    )
    if (!page.ok) return null
    return page.value.records.flatMap(({ id, values }) => {
      if (id === null) return []
      const name = `${object.toLowerCase()}:${id}`
      const title = `${what} ${cellText(values[key])}: ${cellText(values[field])}`
      return [{ id: name, title, url: `maximo://${environment.id}/record/${object.toLowerCase()}/${id}` }]
    })
  } catch (error) {
    if (error instanceof MaximoFault && SKIPPED.has(error.kind)) return null
    throw error
  }
}
const SKIPPED: ReadonlySet<string> = new Set(['not_permitted', 'not_found'])

export const fetchRecord = defineTool({
  ...FACTS,
  name: 'fetch',
  title: 'Fetch a Maximo record',
  description: 'The fields of one record that search found, as text.',
  costUnits: 1,
  input: z.strictObject({
    id: z
      .string()
      .min(3)
      .max(460)
      .regex(/^[A-Za-z0-9_]{1,60}:.+$/, 'is not an id that search gives'),
  }),
  output: plainOutput,
  async run({ id }, context) {
    const split = id.indexOf(':')
    const [object, key] = [id.slice(0, split), id.slice(split + 1)]
    const schema = await findSchema(object, context)
    if (!schema.ok) return schema
    const { fields, notes } = recordFields(schema.value)
    const found = await context.maximo.findRecord(
      { objectStructure: schema.value.resource, id: key },
      { fields },
      context.call,
    )
    if (!found.ok) return err(queryProblem(found.error, schema.value.resource))
    if (found.value === null) return err(noRecord(key, schema.value))
    const { values } = found.value.record
    const lines = fields.flatMap((name) => {
      const value = readable(name, values[name])
      return value === undefined || value === null ? [] : [`${name}: ${visible(cellText(value))}`]
    })
    const [number = ''] = schema.value.key.slice(-1)
    const text = visibleJson({
      ...originOf(context),
      ...(notes.length > 0 && { notes }),
      id,
      title: `${schema.value.resource.toLowerCase()} ${cellText(values[number] ?? key)}`,
      url: `maximo://${context.environment.id}/record/${object.toLowerCase()}/${key}`,
      untrusted: ['text'],
      text: lines.join('\n'),
      metadata: { object: schema.value.resource.toLowerCase(), source: 'IBM Maximo' },
    })
    return ok({ text, recordCount: 1 })
  },
})
