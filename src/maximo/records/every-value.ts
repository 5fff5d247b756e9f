import type { MaximoCall } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import type { Parameter } from '../query/parameters.ts'
import { renderParameters } from '../query/parameters.ts'
import { ROWS_AT_ONCE } from '../query/query.ts'
import type { MaximoSession } from '../session.ts'
import { readFirstRows } from './first-rows.ts'
import { readPage } from './page.ts'

export interface ListQuestion {
  readonly segments: readonly string[]
  readonly objectStructure: string
  readonly parameters: readonly Parameter[]
}

/**
 * All rows of a list of values, up to {@link MAX_VALUES}: a part of it would call good values wrong.
 * @throws MaximoFault, too_large when there are more
 */
export const readEveryValue = async (
  session: MaximoSession,
  { segments, objectStructure, parameters }: ListQuestion,
  call: MaximoCall,
): Promise<readonly JsonObject[]> => {
  const ask = async (page: number) => {
    const queryString = renderParameters([
      ...parameters,
      ['oslc.pageSize', String(ROWS_AT_ONCE)],
      ['ignorecollectionref', '1'],
      ...(page > 1 ? [['pageno', String(page)] as const] : []),
    ])
    const body = await session.get({ segments, queryString, objectStructure }, call)
    return readPage(body, { base: session.base, page, pageSize: ROWS_AT_ONCE })
  }
  const { rows, isWhole } = await readFirstRows(ask, () => MAX_VALUES)
  if (!isWhole) throw new MaximoFault('too_large', { detail: 'domain', objectStructure })
  return rows
}

/** Fifty questions; who needs more pages through the values as records. */
export const MAX_VALUES = 5000
