import type { ChildSchema, FieldSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { expand, SCHEMA_PATH } from '../../resources/uri.ts'
import { originOf } from '../result/as-of.ts'
import { DEFAULT_TOKENS } from '../query/inputs.ts'
import { fitRows } from '../result/answer-text.ts'
import { visibleJson } from '../result/visible.ts'
import type { ResourceLink, ToolAnswer, ToolContext } from '../tool.ts'

export interface FieldsWanted {
  readonly keyword: string | undefined
  readonly detail: 'index' | 'fields' | 'full'
  readonly maxTokens?: number
}

const LEGEND = 'type(length); ! required, * has a value list, ~ calculated (cannot be filtered or sorted)'

/** An object structure: key, fields, child objects and relations, in as many words as were asked for. */
export function describeFields(schema: ObjectSchema, wanted: FieldsWanted, context: ToolContext): ToolAnswer {
  const fields = [...schema.fields.values()].filter((field) => isWanted(field, wanted.keyword))
  const columns = columnsOf(wanted.detail)
  const rows = fields.map((field) => cellsOf(field, wanted.detail))
  const { maxTokens = DEFAULT_TOKENS } = wanted
  const whole = wanted.maxTokens === undefined ? wholeOf(schema, context) : null
  const fitted = fitRows(rows, columns, { format: 'compact', maxTokens })
  const head = visibleJson({
    ...originOf(context),
    object: schema.resource.toLowerCase(),
    business_object: schema.objectName,
    description: schema.description,
    key: schema.key.join('/'),
    children: [...schema.children.values()].map((child) => childOf(child, wanted)),
    relations: [...schema.relations].map(([relation, object]) => `${relation} → ${object.toLowerCase()}`),
    legend: LEGEND,
    returned: fitted.returned,
    total: fields.length,
    complete: !fitted.isCut,
    ...(fitted.isCut && cutNote(whole)),
  })
  const text = `${head.slice(0, -1)},"cols":${visibleJson(columns)},"fields":[${fitted.text}]}`
  return { text, recordCount: fitted.returned, ...(fitted.isCut && whole !== null && { links: [whole] }) }
}

const cutNote = (whole: ResourceLink | null): object =>
  whole === null
    ? { notes: [`${CUT}.`] }
    : { notes: [`${CUT}; the resource at "whole" has them all.`], whole: whole.uri }

const CUT = 'Cut to fit: describe_object with a keyword shows the other fields'

/** The same as a resource, without that limit. */
const wholeOf = ({ resource }: ObjectSchema, { environment }: ToolContext): ResourceLink => ({
  uri: expand(environment.id, SCHEMA_PATH, { object: resource.toLowerCase() }),
  name: `${resource.toLowerCase()}.json`,
  title: 'All fields',
  mimeType: 'application/json',
})

/** What has no type of Maximo's own (`href`, `status_description`) comes along by itself and cannot be asked about. */
function isWanted(field: FieldSchema, keyword: string | undefined): boolean {
  if (field.subType === null) return false
  if (keyword === undefined) return true
  const word = keyword.toLowerCase()
  return field.name.includes(word) || (field.title ?? '').toLowerCase().includes(word)
}

function columnsOf(detail: FieldsWanted['detail']): readonly string[] {
  switch (detail) {
    case 'index':
      return ['name', 'type']
    case 'fields':
      return ['name', 'type', 'title', 'domain']
    case 'full':
      return ['name', 'type', 'title', 'domain', 'remarks']
  }
}

function cellsOf(field: FieldSchema, detail: FieldsWanted['detail']): readonly unknown[] {
  switch (detail) {
    case 'index':
      return [field.name, typeOf(field)]
    case 'fields':
      return [field.name, typeOf(field), field.title, field.domainId]
    case 'full':
      return [field.name, typeOf(field), field.title, field.domainId, field.remarks]
  }
}

/** `UPPER(16)!*`: Maximo's own type name, length, and what to know about the field. */
export function typeOf(field: FieldSchema): string {
  const length = field.maxLength === null ? '' : `(${field.maxLength})`
  const flags = `${field.isRequired ? '!' : ''}${field.hasList ? '*' : ''}${field.isPersistent ? '' : '~'}`
  return `${field.subType ?? field.kind}${length}${flags}`
}

/** In the index a child is its name; else its fields too. */
function childOf(child: ChildSchema, { detail }: FieldsWanted): unknown {
  if (detail === 'index' || child.fields === null) return child.name
  const fields = [...child.fields.values()]
  return {
    name: child.name,
    fields:
      detail === 'full'
        ? fields.map((field) => `${field.name} ${typeOf(field)}`)
        : fields.map(({ name }) => name),
  }
}
