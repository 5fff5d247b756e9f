import type { Plan } from '../plan.ts'
import type { ChangeReport } from '../report.ts'

/** What committing comes to. */
export type Committed =
  | { readonly kind: 'report'; readonly report: ChangeReport }
  /** Somebody has to agree first: on the page, or (`ask`) to a question that the client puts. */
  | { readonly kind: 'ask' | 'page' | 'second'; readonly plan: Plan }
  | { readonly kind: 'declined'; readonly plan: Plan }

/** What the client of a commit can do, and what its person answered. */
export interface CommitAsk {
  readonly canElicit: boolean
  /** Null: not asked yet. */
  readonly answer: 'accept' | 'decline' | null
}
