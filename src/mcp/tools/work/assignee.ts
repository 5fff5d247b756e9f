import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { queryProblem } from '../read/problems.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const PERSONS = 'MXAPIPERSON'
const MAX_NAMESAKES = 5

interface Held {
  readonly fields: readonly string[]
  /** Where a crew stands, which a name without blanks may also be. */
  readonly crewField: string | null
  readonly schema: ObjectSchema
}

/** Any one of these must hold: a field names the person ("me", an id, or a whole name), or the crew. */
export async function heldByPerson(
  asked: string,
  { fields, crewField, schema }: Held,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  const name = asked.trim()
  if (name.toLowerCase() === 'me') {
    const me = await myPerson(context)
    return me.ok ? ok(equalTo(me.value, fields, schema)) : me
  }
  const id = name.includes(' ') ? await personByName(name, context) : ok(name.toUpperCase())
  const all = crewField === null ? fields : [...fields, crewField]
  return id.ok ? ok(equalTo(id.value, all, schema)) : id
}

const equalTo = (id: string, fields: readonly string[], schema: ObjectSchema): readonly Condition[] =>
  fields.filter((field) => schema.fields.has(field)).map((field) => ({ field, op: 'eq', value: id }))

async function myPerson(context: ToolContext): Promise<Result<string, ToolProblem>> {
  const { personId } = await whoAmI(context)
  if (personId !== null) return ok(personId)
  return err({
    kind: 'not_found',
    what: 'The Maximo user of this connection has no person record, so "me" is nobody.',
    why: null,
    next: 'Give a person id instead.',
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
        ? 'Give a person id instead of the name.'
        : `Give one of these ids: ${ids.map(visible).join(', ')}.`,
  })
}
