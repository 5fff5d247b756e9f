import type { Condition } from '../../../maximo/query/query.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { didYouMean } from '../problem/did-you-mean.ts'
import { visible } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { whoAmI } from './who-am-i.ts'

/** How a question is limited to a site. */
export interface SiteChoice {
  /** Null: no limit. */
  readonly site: string | null
  readonly conditions: readonly Condition[]
  readonly notes: readonly string[]
}

const NO_SITE: SiteChoice = { site: null, conditions: [], notes: [] }
export const ALL_SITES = '*'

/**
 * The site that was asked for, else the default site of the Maximo user, where the object has sites at all. A filter
 * on `siteid` says it better than a default.
 */
export async function chooseSite(
  asked: string | undefined,
  question: { readonly schema: ObjectSchema; readonly filtered: readonly string[] },
  context: ToolContext,
): Promise<SiteChoice> {
  if (asked === ALL_SITES) return NO_SITE
  if (!question.schema.fields.has('siteid')) {
    return asked === undefined
      ? NO_SITE
      : { ...NO_SITE, notes: ['This object has no sites: "site" was not used.'] }
  }
  if (asked !== undefined) return limitedTo(asked.toUpperCase(), [])
  if (question.filtered.some((field) => field.toLowerCase() === 'siteid')) return NO_SITE
  const { defaultSite } = await whoAmI(context)
  return defaultSite === null
    ? NO_SITE
    : limitedTo(defaultSite, ['Only your default site; "site": "*" asks all.'])
}

const limitedTo = (site: string, notes: readonly string[]): SiteChoice => ({
  site,
  conditions: [{ field: 'siteid', op: 'eq', value: site }],
  notes,
})

/** Whether a site that was named and has no rows exists at all, by the sites that this object has rows of. */
export async function unknownSite(
  asked: string | undefined,
  schema: ObjectSchema,
  context: ToolContext,
): Promise<ToolProblem | null> {
  if (asked === undefined || asked === ALL_SITES || !schema.fields.has('siteid')) return null
  const site = asked.toUpperCase()
  const known = await sitesWithRows(schema, context)
  if (known === null || known.includes(site)) return null
  return {
    kind: 'invalid_value',
    what: `There is no site "${visible(site)}" with any ${schema.resource.toLowerCase()} that you may see.${didYouMean(site, known)}`,
    why: null,
    next:
      known.length === 0
        ? 'get_context names your sites.'
        : `Use one of ${known.map(visible).join(', ')}, or "*" for all.`,
  }
}

/** The sites that an object has rows of; null where there are too many, or they cannot be counted. */
export async function sitesWithRows(
  { resource, fields }: ObjectSchema,
  { maximo, call }: ToolContext,
): Promise<readonly string[] | null> {
  if (!fields.has('siteid')) return null
  const sites = await maximo.aggregate(
    { objectStructure: resource, groupBy: ['siteid'], metrics: [{ kind: 'count' }], limit: MAX_SITES },
    call,
  )
  if (!sites.ok || !sites.value.isComplete) return null
  return sites.value.groups.map(({ by }) => String(by['siteid']))
}

const MAX_SITES = 100
