import type { Caller } from '../../admission/caller.ts'
import { ownObjects } from './policy.ts'
import type { Tool } from '../tool.ts'
import { indexTools } from '../catalog/tool-index.ts'
import { maximoRights, type MaximoRights, type MaximoRightsDeps } from './maximo-rights.ts'
import { selectionsOf, type ReadSelection, type Selection } from './selection.ts'
import { ToolAccess } from './tool-access.ts'

/** The catalog as it is served: who may use what of it, at which address. */
export interface ServedTools {
  readonly readSelection: ReadSelection
  readonly rights: MaximoRights
  /** Whether or not somebody may use it. */
  find(name: string): Tool | undefined
  accessOf(caller: Caller, selection: Selection): ToolAccess
}

/** @throws Error when two tools share a name */
export function serveTools(catalog: readonly Tool[], deps: Omit<MaximoRightsDeps, 'objects'>): ServedTools {
  const tools = indexTools(catalog)
  const objects = [...new Set(catalog.flatMap(ownObjects))]
  const rights = maximoRights({ ...deps, objects })
  return {
    readSelection: selectionsOf(tools),
    rights,
    find: (name) => tools.find(name),
    accessOf: (caller, selection) =>
      new ToolAccess(tools, caller, { selection, denied: rights.denied(caller) }),
  }
}
