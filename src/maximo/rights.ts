import type { MaximoCall, ObjectRight } from './contract.ts'
import { MaximoFault } from './fault.ts'
import { renderParameters } from './query/parameters.ts'
import { isObjectStructureName } from './schema/catalog.ts'
import type { MaximoSession } from './session.ts'

/**
 * Whether this user may read an object structure, found out by reading one address of it: `apimeta` lists all of them,
 * and a refusal is a 400 with BMXAA9301E. What may be written only a write would show.
 * @throws MaximoFault for everything that is neither a yes nor a no
 */
export const readRight = async (
  objectStructure: string,
  session: MaximoSession,
  call: MaximoCall,
): Promise<ObjectRight> => {
  const name = objectStructure.toUpperCase()
  if (!isObjectStructureName(name)) return { objectStructure: name, read: 'absent', code: null }
  try {
    await session.get({ segments: ['os', name.toLowerCase()], queryString: ONE, objectStructure: name }, call)
    return { objectStructure: name, read: 'granted', code: null }
  } catch (error) {
    if (!(error instanceof MaximoFault)) throw error
    if (error.kind === 'not_permitted') return { objectStructure: name, read: 'denied', code: error.code }
    if (error.kind === 'not_found') return { objectStructure: name, read: 'absent', code: error.code }
    throw error
  }
}

/** One row, and of that only its address. */
const ONE = renderParameters([
  ['oslc.pageSize', '1'],
  ['ignorecollectionref', '1'],
])
