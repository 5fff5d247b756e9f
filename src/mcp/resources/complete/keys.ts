import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { chooseSite } from '../../tools/read/site.ts'
import type { ToolContext } from '../../tools/tool.ts'
import type { Complete } from '../resource.ts'
import { readable } from './objects.ts'

const MAX_KEYS = 20
/** From here on a beginning says enough to look for. */
const MIN_TYPED = 2
/** What records are numbered with; anything else begins none. */
const NUMBER = /^[A-Za-z0-9_.-]{1,30}$/

/** Keys of records of the object given before, by the beginning of their number: `10` or `BEDFORD/10`. */
export const completeKey: Complete = async (typed, { object = '' }, context) => {
  if (!/^\w{1,60}$/.test(object)) return []
  const schema = await readable(() => context.maximo.schema(object, context.call))
  return schema === null ? [] : keysOf(typed, schema, context)
}

/** The numbers of one object alone, as its tools take them. */
export const completeNumberOf =
  (objectStructure: string, field: string): Complete =>
  async (typed, { site }, context) => {
    const schema = await readable(() => context.maximo.schema(objectStructure, context.call))
    if (schema === null || !schema.fields.has(field)) return []
    const found = await begin({ typed, field, site: site === '' ? undefined : site, schema }, context)
    return [...new Set(found.map((values) => String(values[field])))]
  }

async function keysOf(typed: string, schema: ObjectSchema, context: ToolContext): Promise<readonly string[]> {
  const [first = '', ...rest] = typed.trim().split('/')
  const field = schema.key.find((name) => name !== 'siteid' && name !== 'orgid')
  if (field === undefined || rest.length > 1) return []
  const hasSite = rest.length === 1 && schema.key.includes('siteid')
  const asked = { typed: rest[0] ?? first, field, site: hasSite ? first : undefined, schema }
  const found = await begin(asked, context)
  return [...new Set(found.map((values) => schema.key.map((name) => String(values[name])).join('/')))]
}

interface Beginning {
  readonly typed: string
  readonly field: string
  readonly site: string | undefined
  readonly schema: ObjectSchema
}

type Row = Readonly<Record<string, unknown>>

/** Rows whose number begins so, at the site that was given, else at the default site. */
async function begin(
  { typed, field, site, schema }: Beginning,
  context: ToolContext,
): Promise<readonly Row[]> {
  const number = typed.trim()
  if (number.length < MIN_TYPED || !NUMBER.test(number)) return []
  const where = await chooseSite(site, { schema, filtered: [] }, context)
  const begins: Condition = { field, op: 'starts', value: number.toUpperCase() }
  const page = await readable(() =>
    context.maximo.query(
      {
        objectStructure: schema.resource,
        all: [begins, ...where.conditions],
        select: { fields: [...new Set([...schema.key, field])] },
        orderBy: [{ field, direction: 'asc' }],
        pageSize: MAX_KEYS,
      },
      context.call,
    ),
  )
  return page === null || !page.ok ? [] : page.value.records.map(({ values }) => values)
}
