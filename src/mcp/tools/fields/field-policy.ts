import { z } from 'zod'
import { SCOPES } from '../../admission/scopes.ts'
import type { CallerFacts } from '../../admission/caller.ts'

/** `hide`: as if the field did not exist. `mask`: a pseudonym in its place, the same for the same value. */
export type FieldAction = 'hide' | 'mask'

const object = z.string().regex(/^(?:\*|[A-Za-z0-9_]{1,60})$/, 'is not an object structure or *')
const field = z
  .string()
  .regex(/^[A-Za-z0-9_]{1,64}(?:\.[A-Za-z0-9_]{1,64})?$/, 'is not a field or child.field')

/** The operator's file: who does not see what. */
export const fieldPolicyFile = z.strictObject({
  rules: z
    .array(
      z.strictObject({
        /** Object structure, or `*` for every one. */
        object,
        fields: z.array(field).min(1).max(200),
        action: z.enum(['hide', 'mask']),
        /** Whoever has one of these sees the field as it is; absent: nobody does. */
        unless: z
          .strictObject({
            scopes: z.array(z.enum(SCOPES)).max(10).optional(),
            features: z.array(z.string().min(1).max(100)).max(50).optional(),
            users: z.array(z.string().min(1).max(100)).max(500).optional(),
          })
          .optional(),
      }),
    )
    .max(500),
})
export type FieldPolicyFile = z.infer<typeof fieldPolicyFile>
type Rule = FieldPolicyFile['rules'][number]
type Person = Pick<CallerFacts, 'subject' | 'scopes' | 'plan'>

/** What one caller does not see. One object for all callers to whom the same rules apply. */
export interface FieldRules {
  /** @param path the field, with its child or relation before it; lower case */
  actionOf(objectStructure: string, path: string): FieldAction | null
}

export interface FieldPolicy {
  /** Null: this caller sees everything. */
  rulesFor(caller: Person): FieldRules | null
}

export function readFieldPolicy({ rules }: FieldPolicyFile): FieldPolicy {
  const known = new Map<string, FieldRules>()
  return {
    rulesFor(caller) {
      const applied = rules.filter((rule) => !isExempt(rule, caller))
      if (applied.length === 0) return null
      const key = rules.map((rule) => (applied.includes(rule) ? '1' : '0')).join('')
      const made = known.get(key) ?? rulesOf(applied)
      if (known.size < MAX_KNOWN) known.set(key, made)
      return made
    },
  }
}

const MAX_KNOWN = 1_000

const isExempt = ({ unless }: Rule, { subject, scopes, plan }: Person): boolean =>
  unless !== undefined &&
  (unless.users?.includes(subject) === true ||
    unless.scopes?.some((scope) => scopes.has(scope)) === true ||
    unless.features?.some((feature) => plan.features.has(feature)) === true)

/** What Maximo adds to a field's name: the description of its value, the internal value, the long text. */
const COMPANION = /_(?:description|maxvalue|longdescription)$/

function rulesOf(rules: readonly Rule[]): FieldRules {
  const actions = new Map<string, FieldAction>()
  for (const { object: name, fields, action } of rules)
    for (const path of fields) {
      const key = `${name.toUpperCase()} ${path.toLowerCase()}`
      // Of two rules for one field the stricter counts.
      if (actions.get(key) !== 'hide') actions.set(key, action)
    }
  const find = (objectStructure: string, path: string): FieldAction | null => {
    const last = path.slice(path.lastIndexOf('.') + 1)
    const found = [`${objectStructure} ${path}`, `* ${path}`, `* ${last}`].map((key) => actions.get(key))
    return found.includes('hide') ? 'hide' : found.includes('mask') ? 'mask' : null
  }
  return {
    actionOf: (objectStructure, path) =>
      find(objectStructure, path) ??
      (COMPANION.test(path) ? find(objectStructure, path.replace(COMPANION, '')) : null),
  }
}
