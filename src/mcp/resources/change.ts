import { ok } from '../../kernel/result.ts'
import { getChange } from '../tools/changes/other-change-tools.ts'
import type { Complete, TemplateResource } from './resource.ts'
import { rank } from './complete/rank.ts'
import { jsonAnswer, OWN_ID } from './shapes.ts'

/** Changes of this connection that still wait. */
const completeChange: Complete = async (typed, _given, context) => {
  const { subject, environment, grantId } = context.admitted.caller.facts
  const waiting = await context.changes.plans.waitingFor(subject)
  const own = waiting.filter(({ sub, env, gid }) => sub === subject && env === environment && gid === grantId)
  return rank(
    typed,
    own.map(({ id }) => id),
  )
}

/** A planned change or what became of it, as `get_change` shows it: own ones only. */
export const changeResource: TemplateResource = {
  name: 'change',
  title: 'One change',
  description: 'A change that you planned: diff, approval, and what became of it.',
  mimeType: 'application/json',
  tool: getChange.name,
  path: 'change/{id}',
  variables: { id: { pattern: OWN_ID, complete: completeChange } },
  ttlMs: 0,
  async read({ id }, context, uri) {
    const prepared = getChange.prepare({ change_id: id })
    if (!prepared.ok) return prepared
    const answer = await prepared.value(context)
    return answer.ok ? ok(jsonAnswer(uri, answer.value)) : answer
  },
}
