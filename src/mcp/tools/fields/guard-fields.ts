import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Attachment, MaximoCall, MaximoClient, RecordPage } from '../../../maximo/contract.ts'
import { ASSIGNMENTS } from '../../../maximo/inbox.ts'
import type { GroupQuery, Query, QueryProblem } from '../../../maximo/query/query.ts'
import { pagesOf } from '../../../maximo/records/pages.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { namesInFilter } from '../run/guarded-maximo.ts'
import type { FieldRules } from './field-policy.ts'
import { hiddenFrom } from './hidden-from.ts'
import { shownRecord, type Pseudonym } from './shown-values.ts'

const guarded = new WeakMap<MaximoClient, WeakMap<FieldRules, MaximoClient>>()

/**
 * A client that gives no hidden field and no masked value, whatever tool uses it: not in rows, groups, child rows or
 * schemas, and not by a filter or an order, which would tell by what is found. One per client and rules.
 */
export function guardFields(client: MaximoClient, rules: FieldRules, pseudonym: Pseudonym): MaximoClient {
  const ofClient = guarded.get(client) ?? new WeakMap<FieldRules, MaximoClient>()
  guarded.set(client, ofClient)
  const known = ofClient.get(rules) ?? guard(client, rules, pseudonym)
  ofClient.set(rules, known)
  return known
}

interface Guard {
  readonly client: MaximoClient
  readonly rules: FieldRules
  readonly pseudonym: Pseudonym
}

function guard(client: MaximoClient, rules: FieldRules, pseudonym: Pseudonym): MaximoClient {
  const own: Guard = { client, rules, pseudonym }
  const query: MaximoClient['query'] = async (asked, call) => {
    const schema = await client.schema(asked.objectStructure, call)
    const problems = problemsIn(namesInQuery(asked), namesThatTell(asked), schema, rules)
    return problems.length > 0 ? err(problems) : shownPage(await client.query(asked, call), schema, own)
  }
  return {
    ...client,
    ...guardAttachments(own),
    schema: async (name, call) => hiddenFrom(await client.schema(name, call), rules),
    query,
    preview: async (asked, call) => {
      const schema = await client.schema(asked.objectStructure, call)
      const problems = problemsIn(namesInQuery(asked), namesThatTell(asked), schema, rules)
      return problems.length > 0 ? err(problems) : client.preview(asked, call)
    },
    pages: (asked, call) => pagesOf(asked, (page) => query(page, call)),
    aggregate: (asked, call) => groups(asked, call, own),
    findRecord: async (ref, select, call) => {
      const schema = await client.schema(ref.objectStructure, call)
      const names = [...select.fields, ...childNames(select.children)]
      const problems = problemsIn(names, [], schema, rules)
      if (problems.length > 0) return err(problems)
      const found = await client.findRecord(ref, select, call)
      if (!found.ok || found.value === null) return found
      const record = shownRecord(found.value.record, { schema, rules, pseudonym, masked: new Set() })
      return ok({ record, schema: hiddenFrom(schema, rules) })
    },
    valueList: async (ref, field, call) => {
      const problems = problemsIn([field], [], await client.schema(ref.objectStructure, call), rules)
      return problems.length > 0 ? err(problems) : client.valueList(ref, field, call)
    },
    inbox: async (part, call) =>
      shownPage(await client.inbox(part, call), await client.schema(ASSIGNMENTS, call), own),
  }
}

function shownPage(
  page: Result<RecordPage, readonly QueryProblem[]>,
  schema: ObjectSchema,
  { rules, pseudonym }: Guard,
): Result<RecordPage, readonly QueryProblem[]> {
  if (!page.ok) return page
  const masked = new Set<string>()
  const records = page.value.records.map((record) =>
    shownRecord(record, { schema, rules, pseudonym, masked }),
  )
  const notes =
    masked.size === 0 ? [] : [`Masked by policy, the same value always alike: ${[...masked].join(', ')}.`]
  return ok({ ...page.value, records, notes: [...page.value.notes, ...notes] })
}

