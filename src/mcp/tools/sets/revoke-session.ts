import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
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
    const { facts } = context.admitted.caller
    const ended = await context.own.end(facts, connection)
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
