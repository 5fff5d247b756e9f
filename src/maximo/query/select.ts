import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { ChildSchema } from '../schema/object-schema.ts'
import type { CompileContext } from './condition.ts'
import { suggest } from './did-you-mean.ts'
import { problem, resolveField, shown } from './fields.ts'
import type { QueryProblem, Select } from './query.ts'

export interface CompiledSelect {
  /** `oslc.select`, in order. */
  readonly tokens: readonly string[]
  /**
   * Key in a row → the name asked for. A relation's attribute is selected under an alias, since Maximo would
   * otherwise nest it and move an attribute of the same name out of the way (`$alias_this_attr$location`).
   */
  readonly aliases: ReadonlyMap<string, string>
  /** `<attr>_maxvalue` was asked for: needs `internalvalues=1`. */
  readonly needsInternalValues: boolean
}

/** Checks what is asked for against the schema: Maximo itself would silently leave out what it does not know. */
export const compileSelect = (
  select: Select,
  context: CompileContext,
): Result<CompiledSelect, readonly QueryProblem[]> => {
  const problems: QueryProblem[] = []
  const tokens = new Set<string>()
  const aliases = new Map<string, string>()
  select.fields.slice(0, MAX_FIELDS).forEach((name, index) => {
    const ref = resolveField(name, `select.fields[${index}]`, context)
    if (!ref.ok) problems.push(ref.error)
    else if (ref.value.kind === 'own') tokens.add(companionOf(ref.value.wire, context) ?? ref.value.wire)
    else if (ref.value.kind === 'child') problems.push(childInFields(name, index))
    else if (![...aliases.values()].includes(ref.value.label)) {
      const alias = `rel${aliases.size}`
      aliases.set(alias, ref.value.label)
      tokens.add(`${ref.value.wire}--${alias}`)
    }
  })
  for (const [name, fields] of Object.entries(select.children ?? {})) {
    const child = compileChild({ name, fields }, context)
    if (child.ok) tokens.add(child.value)
    else problems.push(...child.error)
    const counted = countOf(name, context)
    if (child.ok && counted !== null) {
      const alias = `rel${aliases.size}`
      aliases.set(alias, `${name.toLowerCase()}._dbcount`)
      tokens.add(`${counted}--${alias}`)
    }
  }
  if (select.fields.length > MAX_FIELDS)
    problems.push(problem('too_long', 'select.fields', `Select at most ${MAX_FIELDS} fields.`))
  if (problems.length > 0) return err(problems)
  if (select.allowedStates === true) tokens.add('allowedstates')
  const needsInternalValues = select.fields.some((name) => name.toLowerCase().endsWith('_maxvalue'))
  return ok({ tokens: [...tokens], aliases, needsInternalValues })
}

/** `status_description` comes with `status` by itself; on its own Maximo would not know the name. */
const companionOf = (wire: string, { schema }: CompileContext): string | null => {
  const base = wire.replace(/_(description|maxvalue)$/, '')
  const isPseudo = schema.fields.get(wire)?.subType === null
  return base !== wire && isPseudo && schema.fields.has(base) ? base : null
}

const childInFields = (name: string, index: number): QueryProblem =>
  problem(
    'not_supported',
    `select.fields[${index}]`,
    `${shown(name)} has many rows per record: ask for it under children.`,
  )

const compileChild = (
  { name, fields }: { readonly name: string; readonly fields: readonly string[] },
  { schema }: CompileContext,
): Result<string, readonly QueryProblem[]> => {
  const path = `select.children.${name.slice(0, 40)}`
  const child = schema.children.get(name.toLowerCase())
  if (child === undefined)
    return err([
      problem(
        'unknown_child',
        'select.children',
        `${schema.resource} has no child object ${shown(name)}.`,
        suggest(name, schema.children.keys()),
      ),
    ])
  if (fields.length === 1 && fields[0] === '*') return ok(`${child.name}{*}`)
  if (fields.length === 0 || fields.length > MAX_FIELDS)
    return err([problem('bad_value', path, `Name one to ${MAX_FIELDS} fields, or “*”.`)])
  const problems = fields.flatMap((field, index) => unknownInChild(field, child, `${path}[${index}]`))
  if (problems.length > 0) return err(problems)
  return ok(`${child.name}{${[...new Set(fields.map((field) => field.toLowerCase()))].join(',')}}`)
}

/** Attachments are shown as an address alone, which says nothing of how many there are: that is asked beside it. */
const countOf = (name: string, { schema }: CompileContext): string | null => {
  const child = schema.children.get(name.toLowerCase())
  return child?.name === 'doclinks' ? `rel.${child.relation}._dbcount` : null
}

const unknownInChild = (field: string, child: ChildSchema, path: string): readonly QueryProblem[] => {
  const name = field.toLowerCase()
  if (!ATTRIBUTE.test(name)) return [problem('bad_name', path, `${shown(field)} is not a field name.`)]
  if (child.fields === null || child.fields.has(name)) return []
  const near = suggest(name, child.fields.keys())
  return [problem('unknown_field', path, `${child.name} has no field ${shown(field)}.`, near)]
}

const ATTRIBUTE = /^[a-z_][a-z0-9_]{0,63}$/
const MAX_FIELDS = 100
