import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import type { WhoAmI } from '../../../maximo/contract.ts'
import { isUnattended } from '../../admission/caller.ts'
import { withheldSentence } from '../access/withheld.ts'
import { originOf } from '../result/as-of.ts'
import { type Site, sitesOf } from '../read/sites.ts'
import { instantText } from '../result/answer-text.ts'
import { visibleJson } from '../result/visible.ts'
import { plainOutput } from '../result/outputs.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const MAX_SITES = 50

export const getContext = defineTool({
  name: 'get_context',
  title: 'Who am I and what may I do',
  description:
    'The signed-in user, the Maximo user and environment behind this connection, default site and sites, scopes, tools by toolset, and when the connection ends.',
  toolset: 'core',
  scopes: [],
  effect: 'read',
  risk: 'none',
  costUnits: 1,
  reachesOutside: true,
  input: z.strictObject({}),
  output: plainOutput,
  async run(_input, context) {
    const who = await context.maximo.whoAmI(context.call)
    const text = visibleJson({
      ...connection(context),
      untrusted: ['maximo.name', 'sites.description'],
      maximo: maximoUser(who),
      ...shownSites(await sitesOf(context)),
      toolsets: toolsets(context),
      ...withheld(context),
    })
    return ok({ text, recordCount: 1 })
  },
})

function connection(context: ToolContext): object {
  const { admitted } = context
  const { facts } = admitted.caller
  return {
    ...originOf(context),
    user: facts.subject,
    plan: facts.plan.plan,
    connection: {
      kind: isUnattended(facts) ? 'automation' : 'person',
      client: facts.clientId,
      grant: facts.grantId,
      token_expires: facts.expiresAtS === null ? null : instantText(facts.expiresAtS * 1000),
      rate_profile: facts.profile,
    },
    scopes: [...facts.scopes],
  }
}

const maximoUser = (who: WhoAmI): object => ({
  user: who.userName,
  person: who.personId,
  name: who.displayName,
  default_site: who.defaultSite,
  insert_site: who.insertSite,
  organization: who.defaultOrg,
  language: who.language,
  time_zone: who.timeZone,
})

/** As many as an answer has room for; how many are not among them is said. */
function shownSites(all: readonly Site[] | null): object {
  const more = (all?.length ?? 0) - MAX_SITES
  return { sites: all?.slice(0, MAX_SITES) ?? null, ...(more > 0 && { more_sites: more }) }
}

/** What may be called, directly or by call_read_tool and call_write_tool. */
function toolsets({ access }: ToolContext): Record<string, readonly string[]> {
  const sets: Record<string, string[]> = {}
  for (const tool of access.reachable()) (sets[tool.toolset] ??= []).push(tool.name)
  return sets
}

/** What may not, by reason. */
function withheld({ access }: ToolContext): object {
  const reasons: Record<string, string[]> = {}
  for (const tool of access.all) {
    const standing = access.decide(tool)
    if (!standing.ok) (reasons[withheldSentence(standing.error)] ??= []).push(tool.name)
  }
  return Object.keys(reasons).length === 0 ? {} : { not_available: reasons }
}
