import type { Risk } from '../../crypto/restrictions.ts'
import { isUnattended, type CallerFacts } from '../admission/caller.ts'
import type { Plan } from './plan.ts'
import { rankOf } from './staging/risk.ts'

/** Who agreed to a change. `policy`: nobody has to; `grant`: the owner, when they made the token. */
export type Approval =
  { readonly by: 'policy' | 'grant' } | { readonly by: 'elicitation' | 'page'; readonly sub: string }

/** How a change gets its approval. */
export type Route =
  | { readonly kind: 'approved'; readonly approval: Approval }
  /** The client asks its person, in the protocol. */
  | { readonly kind: 'ask' }
  /** The page on this server's origin: `second` when it takes somebody other than the owner. */
  | { readonly kind: 'page'; readonly second: boolean }
  /** Nobody can be asked, and the token was not made for this risk. */
  | { readonly kind: 'refused'; readonly allowed: Risk }

export interface Asking {
  /** Era 2026-07-28, and the client declared that it can ask. */
  readonly canElicit: boolean
  /** Client ids that are known to put such a question to a person. */
  readonly trusted: ReadonlySet<string>
}

/** The one rule of who must agree. A question in the client is never enough for what is high. */
export function routeOf(plan: Plan, facts: CallerFacts, { canElicit, trusted }: Asking): Route {
  if (plan.approvers.length > 0) return { kind: 'page', second: true }
  if (plan.risk === 'low') return { kind: 'approved', approval: { by: 'policy' } }
  if (isUnattended(facts))
    return rankOf(plan.risk) <= rankOf(facts.risk)
      ? { kind: 'approved', approval: { by: 'grant' } }
      : { kind: 'refused', allowed: facts.risk }
  if (plan.risk === 'medium' && canElicit && trusted.has(facts.clientId)) return { kind: 'ask' }
  return { kind: 'page', second: false }
}

/** Whether a person may open the page of a plan and agree to it. */
export const mayApprove = (plan: Plan, sub: string): boolean =>
  plan.approvers.length === 0 ? plan.sub === sub : plan.sub !== sub && plan.approvers.includes(sub)
