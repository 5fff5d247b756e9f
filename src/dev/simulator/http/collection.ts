import type { Row } from '../plant/plant.ts'
import type { RowSource } from '../plant/row-source.ts'
import { filterRows, type Found } from '../query/filter-rows.ts'
import { groupRows } from '../query/group-by.ts'
import { parseOrder, positionOrder } from '../query/order-by.ts'
import { pageQuery, readPage, type Page } from '../query/paging.ts'
import { sliceInOrder } from '../query/slice-in-order.ts'
import { namespaced, type Json, type JsonObject } from '../render/json.ts'
import { renderSelected } from '../render/member.ts'
import type { RenderContext } from '../render/render-context.ts'
import type { Level } from '../render/task.ts'
import type { Mbo } from '../schema/mbo.ts'
import { parseSelect, type SelectItem } from '../select/parse-select.ts'
import { formatInstant } from '../time-zone.ts'
import type { Condition } from '../where/condition.ts'
import type { Term } from '../where/parse-where.ts'
import { queryable } from '../where/predicate.ts'
import { kindOf } from '../schema/attribute.ts'
import { answer, renderContextOf, scopeOf, type Answer, type Exchange } from './exchange.ts'

/** A set of rows that is asked for as a collection: of an object structure, or related to one record. */
export interface Collection {
  readonly mbo: Mbo
  /** The rows among which all that satisfy these ANDed terms are. */
  readonly candidates: (terms: readonly Term[]) => RowSource
  /** Path below the prefix, `os/mxapiasset`. */
  readonly path: string
  readonly saved: string | null
  /** Which of them belong to what this user sees. */
  readonly shown: Condition
  levelOf(row: Row, index: number): Level
  /** What identifies the member besides its path, for child rows. */
  identityOf?(row: Row, index: number): JsonObject
  schema?(select: readonly SelectItem[] | null): JsonObject
}

/** Answers a collection: a count, distinct values, groups, or a page of members in the envelope of maximo-api §2.1. */
export function answerCollection(exchange: Exchange, collection: Collection): Answer {
  const { parameters, instance } = exchange
  const scope = scopeOf(exchange)
  const found = filterRows(parameters, { ...collection, scope })
  if (parameters.has('count')) {
    const { length } = found.positions
    return answer(exchange.isLean ? { totalCount: length } : { 'oslc:totalCount': length })
  }
  const distinct = parameters.get('distinct')
  if (distinct !== null) return answer(distinctValues(found, distinct, { exchange, mbo: collection.mbo }))
  if (parameters.get('gbcols') !== null) {
    const grouping = { mbo: collection.mbo, rules: instance.rules, zone: exchange.user.timezone }
    const href = renderContextOf(exchange).hrefs.to(collection.path)
    return answer(groupRows(rowsAt(found), parameters, { ...grouping, href }))
  }
  return answer(envelope(exchange, collection, found))
}

function distinctValues(found: Found, name: string, from: { exchange: Exchange; mbo: Mbo }): Json {
  const attribute = queryable(name, from.mbo, from.exchange.instance.rules)
  const column = found.source.column(attribute.name)
  const values = found.positions.map((position) => column[position]).filter((value) => value !== undefined)
  const unique = [...new Set(values)].toSorted()
  if (kindOf(attribute) !== 'datetime') return unique
  return unique.map((value) => formatInstant(Number(value), from.exchange.user.timezone))
}

function envelope(exchange: Exchange, collection: Collection, found: Found): JsonObject {
  const shown = shownOf(exchange, collection.mbo, found)
  const select = readSelect(exchange)
  const context = renderContextOf(exchange)
  const members = shown.rows.map((row, index) =>
    renderMember(exchange, { collection, row, index: shown.start + index }, select, context),
  )
  const href = context.hrefs.to(collection.path)
  const info = responseInfo(exchange, { ...shown, collection, href, select })
  return exchange.isLean
    ? { member: members, href, responseInfo: info }
    : { 'rdfs:member': members.map(namespaced), 'rdf:about': href, 'oslc:responseInfo': namespacedInfo(info) }
}

/** Which of the rows are shown. */
interface Shown {
  readonly rows: readonly Row[]
  readonly start: number
  readonly page: Page | null
  readonly found: number
  /** By which further pages are asked for; null: by number. */
  readonly stableId: string | null
}

