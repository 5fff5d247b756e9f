import { z } from 'zod'
import { risk, RISKS, type Risk } from '../../crypto/restrictions.ts'
import { oncePer } from '../../kernel/once-per.ts'
import { TOOLSET_NAMES, type Toolset } from '../tools/catalog/toolsets.ts'
import type { PlanFacts } from './caller.ts'
import type { Quota } from './limiters/quota.ts'

/** The operator's plans: what a user of each may spend. */
export interface Plans {
  /** The feature that a plan must have for the tools of a set; null: none. */
  featureOf(toolset: Toolset): string | null
  /** What a user may spend. A plan that the file does not name counts as the default plan. */
  readonly quotaOf: (facts: Pick<PlanFacts, 'plan' | 'cap'>) => Quota
  /**
   * Clerk user ids of whom one must agree to a change of this risk, beside its owner; null: nobody has to. Any of the
   * user's plans can demand it, and all the people they name may do it.
   */
  secondApprovers(plan: string, risk: Risk): readonly string[] | null
}

const units = z.int().min(0).max(1_000_000_000)

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
      perDay: units.nullable(),
      /** The same per calendar month (UTC); absent: without limit. */
      perMonth: units.nullable().optional(),
      /** From this risk on, changes of Maximo need one of these people besides (Clerk user ids). */
      secondApprover: z
        .strictObject({ from: risk, users: z.array(z.string().min(1).max(100)).min(1).max(50) })
        .optional(),
    }),
  ),
})
export type PlansFile = z.infer<typeof plansFile>
type PlanEntry = PlansFile['plans'][string]

export const DEFAULT_PLANS: PlansFile = {
  default: 'free',
  plans: {
    free: { perDay: 500, perMonth: 5_000 },
    pro: { perDay: 10_000, perMonth: 200_000 },
    enterprise: { perDay: null, perMonth: null },
  },
}

/** @throws Error when the default plan is not one of the plans. */
export function readPlans(file: PlansFile): Plans {
  const known = new Map(Object.entries(file.plans))
  const fallback = known.get(file.default)
  if (fallback === undefined) throw new Error('plans: the default plan is not among the plans')
  const named = (plan: string): PlanEntry[] => {
    const mine = plan.split(',').flatMap((name) => known.get(name) ?? [])
    return mine.length === 0 ? [fallback] : mine
  }
  return {
    featureOf: (toolset) => file.toolsets?.[toolset] ?? null,
    quotaOf: oncePer(({ plan, cap }) =>
      cap === undefined ? best(named(plan)) : lower(best(named(plan)), best(named(cap))),
    ),
    secondApprovers(plan, asked) {
      const demanding = named(plan).flatMap(({ secondApprover }) =>
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
  const features = new Set([...facts.features].filter((feature) => most.features.has(feature)))
  const [own, capped] = [plans.quotaOf(facts), plans.quotaOf(most)]
  if (isWithin(own, capped)) return { plan: facts.plan, features }
  // One of them has the smaller day and the other the smaller month: both count.
  return isWithin(capped, own)
    ? { plan: most.plan, features }
    : { plan: facts.plan, cap: most.plan, features }
}

interface SignedPlan {
  readonly pla: string
  readonly fea: string
}

/** Plan and features, out of the form in which records and receipts hold them: one object for all calls of a token. */
const readPlanFacts = oncePer((signed: SignedPlan): PlanFacts => ({
  plan: signed.pla,
  features: new Set(signed.fea.split(',').filter((name) => name !== '')),
}))

/** Clerk signs a comma list of plans; of each quota the best of them counts. */
const best = (plans: readonly PlanEntry[]): Quota => ({
  perDay: highest(plans.map(({ perDay }) => perDay)),
  perMonth: highest(plans.map(({ perMonth }) => perMonth ?? null)),
})

const highest = (limits: readonly (number | null)[]): number | null =>
  limits.reduce((one, other) => (one === null || other === null ? null : Math.max(one, other)))

const lower = (one: Quota, other: Quota): Quota => ({
  perDay: lowest(one.perDay, other.perDay),
  perMonth: lowest(one.perMonth, other.perMonth),
})

function lowest(one: number | null, other: number | null): number | null {
  if (one === null) return other
  return other === null ? one : Math.min(one, other)
}

const isWithin = (one: Quota, other: Quota): boolean =>
  isAtMost(one.perDay, other.perDay) && isAtMost(one.perMonth, other.perMonth)

const isAtMost = (one: number | null, other: number | null): boolean =>
  other === null || (one !== null && one <= other)
