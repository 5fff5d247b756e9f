import { AUTOMATION_FEATURE } from '../../crypto/restrictions.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { CallerFacts } from './caller.ts'
import type { Demand } from './demand.ts'
import type { Refusal } from './refusal.ts'
import { missingScopes } from './scopes.ts'

/**
 * What a token and its owner's plan allow, as far as it can be known without the store. Lists are cut by it and calls are
 * decided by it: there is no second rule.
 */
export function checkEntitlement(facts: CallerFacts, demand: Demand): Result<void, Refusal> {
  if (demand.kind === 'message') return ok(undefined)
  if (missingScopes(facts.scopes, demand.scopes).length > 0) {
    return err({ reason: 'scope_missing', required: demand.scopes })
  }
  const features = [...(facts.kind === 'ci' ? [AUTOMATION_FEATURE] : []), demand.feature]
  const missing = features.find((feature) => feature !== undefined && !facts.plan.features.has(feature))
  if (missing !== undefined) return err({ reason: 'feature_missing', feature: missing })
  return checkObjects(facts, demand)
}

function checkObjects(
  { objects }: CallerFacts,
  { touches }: Extract<Demand, { kind: 'tool' }>,
): Result<void, Refusal> {
  if (objects === null) return ok(undefined)
  const outside = touches?.find((touch) => !objects.mayTouch(touch))
  return outside === undefined
    ? ok(undefined)
    : err({ reason: 'object_refused', ...outside, rule: objects.rule })
}
