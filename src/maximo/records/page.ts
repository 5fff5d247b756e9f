import type { BaseUrl } from '../egress/rules.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { isObject, textOf, wholeNumberOf } from '../json.ts'
import { pageOfAddress } from './addresses.ts'

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
  const members = isObject(body) ? body['member'] : undefined
  if (!isObject(body) || !Array.isArray(members)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  const rows = (members as readonly unknown[]).filter(isObject)
  if (rows.length !== members.length) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  const info = isObject(body['responseInfo']) ? body['responseInfo'] : {}
  return {
    rows,
    total: credibleTotal(info['totalCount'], rows.length, asked),
    nextPage: nextPage(info, asked),
  }
}

/** A total below the rows already seen is a lie or a race; either way it is not known. */
const credibleTotal = (total: unknown, rows: number, { page, pageSize }: AskedPage): number | null => {
  const count = wholeNumberOf(total)
  const seen = rows === 0 ? 0 : (page - 1) * pageSize + rows
  return count === null || count < seen ? null : count
}

const nextPage = (info: JsonObject, { base, page }: AskedPage): number | null => {
  const next = info['nextPage']
  if (next === undefined || next === null) return null
  const href = isObject(next) ? textOf(next['href']) : null
  const number = href === null ? null : pageOfAddress(href, base)
  if (number === null) throw new MaximoFault('bad_upstream', { detail: 'foreign_next_page' })
  if (number !== page + 1) throw new MaximoFault('bad_upstream', { detail: 'page_loop' })
  return number
}
