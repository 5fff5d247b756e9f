import type { MaximoCall, SavedQueryInfo } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import { isObject, listOf, textOf } from '../json.ts'
import { renderParameters } from '../query/parameters.ts'
import type { MaximoSession } from '../session.ts'
import { isObjectStructureName } from './catalog.ts'

/** The saved queries of an object structure (`apimeta/{os}`, `queryCapability`); KPI queries are not listed there. */
export const readSavedQueries = async (
  objectStructure: string,
  session: MaximoSession,
  call: MaximoCall,
): Promise<readonly SavedQueryInfo[]> => {
  const name = objectStructure.toLowerCase()
  if (!isObjectStructureName(name)) throw new MaximoFault('not_found', { detail: 'name' })
  const body = await session.get(
    { segments: ['apimeta', name], queryString: renderParameters([]), objectStructure: name },
    call,
  )
  if (!isObject(body)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  const found = new Map<string, SavedQueryInfo>()
  for (const entry of listOf(body['queryCapability'])) {
    const query = isObject(entry) ? textOf(entry['name']) : null
    // The first entry is the bare collection: no query anybody saved.
    if (query === null || query === ALL_RECORDS || !isObject(entry)) continue
    found.set(query, { name: query, title: textOf(entry['title']) })
  }
  return [...found.values()]
}

const ALL_RECORDS = 'All'
