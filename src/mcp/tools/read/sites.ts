import { MaximoFault } from '../../../maximo/fault.ts'
import { rowsIn } from '../result/child-table.ts'
import type { ToolContext } from '../tool.ts'
import { allPages } from './all-pages.ts'

/** All sites; null where the Maximo user may not read organizations, which is common, or has too many of them. */
export async function sitesOf(context: ToolContext): Promise<readonly Site[] | null> {
  try {
    const found = await allPages(
      {
        objectStructure: 'MXAPIORGANIZATION',
        select: { fields: ['orgid'], children: { site: ['siteid', 'description'] } },
      },
      MAX_ORGANIZATIONS,
      context,
    )
    return found.ok && found.value.isComplete
      ? found.value.records.flatMap(({ values }) => siteRows(values['site'])).sort(bySite)
      : null
  } catch (error) {
    if (error instanceof MaximoFault && OPTIONAL.has(error.kind)) return null
    throw error
  }
}

const OPTIONAL: ReadonlySet<string> = new Set(['not_permitted', 'not_found', 'invalid_query'])

export interface Site {
  readonly site: string
  readonly description: string | null
}

const siteRows = (rows: unknown): readonly Site[] =>
  rowsIn(rows).map(({ siteid, description }) => ({
    site: String(siteid),
    description: typeof description === 'string' ? description : null,
  }))

/** Child rows come in no order. */
const bySite = (a: Site, b: Site): number => (a.site < b.site ? -1 : 1)

const MAX_ORGANIZATIONS = 500
