import { MaximoFault } from '../../../maximo/fault.ts'
import type { ToolContext } from '../tool.ts'

/** Sites by organization; null where the Maximo user may not read organizations, which is common. */
export async function sitesOf({ maximo, call }: ToolContext): Promise<readonly Site[] | null> {
  try {
    const found = await maximo.query(
      {
        objectStructure: 'MXAPIORGANIZATION',
        select: { fields: ['orgid'], children: { site: ['siteid', 'description'] } },
        pageSize: MAX_SITES,
      },
      call,
    )
    return found.ok
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
  Array.isArray(rows) ? rows.slice(0, MAX_SITES).map((row: unknown) => siteOf(row)) : []

function siteOf(row: unknown): Site {
  const { siteid, description } = row as { readonly siteid?: unknown; readonly description?: unknown }
  return { site: String(siteid), description: typeof description === 'string' ? description : null }
}

/** Child rows come in no order. */
const bySite = (a: Site, b: Site): number => (a.site < b.site ? -1 : 1)

const MAX_SITES = 50
