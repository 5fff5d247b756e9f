import type { DomainValue } from '../../../maximo/contract.ts'
import type { FieldSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { originOf } from '../as-of.ts'
import { DEFAULT_TOKENS } from '../inputs.ts'
import { fitRows } from '../result/answer-text.ts'
import { visibleJson } from '../result/visible.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'
import { typeOf } from './describe-fields.ts'

const COLUMNS = ['value', 'internal', 'description', 'site']

/** One field and, where its value list is known, the values with their internal values. */
export async function describeValues(
  field: FieldSchema,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<ToolAnswer> {
  const values =
    field.domainId === null ? [] : await context.maximo.domainValues(field.domainId, context.call)
  const fitted = fitRows(values.map(cells), COLUMNS, { format: 'compact', maxTokens: DEFAULT_TOKENS })
  const head = visibleJson({
    ...originOf(context),
    object: schema.resource.toLowerCase(),
    field: field.name,
    type: typeOf(field),
    title: field.title,
    remarks: field.remarks,
    domain: field.domainId,
    ...notes(field, values, fitted.isCut),
    returned: fitted.returned,
    total: values.length,
    complete: !fitted.isCut && !isListUnknown(field),
  })
  const text = `${head.slice(0, -1)},"cols":${visibleJson(COLUMNS)},"values":[${fitted.text}]}`
  return { text, recordCount: fitted.returned }
}

const cells = ({ value, internal, description, siteId }: DomainValue): readonly unknown[] => [
  value,
  internal,
  description,
  siteId,
]

const isListUnknown = (field: FieldSchema): boolean => field.hasList && field.domainId === null

function notes(
  field: FieldSchema,
  values: readonly DomainValue[],
  isCut: boolean,
): { readonly notes?: readonly string[] } {
  const said: string[] = []
  if (isListUnknown(field))
    said.push(
      'It has a value list, but Maximo does not say which: aggregate_records grouped by it shows the values in use.',
    )
  if (!field.hasList && field.domainId === null) said.push('It has no value list.')
  if (field.domainId !== null && values.length === 0) said.push('Its value list cannot be read or is empty.')
  if (isCut) said.push('Cut to fit.')
  return said.length === 0 ? {} : { notes: said }
}
