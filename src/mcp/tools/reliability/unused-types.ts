import { suggest } from '../../../maximo/query/did-you-mean.ts'
import { suggested } from '../problem/did-you-mean.ts'
import { visible } from '../result/visible.ts'
import type { ToolContext } from '../tool.ts'
import type { Scope } from './scope.ts'
import { groupsOf } from '../read/groups.ts'
import { WORK } from './work.ts'

/** Says of work types that no work order of the site has, that nothing was counted for them: sites name their own. */
export async function unusedTypes(
  asked: readonly string[],
  { site }: Scope,
  context: ToolContext,
): Promise<readonly string[]> {
  const here = site === null ? [] : [{ field: 'siteid', op: 'eq', value: site }]
  const groups = await groupsOf(
    { all: [WORK, ...here], groupBy: ['worktype'], metrics: [{ kind: 'count' }] },
    context,
  )
  if (!groups.ok) return []
  const used = groups.value.map(({ by }) => by['worktype']).filter((type) => typeof type === 'string')
  return asked
    .filter((type) => !used.includes(type))
    .map(
      (type) =>
        `No work order here has the work type "${visible(type)}".${suggested(suggest(type, used).map(visible))}`,
    )
}
