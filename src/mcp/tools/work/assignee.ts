import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { queryProblem } from '../read/problems.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const PERSONS = 'MXAPIPERSON'
/** Where Maximo writes who does a work order. */
const PERSON_FIELDS = ['lead', 'owner']
const CREW_FIELD = 'crewid'
const MAX_NAMESAKES = 5

/** Any one of these must hold: the work order is led or owned by the person, or is the crew's. */
export async function assignedTo(
  asked: string,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  const name = asked.trim()
  if (name.toLowerCase() === 'me') return assignedToMe(schema, context)
  const id = name.includes(' ') ? await personByName(name, context) : ok(name.toUpperCase())
  return id.ok ? ok(heldBy(id.value, [...PERSON_FIELDS, CREW_FIELD], schema)) : id
}

/** Nobody leads or owns it, and no crew has it. */
export const unassigned = (schema: ObjectSchema): readonly Condition[] =>
  [...PERSON_FIELDS, CREW_FIELD]
    .filter((field) => schema.fields.has(field))
    .map((field) => ({ field, op: 'null' }))

const heldBy = (id: string, fields: readonly string[], schema: ObjectSchema): readonly Condition[] =>
  fields.filter((field) => schema.fields.has(field)).map((field) => ({ field, op: 'eq', value: id }))

async function assignedToMe(
  schema: ObjectSchema,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  const { personId } = await whoAmI(context)
  if (personId !== null) return ok(heldBy(personId, PERSON_FIELDS, schema))
  return err({
    kind: 'not_found',
    what: 'The Maximo user of this connection has no person record, so "me" is nobody.',
    why: null,
    next: 'Give a person id or a crew in assigned_to.',
  })
}

async function personByName(name: string, context: ToolContext): Promise<Result<string, ToolProblem>> {
  const found = await context.maximo.query(
    {
      objectStructure: PERSONS,
      all: [{ field: 'displayname', op: 'contains', value: name }],
      select: { fields: ['personid', 'displayname'] },
      pageSize: MAX_NAMESAKES,
    },
    context.call,
  )
  if (!found.ok) return err(queryProblem(found.error, PERSONS))
  const ids = found.value.records.map(({ values }) => String(values['personid']))
  const [only] = ids
  if (only !== undefined && ids.length === 1) return ok(only)
  return err({
    kind: ids.length === 0 ? 'not_found' : 'ambiguous',
    what:
      ids.length === 0
        ? `No person is called "${visible(name)}".`
        : `More than one person is called "${visible(name)}".`,
    why: null,
    next:
      ids.length === 0
        ? 'Give a person id or a crew in assigned_to.'
        : `Give one of these ids: ${ids.map(visible).join(', ')}.`,
  })
}
