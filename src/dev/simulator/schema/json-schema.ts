import type { JsonObject } from '../render/json.ts'
import type { SelectItem } from '../select/parse-select.ts'
import { kindOf, type Attribute } from './attribute.ts'
import { findRelationship, mboNamed } from './catalog.ts'
import type { Mbo } from './mbo.ts'
import type { ChildNode, ObjectStructure } from './object-structures.ts'

export interface SchemaRequest {
  /** Null: every attribute, children by reference. */
  readonly select: readonly SelectItem[] | null
  /** Address of a schema below the prefix. */
  readonly hrefTo: (path: string) => string
  /** Maximum lengths of this version, where they differ from the tables. */
  readonly lengths: Readonly<Record<string, number>>
}

/** The draft-04 schema of an object structure (maximo-api §6.2). */
export function objectSchema(structure: ObjectStructure, request: SchemaRequest): JsonObject {
  const mbo = mboNamed(structure.mbo)
  const path = `jsonschemas/${structure.name.toLowerCase()}`
  const children = structure.children
    .filter((child) => isWanted(request.select, child.name))
    .map((child) => [child.name, childProperty(mbo, child, { path, request })] as const)
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    resource: structure.name,
    description: structure.description,
    ...levelSchema(mbo, request),
    $ref: request.hrefTo(path),
    properties: { ...levelProperties(mbo, request), ...Object.fromEntries(children) },
  }
}

/** The schema of one child, as its own document; null when the object structure has no such child. */
export function childSchema(
  structure: ObjectStructure,
  name: string,
  request: SchemaRequest,
): JsonObject | null {
  const child = structure.children.find((node) => node.name === name.toLowerCase())
  if (child === undefined) return null
  const mbo = childMbo(mboNamed(structure.mbo), child)
  return {
    $schema: 'http://json-schema.org/draft-04/schema#',
    resource: structure.name,
    ...levelSchema(mbo, { ...request, select: null }),
    $ref: request.hrefTo(`jsonschemas/${structure.name.toLowerCase()}/${child.name}`),
    properties: levelProperties(mbo, { ...request, select: null }),
  }
}

/** A schema at query time lists only what was selected. */
const isWanted = (select: readonly SelectItem[] | null, name: string): boolean =>
  select === null || select.some(({ path }) => path.length === 1 && (path[0] === name || path[0] === '*'))

const selectedAttributes = (mbo: Mbo, select: readonly SelectItem[] | null): Attribute[] =>
  [...mbo.attributes.values()].filter(({ name }) => isWanted(select, name))

function levelSchema(mbo: Mbo, request: SchemaRequest): JsonObject {
  const attributes = selectedAttributes(mbo, request.select)
  return {
    title: mbo.name,
    pk: mbo.key,
    type: 'object',
    required: attributes.filter(({ required }) => required).map(({ name }) => name),
  }
}

function levelProperties(mbo: Mbo, { select, lengths }: SchemaRequest): JsonObject {
  const attributes = selectedAttributes(mbo, select)
  const companions = attributes.filter(({ domain }) => domain !== null)
  return {
    href: { type: 'string' },
    localref: { type: 'string' },
    _rowstamp: { type: 'string' },
    ...Object.fromEntries(companions.map(({ name }) => [`${name}_description`, { type: 'string' }])),
    ...Object.fromEntries(
      attributes.map((attribute) => [attribute.name, attributeProperty(attribute, lengths)]),
    ),
  }
}

const TYPES = { text: 'string', datetime: 'string', date: 'string', boolean: 'boolean' } as const

function attributeProperty(attribute: Attribute, lengths: SchemaRequest['lengths']): JsonObject {
  const { subType, title, length, persistent, scale, hasList } = attribute
  return {
    title,
    remarks: `${title}.`,
    type: typeOf(attribute),
    subType,
    searchType: searchTypeOf(attribute),
    maxLength: lengths[attribute.name] ?? length,
    persistent,
    ...(scale > 0 ? { scale } : {}),
    ...(hasList ? { hasList } : {}),
  }
}

const WHOLE = new Set(['BIGINT', 'INTEGER', 'SMALLINT'])

function typeOf(attribute: Attribute): string {
  const kind = kindOf(attribute)
  if (kind !== 'number') return TYPES[kind]
  return WHOLE.has(attribute.subType) ? 'integer' : 'number'
}

function searchTypeOf({ persistent, subType, name }: Attribute): string {
  if (!persistent) return 'NONE'
  if (name === 'description') return 'TEXT'
  return subType === 'UPPER' || subType === 'ALN' ? 'WILDCARD' : 'EXACT'
}

function childProperty(
  parent: Mbo,
  child: ChildNode,
  from: { readonly path: string; readonly request: SchemaRequest },
): JsonObject {
  const mbo = childMbo(parent, child)
  const chosen = from.request.select?.find(({ path }) => path[0] === child.name)
  const isInline = from.request.select !== null
  const definition = isInline
    ? {
        properties: levelProperties(mbo, { ...from.request, select: chosen?.inner ?? null }),
        ...levelSchema(mbo, from.request),
      }
    : { subSchema: { $ref: from.request.hrefTo(`${from.path}/${child.name}`) } }
  return {
    type: 'array',
    items: { type: 'object', ...(isInline ? definition : { definition }) },
    relation: child.relation,
    cardinality: 'MULTIPLE',
    objectName: child.objectName,
  }
}

function childMbo(parent: Mbo, child: ChildNode): Mbo {
  const relationship = findRelationship(parent.name, child.relation)
  if (relationship === null) throw new Error(`no relationship ${child.relation} on ${parent.name}`)
  return mboNamed(relationship.to)
}
