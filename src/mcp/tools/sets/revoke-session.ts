import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { isUnattended } from '../../admission/caller.ts'
import { originOf } from '../result/as-of.ts'
import { plainOutput } from '../result/outputs.ts'
import { visibleJson } from '../result/visible.ts'
import { defineTool } from '../tool.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'

export const revokeSession = defineTool({
  toolset: 'admin',
  isOnRequest: true,
  scopes: [],
  effect: 'change',
  risk: 'low',
  costUnits: 1,
  reachesOutside: false,
  endsAccess: true,
  name: 'revoke_session',
  title: 'End one of my connections',
  description:
    'Ends a client or token that is connected as you, at once and for good; also this one. Ask the person first.',
  input: z.strictObject({
    connection: z.string().min(1).max(60).describe('from list_sessions'),
  }),
  output: plainOutput,
  async run({ connection }, context) {
    const { caller } = context.admitted
    const { facts } = caller
    if (isUnattended(facts) && !facts.scopes.has('maximo:admin')) return err(NOBODY_ASKED)
    const ended = await context.own.end(caller, connection)
    if (ended === 'unknown') return err(NOT_YOURS)
    if (ended === 'ended_before') return err(ENDED)
    const text = visibleJson({
      ...originOf(context),
      connection,
      state: ended,
      this: connection === facts.grantId,
      next:
        ended === 'enforced'
          ? 'Its next call is refused. Its client has to connect again, with a consent.'
          : 'It is written down and takes effect as soon as the store of this server answers.',
    })
    return ok({ text, recordCount: 1 })
  },
})

const NOBODY_ASKED: ToolProblem = {
  kind: 'needs_scope',
  what: 'A token without a person ends a connection only with the scope maximo:admin, which this one does not have.',
  why: 'Nobody is there to be asked.',
  next: 'Its owner ends it on the Connections page of the portal.',
}
const NOT_YOURS: ToolProblem = {
  kind: 'not_found',
  what: 'None of your connections has this id.',
  why: 'A token without a person can end only itself.',
  next: 'list_sessions names them.',
}
const ENDED: ToolProblem = {
  kind: 'conflict',
  what: 'This connection was ended before.',
  why: null,
  next: 'Nothing has to be done: it is not let in any more.',
}
