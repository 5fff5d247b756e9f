import { MaximoFault } from '../../../maximo/fault.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'

const ASSETS = 'MXAPIASSET'

/** Whether an asset that has no work orders exists at all; null where it does, or where that cannot be known. */
export async function unknownAsset(
  asset: string | undefined,
  site: string | null,
  { maximo, call }: ToolContext,
): Promise<ToolProblem | null> {
  if (asset === undefined) return null
  const number = asset.trim().toUpperCase()
  const found = await maximo
    .query(
      {
        objectStructure: ASSETS,
        all: [
          { field: 'assetnum', op: 'eq', value: number },
          ...(site === null ? [] : [{ field: 'siteid', op: 'eq', value: site }]),
        ],
        select: { fields: ['assetnum'] },
        pageSize: 1,
      },
      call,
    )
    .catch(unlessForbidden)
  if (found?.ok !== true || found.value.records.length > 0) return null
  return {
    kind: 'not_found',
    what: `There is no asset "${visible(number)}"${site === null ? '' : ` at site ${visible(site)}`}.`,
    why: null,
    next: 'Look for it with query_records on mxapiasset, or try another site.',
  }
}

/** Who may not read assets still gets the answer about work orders. */
function unlessForbidden(error: unknown): null {
  if (error instanceof MaximoFault && error.kind === 'not_permitted') return null
  throw error
}
