import type { ObjectSchema } from '../schema/object-schema.ts'
import type { CompiledCondition, Comparison } from './clause.ts'
import type { CompileContext } from './condition.ts'
import { compileCondition } from './condition.ts'
import type { Collect } from './criteria.ts'
import { suggest } from './did-you-mean.ts'
import { problem, shown } from './fields.ts'
import type { Condition } from './query.ts'

/**
 * One row of a child object or relation that meets all conditions: `woactivity{taskid=20 and status="APPR"}`.
 * Null when something is wrong.
 */
export const compileSome = (
  { some, all }: { readonly some: string; readonly all: readonly Condition[] },
  path: string,
  { context, problems }: Collect,
): CompiledCondition | null => {
  const name = some.trim().toLowerCase()
  const rows = rowsOf(name, context)
  if (rows === null) {
    const { schema } = context
    problems.push(
      problem(
        'unknown_relation',
        `${path}.some`,
        `${schema.resource} has no child object or relation ${shown(name)} whose fields we know.`,
        suggest(name, [...schema.children.keys(), ...schema.relations.keys()]),
      ),
    )
    return null
  }
  if (all.length === 0)
    problems.push(problem('bad_value', `${path}.all`, 'A list of conditions needs at least one.'))
  const inner: Comparison[] = []
  const readings: string[] = []
  let isWrong = all.length === 0
  all.forEach((condition, index) => {
    const compiled = compileCondition(condition, `${path}.all[${index}]`, rows.context)
    if (compiled.ok) {
      inner.push(...compiled.value.clauses)
      readings.push(compiled.value.reading)
    } else {
      problems.push(compiled.error)
      isWrong = true
    }
  })
  if (isWrong) return null
  return {
    ref: null,
    clauses: [{ relation: rows.relation, inner }],
    reading: `some ${name} has ${readings.join(' and ')}`,
    equals: null,
  }
}

/** The rows as an object of their own: conditions on them name its fields and reach no further. */
const rowsOf = (
  name: string,
  { schema, extras }: CompileContext,
): { readonly relation: string; readonly context: CompileContext } | null => {
  const child = schema.children.get(name)
  const fields = child === undefined ? relatedFields(name, { schema, extras }) : child.fields
  if (fields === null) return null
  const own: ObjectSchema = { ...schema, resource: name, fields, children: new Map(), relations: new Map() }
  return { relation: child?.relation ?? name, context: { schema: own, extras } }
}

const relatedFields = (name: string, { schema, extras }: CompileContext): ObjectSchema['fields'] | null => {
  const related = schema.relations.has(name) ? extras.relatedSchema?.(name) : null
  return related?.fields ?? null
}
