import { z } from 'zod'
import { risk, RISKS, type Risk } from '../../crypto/restrictions.ts'
import { TOOLSET_NAMES, type Toolset } from '../tools/catalog/toolsets.ts'
import type { PlanFacts } from './caller.ts'

/** The operator's plans: what a user of each may spend. */
export interface Plans {
  /** The feature that a plan must have for the tools of a set; null: none. */
  featureOf(toolset: Toolset): string | null
  /** Units of a user's day; null: without limit. A plan that the file does not name counts as the default plan. */
  perDay(plan: string): number | null
  /**
   * Clerk user ids of whom one must agree to a change of this risk, beside its owner; null: nobody has to. Any of the
   * user's plans can demand it, and all the people they name may do it.
   */
  secondApprovers(plan: string, risk: Risk): readonly string[] | null
}

/** Content of the plans file, and the built-in one. */
export const plansFile = z.strictObject({
  /** The plan of users without one, and of plans that are not listed. */
  default: z.string().min(1).max(100),
  /** Sets of tools that need a feature, as Clerk signs it: `{"purchasing": "finance"}`. */
  toolsets: z.partialRecord(z.enum(TOOLSET_NAMES), z.string().min(1).max(100)).optional(),
  plans: z.record(
    z.string().min(1).max(100),
    z.strictObject({
      /** Tool calls in units, per UTC day; null: without limit. */
      perDay: z.int().min(0).max(1_000_000_000).nullable(),
      /** From this risk on, changes of Maximo need one of these people besides (Clerk user ids). */
      secondApprover: z
        .strictObject({ from: risk, users: z.array(z.string().min(1).max(100)).min(1).max(50) })
        .optional(),
    }),
  ),
})
export type PlansFile = z.infer<typeof plansFile>

export const DEFAULT_PLANS: PlansFile = {
  default: 'free',
  plans: {
    free: { perDay: 500 },
    pro: { perDay: 10_000 },
    enterprise: { perDay: null },
  },
}

/** @throws Error when the default plan is not one of the plans. */
export function readPlans(file: PlansFile): Plans {
  const known = new Map(Object.entries(file.plans))
  const fallback = known.get(file.default)
  if (fallback === undefined) throw new Error('plans: the default plan is not among the plans')
  return {
    featureOf: (toolset) => file.toolsets?.[toolset] ?? null,
    // Clerk signs a comma list of plans; the best of them counts.
    perDay(plan) {
      const mine = plan.split(',').flatMap((name) => known.get(name) ?? [])
      const limits = (mine.length === 0 ? [fallback] : mine).map(({ perDay }) => perDay ?? Infinity)
      const best = Math.max(...limits)
      return best === Infinity ? null : best
    },
    secondApprovers(plan, asked) {
      const mine = plan.split(',').flatMap((name) => known.get(name) ?? [])
      const demanding = (mine.length === 0 ? [fallback] : mine).flatMap(({ secondApprover }) =>
        secondApprover !== undefined && RISKS.indexOf(asked) >= RISKS.indexOf(secondApprover.from)
          ? secondApprover.users
          : [],
      )
      return demanding.length === 0 ? null : [...new Set(demanding)]
    },
  }
}

/**
 * What a user may spend and use: the newest plan that Clerk signed, else what the receipt fixed; and never more than a
 * cap allows.
 */
export function effectivePlan(signed: SignedPlan, cap: SignedPlan | null, plans: Plans): PlanFacts {
  const facts = readPlanFacts(signed)
  if (cap === null) return facts
  const most = readPlanFacts(cap)
  const isLower = (plans.perDay(most.plan) ?? Infinity) < (plans.perDay(facts.plan) ?? Infinity)
  return {
    plan: isLower ? most.plan : facts.plan,
    features: new Set([...facts.features].filter((feature) => most.features.has(feature))),
  }
}

interface SignedPlan {
  readonly pla: string
  readonly fea: string
}

/** Plan and features in the form in which records and receipts hold them. */
const readPlanFacts = (signed: SignedPlan): PlanFacts => ({
  plan: signed.pla,
  features: new Set(signed.fea.split(',').filter((name) => name !== '')),
})
