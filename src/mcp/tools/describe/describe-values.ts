import type { DomainValue } from '../../../maximo/contract.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import { MAX_VALUES } from '../../../maximo/records/every-value.ts'
import type { FieldSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { originOf } from '../result/as-of.ts'
import { DEFAULT_TOKENS } from '../query/inputs.ts'
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
  const listed = await valuesOf(field, context)
  const { values } = listed
  const fitted = fitRows(values.map(cells), COLUMNS, { format: 'compact', maxTokens: DEFAULT_TOKENS })
  const head = visibleJson({
    ...originOf(context),
    object: schema.resource.toLowerCase(),
    field: field.name,
    type: typeOf(field),
    title: field.title,
    remarks: field.remarks,
    domain: field.domainId,
    ...notes(field, listed, fitted.isCut),
    returned: fitted.returned,
    total: listed.tooMany === null ? values.length : null,
    complete: !fitted.isCut && listed.tooMany === null && !isListUnknown(field),
  })
  const text = `${head.slice(0, -1)},"cols":${visibleJson(COLUMNS)},"values":[${fitted.text}]}`
  return { text, recordCount: fitted.returned }
}

interface Listed {
  readonly values: readonly DomainValue[]
  /** The object whose records the values are, where they are too many to be read at once. */
  readonly tooMany: string | null
}

async function valuesOf({ domainId }: FieldSchema, { maximo, call }: ToolContext): Promise<Listed> {
  if (domainId === null) return { values: [], tooMany: null }
  try {
    return { values: await maximo.domainValues(domainId, call), tooMany: null }
  } catch (error) {
    if (!(error instanceof MaximoFault && error.detail === 'domain')) throw error
    return { values: [], tooMany: error.objectStructure }
  }
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
  { values, tooMany }: Listed,
  isCut: boolean,
): { readonly notes?: readonly string[] } {
  const said: string[] = []
  if (isListUnknown(field))
    said.push(
      'It has a value list, but Maximo does not say which: aggregate_records grouped by it shows the values in use.',
    )
  if (!field.hasList && field.domainId === null) said.push('It has no value list.')
  if (field.domainId !== null && tooMany === null && values.length === 0)
    said.push('Its value list cannot be read or is empty.')
  if (tooMany !== null) said.push(`It has more than ${MAX_VALUES} values. ${allOf(tooMany, field)}`)
  if (isCut) said.push(`Cut to fit. ${allOf(recordsOf(values), field)}`)
  return said.length === 0 ? {} : { notes: said }
}

/** Synonyms have internal values, and the others none. */
const recordsOf = (values: readonly DomainValue[]): string =>
  values.some(({ internal }) => internal !== null) ? 'MXAPISYNONYMDOMAIN' : 'MXAPIALNDOMAIN'

const allOf = (objectStructure: string, { domainId }: FieldSchema): string =>
  `query_records pages through all: object ${objectStructure.toLowerCase()}, site "*", filter domainid eq ${domainId ?? ''}.`