function shownOf(exchange: Exchange, mbo: Mbo, all: Found): Shown {
  const { parameters, instance } = exchange
  const found = all.positions.length
  const page = readPage(parameters, found, instance.rules)
  const start = page === null ? 0 : (page.number - 1) * page.size
  const stableId = parameters.get('stableId')
  if (page !== null && stableId !== null) {
    const kept = instance.stableSets.take(exchange.sessionId, stableId, page.number)
    return { ...kept, start, page, stableId }
  }
  if (page?.number === 1 && parameters.has('stablepaging') && found > page.size) {
    const rows = inOrder(exchange, mbo, all, { start: 0, end: found })
    const opened = instance.stableSets.open(exchange.sessionId, rows, page.size)
    return { rows: rows.slice(0, page.size), start, page, found, stableId: opened }
  }
  const end = page === null ? found : start + page.size
  return { rows: inOrder(exchange, mbo, all, { start, end }), start, page, found, stableId: null }
}

/** A part of the rows, in the order that was asked for. */
function inOrder(
  { parameters, instance }: Exchange,
  mbo: Mbo,
  found: Found,
  part: { readonly start: number; readonly end: number },
): Row[] {
  const order = parameters.get('oslc.orderBy')
  const { source, positions } = found
  if (order === null) return rowsAt({ source, positions: positions.slice(part.start, part.end) })
  const compare = positionOrder(parseOrder(order), source, { mbo, rules: instance.rules })
  return rowsAt({ source, positions: sliceInOrder(positions, compare, part) })
}

const rowsAt = ({ source, positions }: Found): Row[] =>
  positions.map((position) => source.rows[position]).filter((row) => row !== undefined)

/** `oslc.select`, or on members its older name `oslc.properties`. */
export function readSelect({ parameters }: Exchange): SelectItem[] | null {
  const text = parameters.get('oslc.select') ?? parameters.get('oslc.properties')
  return text === null || text === '' ? null : parseSelect(text)
}

/** One member: without a select its address alone. */
export function renderMember(
  exchange: Exchange,
  at: { readonly collection: Collection; readonly row: Row; readonly index: number },
  select: readonly SelectItem[] | null,
  context: RenderContext = renderContextOf(exchange),
): JsonObject {
  const level = at.collection.levelOf(at.row, at.index)
  const identity = at.collection.identityOf?.(at.row, at.index) ?? { href: context.hrefs.to(level.path) }
  if (select === null) return identity
  const links = context.collectionRefs
    ? level.children.map((child): [string, string] => [
        `${child.name}_collectionref`,
        context.hrefs.to(`${level.path}/${child.relation.toLowerCase()}`),
      ])
    : []
  return {
    ...renderSelected(at.row, select, level, context),
    _rowstamp: String(at.row['_rowstamp']),
    ...Object.fromEntries(links),
    ...identity,
  }
}

function responseInfo(
  exchange: Exchange,
  at: Shown & {
    readonly collection: Collection
    readonly href: string
    readonly select: readonly SelectItem[] | null
  },
): JsonObject {
  const { parameters } = exchange
  const { page, found, href, stableId } = at
  const pages = page === null ? 1 : Math.ceil(found / page.size)
  const link = (number: number): JsonObject => ({
    href: `${href}?${pageQuery(parameters, number, stableId)}`,
  })
  return {
    href: parameters.raw === '' ? href : `${href}?${parameters.raw}`,
    ...(page === null ? {} : pageLinks({ page, pages, stableId }, link)),
    ...(parameters.has('collectioncount') ? { totalCount: found, totalPages: pages } : {}),
    ...(parameters.has('addschema') ? { schema: at.collection.schema?.(at.select) ?? {} } : {}),
  }
}

const pageLinks = (
  {
    page,
    pages,
    stableId,
  }: { readonly page: Page; readonly pages: number; readonly stableId: string | null },
  link: (number: number) => JsonObject,
): JsonObject => ({
  pagenum: page.number,
  ...(page.number < pages ? { nextPage: link(page.number + 1) } : {}),
  ...(page.number > 1 && stableId === null ? { previousPage: link(page.number - 1) } : {}),
})

function namespacedInfo(info: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(info).map(([name, value]): [string, Json] => {
      if (name === 'href') return ['rdf:about', value]
      const isLink = name === 'nextPage' || name === 'previousPage'
      return [`oslc:${name}`, isLink ? { 'rdf:resource': linkOf(value) } : value]
    }),
  )
}

const linkOf = (value: Json): Json =>
  typeof value === 'object' && value !== null && 'href' in value ? value.href : value