async function groups(
  asked: GroupQuery,
  call: MaximoCall,
  { client, rules, pseudonym }: Guard,
): ReturnType<MaximoClient['aggregate']> {
  const schema = await client.schema(asked.objectStructure, call)
  const metrics = asked.metrics.flatMap((metric) => (metric.kind === 'count' ? [] : [metric.field]))
  const telling = [...namesInFilter(asked), ...metrics]
  const problems = problemsIn([...asked.groupBy, ...telling], telling, schema, rules)
  if (problems.length > 0) return err(problems)
  const page = await client.aggregate(asked, call)
  if (!page.ok) return page
  const shown = ([name, value]: readonly [string, unknown]): readonly [string, unknown] => [
    name,
    actionIn(name, schema, rules) === 'mask' ? pseudonym(value) : value,
  ]
  const masked = page.value.groups.map((group) => ({
    ...group,
    by: Object.fromEntries(Object.entries(group.by).map(shown)),
  }))
  return ok({ ...page.value, groups: masked })
}

/** Attachments by the names that their fields have as rows of `doclinks`. */
const guardAttachments = ({
  client,
  rules,
  pseudonym,
}: Guard): Pick<MaximoClient, 'attachments' | 'attachment' | 'attachmentFile'> => {
  const shown = (object: string, one: Attachment): Attachment => {
    const text = (name: string, value: string | null): string | null => {
      const action = rules.actionOf(object.toUpperCase(), `doclinks.${name}`)
      if (action === 'hide') return null
      return action === 'mask' && value !== null ? String(pseudonym(value)) : value
    }
    const { createdBy, changedBy, description, title } = one
    return {
      ...one,
      createdBy: text('createby', createdBy),
      changedBy: text('changeby', changedBy),
      description: text('description', description),
      title: text('document', title),
    }
  }
  return {
    attachments: async (ref, call) => {
      const found = await client.attachments(ref, call)
      if (!found.ok || found.value === null) return found
      return ok(found.value.map((one) => shown(ref.objectStructure, one)))
    },
    attachment: async (ref, id, call) => {
      const found = await client.attachment(ref, id, call)
      return !found.ok || found.value === null ? found : ok(shown(ref.objectStructure, found.value))
    },
    attachmentFile: async (ref, id, call) => {
      const found = await client.attachmentFile(ref, id, call)
      if (!found.ok || found.value === null) return found
      return ok({ ...found.value, attachment: shown(ref.objectStructure, found.value.attachment) })
    },
  }
}

const childNames = (children: Query['select']['children'] = {}): readonly string[] =>
  Object.entries(children).flatMap(([child, fields]) =>
    fields.filter((field) => field !== '*').map((field) => `${child}.${field}`),
  )

const namesInQuery = (query: Query): readonly string[] => [
  ...query.select.fields,
  ...childNames(query.select.children),
  ...namesThatTell(query),
]

/** What decides which rows come, or in which order. */
const namesThatTell = (query: Query): readonly string[] => [
  ...namesInFilter(query),
  ...(query.orderBy ?? []).map(({ field }) => field),
]

/** The rule for a name as a query writes it; along a relation it is the rule of the object there. */
function actionIn(name: string, schema: ObjectSchema, rules: FieldRules): ReturnType<FieldRules['actionOf']> {
  const path = name.trim().toLowerCase()
  const [first = '', ...rest] = path.split('.')
  const own = rules.actionOf(schema.resource, path)
  const there = rest.length === 0 ? undefined : schema.relations.get(first)
  const behind = there === undefined ? null : rules.actionOf(there, rest.join('.'))
  return own === 'hide' || behind === 'hide' ? 'hide' : (own ?? behind)
}

function problemsIn(
  names: readonly string[],
  telling: readonly string[],
  schema: ObjectSchema,
  rules: FieldRules,
): readonly QueryProblem[] {
  const actions = new Map(names.map((name) => [name, actionIn(name, schema, rules)]))
  return [...actions].flatMap(([name, action]): readonly QueryProblem[] => {
    if (action === 'hide')
      return [
        problem(
          'unknown_field',
          name,
          `${schema.resource} has no field "${name.toLowerCase()}" that you may see.`,
        ),
      ]
    if (action !== 'mask' || !telling.includes(name)) return []
    const why = `"${name.toLowerCase()}" is masked by policy: it can be shown and grouped by, not filtered or sorted.`
    return [problem('not_filterable', name, why)]
  })
}

const problem = (reason: QueryProblem['reason'], path: string, message: string): QueryProblem => ({
  reason,
  path,
  message,
  suggestions: [],
})
