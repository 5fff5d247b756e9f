import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import type { Page } from './page.ts'

export interface FirstRows {
  readonly rows: readonly JsonObject[]
  /** There are no others. */
  readonly isWhole: boolean
}

/**
 * The first rows of a collection, page after page.
 * @param wanted How many rows will do, once Maximo has counted them, if it does
 * @throws MaximoFault page_loop for a page that is empty and yet has one after it
 */
export const readFirstRows = async (
  ask: (page: number) => Promise<Page>,
  wanted: (total: number | null) => number,
): Promise<FirstRows> => {
  const found: JsonObject[] = []
  for (let page = 1; ; page += 1) {
    const { rows, total, nextPage } = await ask(page)
    found.push(...rows)
    if (nextPage === null) return { rows: found, isWhole: (total ?? 0) <= found.length }
    if (found.length >= wanted(total)) return { rows: found, isWhole: false }
    if (rows.length === 0) throw new MaximoFault('bad_upstream', { detail: 'page_loop' })
  }
}
