import { isUnattended, type CallerFacts } from '../admission/caller.ts'
import type { BegunChange } from '../records/changes.ts'
import type { Plan } from './plan.ts'

/**
 * Whether a change may be one that a caller gets to know of: those of its own connection, and a person those of all their
 * connections to the environment. A token without a person has nothing to do with what others did.
 */
export const mayKnow = (
  { sub, env, gid }: Pick<BegunChange, 'sub' | 'env' | 'gid'>,
  caller: CallerFacts,
): boolean =>
  sub === caller.subject && env === caller.environment && (gid === caller.grantId || !isUnattended(caller))

/** By the rules of the grant, which may leave out what another connection of the same person changed. */
export const mayReadAll = ({ records }: Plan, { objects }: CallerFacts): boolean =>
  objects === null ||
  records.every(({ wanted: { object } }) =>
    objects.mayTouch({ object: object.toUpperCase(), access: 'read' }),
  )
