import { ObjectRefused } from '../../tools/run/guarded-maximo.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import type { ToolContext } from '../../tools/tool.ts'
import type { Plan } from '../plan.ts'
import { problem } from '../problems.ts'

/** What the caller may do now, not what it might do when it staged. @throws ObjectRefused */
export function rightsProblem(plan: Plan, context: ToolContext): ToolProblem | null {
  const { scopes, objects } = context.admitted.caller.facts
  const held: ReadonlySet<string> = scopes
  const missing = plan.scopes.filter((scope) => !held.has(scope))
  if (missing.length > 0)
    return problem(
      'needs_scope',
      `This change needs ${missing.join(' and ')}, which this token does not have.`,
      {
        next: 'Connect again and ask for these scopes; the change still waits.',
      },
    )
  for (const { wanted } of plan.records) {
    const touch = { object: wanted.object, access: 'write' } as const
    if (objects !== null && !objects.mayTouch(touch)) throw new ObjectRefused(touch, objects.rule)
  }
  return null
}

export const refusedFor = ({ risk }: Plan, allowed: Plan['risk']): ToolProblem =>
  problem(
    'not_permitted',
    `Nobody can be asked about this change, and its risk is ${risk}: this token may make changes of risk ${allowed} only.`,
    {
      next: 'A person makes this change, or the owner makes a token for this risk in the portal.',
    },
  )

const STAGE_AGAIN = 'Stage the change again; it gets a new id.'
export const NOT_KNOWN = problem(
  'not_found',
  'There is no change with this id that waits for this connection.',
  {
    why: 'It expired, or it was staged by another connection, for another environment, or never.',
    next: STAGE_AGAIN,
  },
)
export const DISCARDED = problem('not_found', 'This change was discarded, and nothing was written.', {
  next: STAGE_AGAIN,
})
export const NOT_RECORDED = problem(
  'internal',
  'The change could not be written down first, so it was not sent: nothing was written.',
  {
    next: `${STAGE_AGAIN} If it happens again, tell the operator of this server.`,
  },
)
export const OUTCOME_LOST = problem(
  'unknown_outcome',
  'The change was sent, but its outcome could not be written down.',
  {
    next: 'Call get_change with its id in a minute: it looks into Maximo. Do not stage it again before that.',
  },
)
export const ELSEWHERE = problem(
  'unknown_outcome',
  'Another process of this server holds this change: it is writing it, wrote it, or was stopped over it.',
  {
    next: 'Read the record in Maximo in two minutes before you stage anything again.',
  },
)
export const TOO_MANY = problem('too_large', 'Too many of your changes wait already.', {
  next: 'Commit or discard some: list_changes names them.',
})
