import type { MaximoClient } from '../../../maximo/contract.ts'
import type { CallerFacts } from '../../admission/caller.ts'
import { guardMaximo } from '../run/guarded-maximo.ts'
import type { FieldPolicy, FieldRules } from './field-policy.ts'
import { guardFields } from './guard-fields.ts'
import type { Pseudonym } from './shown-values.ts'

/** What callers do not see of records. */
export interface FieldGuard {
  readonly policy: FieldPolicy
  readonly pseudonyms: (environment: string) => Pseudonym
}

/** A client for one caller: within the object rules of the grant, and without what the operator hides from them. */
export function guardFor(
  client: MaximoClient,
  facts: CallerFacts,
  fields: FieldGuard | undefined,
): MaximoClient {
  const allowed = facts.objects === null ? client : guardMaximo(client, facts.objects)
  const rules = fieldRulesOf(facts, fields)
  if (fields === undefined || rules === null) return allowed
  return guardFields(allowed, rules, fields.pseudonyms(facts.environment))
}

/** Null: this caller sees everything that Maximo shows. */
export const fieldRulesOf = (facts: CallerFacts, fields: FieldGuard | undefined): FieldRules | null =>
  fields?.policy.rulesFor(facts) ?? null
