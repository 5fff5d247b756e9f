import type { BaseUrl } from '../egress/rules.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { isObject, textOf, wholeNumberOf } from '../json.ts'
import { pageOfAddress, queryOfAddress } from './addresses.ts'

/** One page of a lean collection (maximo-api §2.1). */
export interface Page {
  readonly rows: readonly JsonObject[]
  readonly total: number | null
  readonly nextPage: number | null
}

export interface AskedPage {
  readonly base: BaseUrl
  readonly page: number
  readonly pageSize: number
}

/**
 * Checks the envelope. A next page that is not the one after this, or lies on another host, is a fault: following
 * would loop or leave, and ignoring it would call a part the whole.
 * @throws MaximoFault bad_upstream
 */
export const readPage = (body: unknown, asked: AskedPage): Page => {
  const { rows, info } = readEnvelope(body)
  return {
    rows,
    total: credibleTotal(info['totalCount'], rows.length, asked),
    nextPage: nextPage(info, asked),
  }
}

/** One page of an answer that Maximo keeps. */
export interface KeptPage extends Omit<Page, 'nextPage'> {
  /** The query string that asks for the page after this; null: this is the last. */
  readonly next: string | null
}

/**
 * The same of stable paging: the address of the next page names the kept answer, and is followed as it is.
 * @throws MaximoFault bad_upstream, `not_kept` when Maximo would page by number instead
 */
export const readKeptPage = (body: unknown, asked: AskedPage & { readonly path: string }): KeptPage => {
  const { rows, info } = readEnvelope(body)
  const total = credibleTotal(info['totalCount'], rows.length, asked)
  const href = hrefOfNext(info)
  if (href === undefined) return { rows, total, next: null }
  const next = href === null ? null : queryOfAddress(href, asked)
  if (next === null) throw new MaximoFault('bad_upstream', { detail: 'foreign_next_page' })
  const parameters = new URLSearchParams(next)
  if (Number(parameters.get('pageno') ?? asked.page + 1) !== asked.page + 1)
    throw new MaximoFault('bad_upstream', { detail: 'page_loop' })
  if (!parameters.has('stableId')) throw new MaximoFault('bad_upstream', { detail: 'not_kept' })
  return { rows, total, next }
}

const readEnvelope = (body: unknown): { readonly rows: readonly JsonObject[]; readonly info: JsonObject } => {
  const members = isObject(body) ? body['member'] : undefined
  if (!isObject(body) || !Array.isArray(members)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  const rows = (members as readonly unknown[]).filter(isObject)
  if (rows.length !== members.length) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return { rows, info: isObject(body['responseInfo']) ? body['responseInfo'] : {} }
}

/** A total below the rows already seen is a lie or a race; either way it is not known. */
const credibleTotal = (total: unknown, rows: number, { page, pageSize }: AskedPage): number | null => {
  const count = wholeNumberOf(total)
  const seen = rows === 0 ? 0 : (page - 1) * pageSize + rows
  return count === null || count < seen ? null : count
}

const nextPage = (info: JsonObject, { base, page }: AskedPage): number | null => {
  const href = hrefOfNext(info)
  if (href === undefined) return null
  const number = href === null ? null : pageOfAddress(href, base)
  if (number === null) throw new MaximoFault('bad_upstream', { detail: 'foreign_next_page' })
  if (number !== page + 1) throw new MaximoFault('bad_upstream', { detail: 'page_loop' })
  return number
}

/** Undefined: there is no next page. Null: there is one, but no address of it. */
const hrefOfNext = ({ nextPage: next }: JsonObject): string | null | undefined => {
  if (next === undefined || next === null) return undefined
  return isObject(next) ? textOf(next['href']) : null
}
