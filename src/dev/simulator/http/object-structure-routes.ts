import { assertMayRead, assertMayWrite, inSitesOf } from '../auth/rights.ts'
import { domainRows } from '../domain-values.ts'
import {
  methodNotSupported,
  noSuchObjectStructure,
  noSuchRelationship,
  noSuchResource,
  notSimulated,
} from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { looseRows } from '../plant/row-source.ts'
import { narrowest } from '../query/narrowest.ts'
import { savedWhere } from '../query/saved-query.ts'
import { relatedRows } from '../related-rows.ts'
import { namespaced } from '../render/json.ts'
import { childKey, findById, resourceId } from '../resource-id.ts'
import { findObjectStructure, findRelationship, mboNamed } from '../schema/catalog.ts'
import { objectSchema } from '../schema/json-schema.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { ObjectStructure } from '../schema/object-structures.ts'
import type { Relationship } from '../schema/relationships.ts'
import type { SelectItem } from '../select/parse-select.ts'
import { rowTest, type Condition } from '../where/condition.ts'
import { deleteRecord } from '../write/delete-record.ts'
import { answerAction } from './action-routes.ts'
import { answerAttachments } from './attachment-routes.ts'
import { answerCollection, readSelect, renderMember, type Collection } from './collection.ts'
import { answer, hrefsOf, scopeOf, type Answer, type Exchange } from './exchange.ts'
import { operationOf, type Operation } from './operation.ts'
import { savingOf, transacted } from './write-context.ts'
import { writeCollection, writeMember, type WriteTarget } from './write-routes.ts'

/** The object structure named in a path, which the user may read. @throws BmxError 404 or BMXAA9301E. */
export function readableStructure(name: string, exchange: Exchange): ObjectStructure {
  const structure = findObjectStructure(name)
  const isAbsent = exchange.instance.rules.absentStructures.includes(name.toUpperCase())
  if (structure === null || isAbsent) throw noSuchObjectStructure(name)
  assertMayRead(exchange.user, structure)
  return structure
}

/** `os/{os}`, `os/{os}/{id}`, `os/{os}/{id}/{relation}`, `os/{os}/{id}/{relation}/{localref}`. */
export function answerObjectStructure(exchange: Exchange): Answer {
  const [, name = '', id] = exchange.segments
  const structure = readableStructure(name, exchange)
  const collection = rootCollection(exchange, { structure, path: `os/${name}` })
  const operation = operationOf(exchange)
  const target = { structure, collection }
  if (id !== undefined) return answerRecord(exchange, { target, id, operation })
  return operation === 'read'
    ? answerCollection(exchange, collection)
    : writeCollection(exchange, target, operation)
}

function answerRecord(
  exchange: Exchange,
  at: { readonly target: WriteTarget; readonly id: string; readonly operation: Operation },
): Answer {
  const { target, operation } = at
  const { structure, collection: root } = target
  const [, , , relation, child, ...more] = exchange.segments
  const row = findById(exchange.instance.plant, root.mbo, at.id)
  if (row === null || !rowTest(root.shown)(row)) throw noSuchResource(at.id)
  if (relation?.toLowerCase() === 'doclinks') {
    const rest = exchange.segments.slice(DOCLINKS_DEPTH)
    return answerAttachments(exchange, { target, row, rest, operation })
  }
  if (more.length > 0) throw noSuchResource(at.id)
  if (relation !== undefined) {
    return answerRelated(exchange, { structure, root, row, relation, child, operation })
  }
  const action = exchange.parameters.get('action')
  if (action !== null) return answerAction(exchange, target, { row, action })
  return operation === 'read'
    ? answerMember(exchange, root, row)
    : writeMember(exchange, target, { row, operation })
}

/** Segments before what stands below `doclinks`. */
const DOCLINKS_DEPTH = 4

function rootCollection(exchange: Exchange, at: { structure: ObjectStructure; path: string }): Collection {
  const { structure, path } = at
  const mbo = mboNamed(structure.mbo)
  return {
    mbo,
    path,
    candidates: (terms) => narrowest(exchange.instance.plant, mbo, { terms, dates: scopeOf(exchange) }),
    saved: savedWhere(exchange.parameters, structure),
    shown: { every: [inSitesOf(exchange.user), ...kindOf(structure)] },
    levelOf: (row) => ({ mbo, path: `${path}/${resourceId(mbo, row)}`, children: structure.children }),
    schema: (select) =>
      objectSchema(structure, {
        select,
        hrefTo: hrefsOf(exchange).to,
        lengths: exchange.instance.rules.lengths,
      }),
  }
}

/** Which records of the table are those of the object structure. */
const kindOf = ({ only }: ObjectStructure): Condition[] =>
  Object.entries(only).map(([attribute, wanted]) => ({ attribute, test: (value) => value === wanted }))

/** All that a relation gives. */
const ALL: Condition = { every: [] }

const EVERYTHING: SelectItem = { path: ['*'], alias: null, inner: null }

/** A member without a select is shown whole. */
function answerMember(exchange: Exchange, collection: Collection, row: Row, index = 0): Answer {
  const member = renderMember(exchange, { collection, row, index }, readSelect(exchange) ?? [EVERYTHING])
  return answer(exchange.isLean ? member : namespaced(member))
}

