import { err, ok } from '../../kernel/result.ts'
import type { DomainValue } from '../../maximo/contract.ts'
import { MAX_TOKENS } from '../tools/query/inputs.ts'
import type { Meanings } from '../tools/lists/states.ts'
import { findSchema } from '../tools/read/object-schema.ts'
import { tableAnswer } from '../tools/result/table-answer.ts'
import { visible } from '../tools/result/visible.ts'
import { STATES } from '../tools/status/meanings.ts'
import { statusList } from '../tools/status/status-values.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import { completeStatusObject } from './complete/objects.ts'
import { noDomain } from './domain.ts'
import type { TemplateResource } from './resource.ts'
import { SCHEMA_TTL_MS } from './schema.ts'
import { jsonAnswer, OBJECT } from './shapes.ts'

const COLUMNS = ['status', 'internal', 'description', 'default', 'site', 'means']

/** The statuses that an object can have here, and what each means to Maximo and to the tools. */
export const statusModelResource: TemplateResource = {
  name: 'status_model',
  title: 'Statuses of an object',
  description:
    'The statuses of an object in this environment, their internal values and the states they mean.',
  mimeType: 'application/json',
  tool: 'describe_object',
  path: 'status/{object}',
  variables: { object: { pattern: OBJECT, complete: completeStatusObject } },
  ttlMs: SCHEMA_TTL_MS,
  async read({ object = '' }, context, uri) {
    const schema = await findSchema(object, context)
    if (!schema.ok) return schema
    const domain = schema.value.fields.get('status')?.domainId ?? null
    if (domain === null) return err(noStatus(schema.value.resource))
    const values = await statusList(domain, context)
    if (values.length === 0) return err(noDomain(domain))
    const meanings = STATES.find((one) => one.domain === domain)
    const table = {
      columns: COLUMNS,
      rows: values.map((value) => cells(value, meanings)),
      reading: `The statuses of ${schema.value.resource.toLowerCase()} (domain ${domain}).`,
      notes: [MOVES],
      untrusted: ['description'],
      maxTokens: MAX_TOKENS,
      whenCut: 'describe_object with the field "status" shows the first values.',
    }
    return ok(jsonAnswer(uri, tableAnswer(table, context)))
  },
}

const MOVES =
  'Which status a record may move to depends on the record and on who asks: get_work_order and plan_change say it, this list does not.'

const cells = (one: DomainValue, meanings: Meanings | undefined): readonly unknown[] => [
  ...[one.value, one.internal, one.description, one.isDefault, one.siteId],
  statesOf(one, meanings),
]

/** The states of the search tools that a value belongs to. */
const statesOf = ({ value, internal }: DomainValue, meanings: Meanings | undefined): readonly string[] =>
  Object.entries(meanings?.internal ?? {})
    .filter(([state, rules]) => rules.includes(internal ?? value) || meanings?.also?.[value] === state)
    .map(([state]) => state)

const noStatus = (object: string): ToolProblem => ({
  kind: 'not_found',
  what: `${visible(object)} has no status with a value list that you may see.`,
  why: null,
  next: 'describe_object with the object lists its fields.',
})
