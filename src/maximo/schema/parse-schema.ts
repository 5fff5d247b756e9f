import type { JsonObject } from '../json.ts'
import { isObject, listOf, textOf, wholeNumberOf } from '../json.ts'
import { domainOf, relationsOf, uniqueIdsOf } from './known.ts'
import type { ChildSchema, FieldKind, FieldSchema, ObjectSchema } from './object-schema.ts'

/**
 * Folds Maximo's draft-04 JSON schema (`/jsonschemas/{os}`, REST guide, jsonschema) into what we use of it.
 * Names that are no attribute names are dropped, so that every name that can reach a query is plain.
 * @returns null when this is no such schema.
 */
export const parseObjectSchema = (body: unknown, objectStructure: string): ObjectSchema | null => {
  if (!isObject(body) || !isObject(body['properties'])) return null
  const objectName = (textOf(body['title']) ?? objectStructure).toUpperCase()
  const level = parseLevel(body, objectName)
  return {
    resource: (textOf(body['resource']) ?? objectStructure).toUpperCase(),
    objectName,
    description: textOf(body['description']),
    key: keyOf(body, level.fields),
    uniqueId: uniqueIdsOf(objectName).find((name) => isNumbering(level.fields.get(name))) ?? null,
    relations: relationsOf(objectName),
    ...level,
  }
}

const isNumbering = (field: FieldSchema | undefined): boolean =>
  field !== undefined && field.isPersistent && field.subType === 'BIGINT'

/** Fields of a child whose parent's schema only names it (`/jsonschemas/{os}/{child}`). */
export const parseChildFields = (
  body: unknown,
  objectName: string,
): ReadonlyMap<string, FieldSchema> | null =>
  isObject(body) && isObject(body['properties']) ? parseLevel(body, objectName).fields : null

interface Level {
  readonly fields: ReadonlyMap<string, FieldSchema>
  readonly children: ReadonlyMap<string, ChildSchema>
}

const parseLevel = (body: JsonObject, objectName: string): Level => {
  const fields = new Map<string, FieldSchema>()
  const children = new Map<string, ChildSchema>()
  const required = new Set(listOf(body['required']))
  for (const [rawName, property] of Object.entries(isObject(body['properties']) ? body['properties'] : {})) {
    const name = rawName.toLowerCase()
    if (!isObject(property) || !ATTRIBUTE.test(name)) continue
    if (property['type'] === 'array') children.set(name, parseChild(name, property))
    else if (property['type'] !== 'object')
      fields.set(name, parseField(name, property, { objectName, isRequired: required.has(rawName) }))
  }
  return { fields, children }
}

const parseField = (
  name: string,
  property: JsonObject,
  { objectName, isRequired }: { readonly objectName: string; readonly isRequired: boolean },
): FieldSchema => {
  const subType = textOf(property['subType'])
  return {
    name,
    kind: kindOf(textOf(property['type']), subType),
    subType,
    title: textOf(property['title']),
    remarks: textOf(property['remarks']),
    maxLength: maxLengthOf(property, subType),
    // Pseudo attributes (`href`, `status_description`) have no sub-type and are no columns.
    isPersistent: subType !== null && property['persistent'] !== false,
    isRequired,
    hasList: property['hasList'] === true,
    domainId: domainOf(objectName, name),
  }
}

const parseChild = (name: string, property: JsonObject): ChildSchema => {
  const objectName = textOf(property['objectName'])?.toUpperCase() ?? null
  const relation = textOf(property['relation'])?.toLowerCase() ?? name
  const inlined = parseChildFields(property['items'], objectName ?? name.toUpperCase())
  return {
    name,
    relation: ATTRIBUTE.test(relation) ? relation : name,
    objectName,
    fields: inlined?.size === 0 ? null : inlined,
  }
}

/** People write `SITE/NUMBER`: what scopes the number goes first, revisions go last (`pk` has no order of its own). */
const keyOf = (body: JsonObject, fields: ReadonlyMap<string, FieldSchema>): readonly string[] => {
  const names = listOf(body['pk'])
    .map((name) => (typeof name === 'string' ? name.toLowerCase() : ''))
    .filter((name) => fields.has(name))
  const first = KEY_SCOPES.filter((name) => names.includes(name))
  const last = KEY_TAILS.filter((name) => names.includes(name))
  return [...first, ...names.filter((name) => !first.includes(name) && !last.includes(name)), ...last]
}

/** Only of text: on a DATETIME `maxLength` 10 means nothing. */
const maxLengthOf = (property: JsonObject, subType: string | null): number | null => {
  const length = wholeNumberOf(property['maxLength'])
  return length === null || length === 0 || !TEXT.has(subType ?? '') ? null : length
}

const kindOf = (type: string | null, subType: string | null): FieldKind => {
  if (subType !== null) return TEXT.has(subType) ? 'text' : (KINDS.get(subType) ?? 'unknown')
  return type === 'string' ? 'text' : (JSON_KINDS.get(type ?? '') ?? 'unknown')
}

export const KEY_SCOPES = ['orgid', 'siteid', 'itemsetid', 'class']
export const KEY_TAILS = ['revisionnum', 'pluscrevnum', 'linearassetmeterid']
const ATTRIBUTE = /^[a-z_][a-z0-9_]{0,63}$/
const TEXT: ReadonlySet<string> = new Set(['UPPER', 'LOWER', 'ALN', 'LONGALN', 'CLOB', 'GL'])
const KINDS = new Map<string, FieldKind>([
  ['BIGINT', 'integer'],
  ['INTEGER', 'integer'],
  ['SMALLINT', 'integer'],
  ['DECIMAL', 'number'],
  ['AMOUNT', 'number'],
  ['FLOAT', 'number'],
  ['DURATION', 'number'],
  ['YORN', 'boolean'],
  ['DATETIME', 'datetime'],
  ['DATE', 'date'],
  ['TIME', 'time'],
])
const JSON_KINDS = new Map<string, FieldKind>([
  ['integer', 'integer'],
  ['number', 'number'],
  ['boolean', 'boolean'],
])