interface RelatedRequest {
  readonly structure: ObjectStructure
  readonly root: Collection
  readonly row: Row
  /** `woactivity`, or `asset.mxapiasset`: rendered through another object structure. */
  readonly relation: string
  /** `<index>-<unique id>` of a localref. */
  readonly child: string | undefined
  readonly operation: Operation
}

function answerRelated(exchange: Exchange, request: RelatedRequest): Answer {
  const [name = '', through] = request.relation.split('.')
  const parentPath = request.root.levelOf(request.row, 0).path
  if (request.operation !== 'read') return writeRelated(exchange, request)
  if (name.startsWith(VALUE_LIST)) return answerValueList(exchange, request, name.slice(VALUE_LIST.length))
  const relationship = findRelationship(request.root.mbo.name, name)
  if (relationship === null) throw noSuchRelationship(name, request.root.mbo.name)
  const rows = relatedRows(exchange.instance.plant, request.row, relationship)
  if (through !== undefined)
    return throughStructure(exchange, { through, relationship, rows, request, parentPath })
  const collection = childCollection(exchange, { request, relationship, rows, parentPath })
  if (request.child === undefined) return answerCollection(exchange, collection)
  const index = indexOf(request.child, rows, collection.mbo)
  const child = rows[index]
  if (child === undefined) throw noSuchResource(request.child)
  return answerMember(exchange, collection, child, index)
}

/** A child row is deleted under its localref; every other write goes through its parent. */
function writeRelated(exchange: Exchange, request: RelatedRequest): Answer {
  const relationship = findRelationship(request.root.mbo.name, request.relation)
  if (relationship === null) throw noSuchRelationship(request.relation, request.root.mbo.name)
  const mbo = mboNamed(relationship.to)
  const rows = relatedRows(exchange.instance.plant, request.row, relationship)
  if (request.child === undefined) throw methodNotSupported(`${request.operation} on child records`)
  const child = rows[indexOf(request.child, rows, mbo)]
  if (child === undefined) throw noSuchResource(request.child)
  if (request.operation !== 'delete') throw notSimulated('a change under the address of a child')
  assertMayWrite(exchange.user, request.structure, 'DELETE')
  return transacted(exchange, () => {
    deleteRecord(mbo, child, savingOf(exchange))
    return { status: 200 }
  })
}

const VALUE_LIST = 'getlist~'

/** `getlist~<attribute>`: the values an attribute of this record may take, its site's own included. */
function answerValueList(exchange: Exchange, request: RelatedRequest, name: string): Answer {
  const attribute = request.root.mbo.attributes.get(name.toLowerCase())
  const domain = attribute?.domain ?? null
  if (domain === null) throw noSuchResource(`${VALUE_LIST}${name}`)
  const siteid = request.row['siteid']
  const rows = domainRows(exchange.instance.plant, domain)
  const table = mboNamed(rows[0]?.['maxvalue'] === undefined ? 'ALNDOMAIN' : 'SYNONYMDOMAIN')
  const path = `${request.root.levelOf(request.row, 0).path}/${VALUE_LIST}${name}`
  return answerCollection(exchange, {
    mbo: table,
    candidates: () =>
      looseRows(rows.filter((row) => row['siteid'] === undefined || row['siteid'] === siteid)),
    path,
    saved: null,
    shown: ALL,
    levelOf: (_row, index) => ({ mbo: table, path: `${path}/${index}`, children: [] }),
  })
}

function indexOf(localref: string, rows: readonly Row[], mbo: Mbo): number {
  const [, uniqueId] = /^\d+-(\d+)$/.exec(localref) ?? []
  return rows.findIndex((row) => String(row[mbo.uniqueId]) === uniqueId)
}

interface Related {
  readonly request: RelatedRequest
  readonly relationship: Relationship
  readonly rows: readonly Row[]
  readonly parentPath: string
}

function childCollection(exchange: Exchange, related: Related): Collection {
  const { request, relationship, rows, parentPath } = related
  const mbo = mboNamed(relationship.to)
  const node = request.structure.children.find((child) => child.relation === relationship.name)
  const path = `${parentPath}/${relationship.name.toLowerCase()}`
  const pathOf = (row: Row, index: number): string => `${path}/${index}-${String(row[mbo.uniqueId])}`
  return {
    mbo,
    candidates: () => looseRows(rows),
    path,
    saved: null,
    shown: ALL,
    levelOf: (row, index) => ({ mbo, path: pathOf(row, index), children: [] }),
    identityOf: (row, index) => ({
      localref: hrefsOf(exchange).to(pathOf(row, index)),
      href: childKey(request.root.mbo, node?.objectName ?? mbo.name, { mbo, row }),
    }),
  }
}

function throughStructure(exchange: Exchange, related: Related & { readonly through: string }): Answer {
  const structure = readableStructure(related.through, exchange)
  if (structure.mbo !== related.relationship.to) throw noSuchRelationship(related.through, structure.mbo)
  const mbo = mboNamed(structure.mbo)
  return answerCollection(exchange, {
    mbo,
    candidates: () => looseRows(related.rows),
    path: `${related.parentPath}/${related.request.relation}`,
    saved: null,
    shown: ALL,
    levelOf: (row) => ({
      mbo,
      path: `os/${structure.name.toLowerCase()}/${resourceId(mbo, row)}`,
      children: structure.children,
    }),
  })
}
