import type { ChildSchema, ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { FieldRules } from './field-policy.ts'

const known = new WeakMap<ObjectSchema, WeakMap<FieldRules, ObjectSchema>>()

/** A schema without the fields that are hidden. */
export function hiddenFrom(schema: ObjectSchema, rules: FieldRules): ObjectSchema {
  const ofSchema = known.get(schema) ?? new WeakMap<FieldRules, ObjectSchema>()
  known.set(schema, ofSchema)
  const made = ofSchema.get(rules) ?? without(schema, rules)
  ofSchema.set(rules, made)
  return made
}

function without(schema: ObjectSchema, rules: FieldRules): ObjectSchema {
  const isShown = (path: string): boolean => rules.actionOf(schema.resource, path) !== 'hide'
  const child = (one: ChildSchema): ChildSchema => ({
    ...one,
    fields:
      one.fields === null
        ? null
        : new Map([...one.fields].filter(([name]) => isShown(`${one.name}.${name}`))),
  })
  return {
    ...schema,
    fields: new Map([...schema.fields].filter(([name]) => isShown(name))),
    children: new Map([...schema.children].map(([name, one]) => [name, child(one)])),
  }
}
