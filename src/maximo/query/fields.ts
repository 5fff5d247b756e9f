import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { DomainValue, SavedQueryInfo } from '../contract.ts'
import type { ChildSchema, FieldSchema, ObjectSchema } from '../schema/object-schema.ts'
import { suggest } from './did-you-mean.ts'
import type { InstantWriter } from './instant-writer.ts'
import type { ProblemReason, QueryProblem } from './query.ts'

/** What the compiler may know besides the object's own schema. Plain look-ups: whoever calls has fetched them. */
export interface CompileExtras {
  /**
   * Schema of the rows of a relation, or of one behind others (`asset.location`); null: unknown to this user, then only
   * its attributes' names are checked.
   */
  readonly relatedSchema?: (relations: string) => ObjectSchema | null
  /** Values of a domain; null: not known, then values are not checked. */
  readonly domain?: (domainId: string) => readonly DomainValue[] | null
  /** Saved queries of the object structure; null: not known, then names are not checked. */
  readonly savedQueries?: () => readonly SavedQueryInfo[] | null
  /** How instants are written; default: with the offset of UTC. */
  readonly writeInstant?: InstantWriter
}

/** An attribute that exists, and how to name it on the wire. */
export type FieldRef =
  | { readonly kind: 'own'; readonly wire: string; readonly label: string; readonly field: FieldSchema }
  | {
      readonly kind: 'child'
      readonly wire: string
      readonly label: string
      readonly child: ChildSchema
      readonly field: FieldSchema
    }
  | {
      readonly kind: 'related'
      readonly wire: string
      readonly label: string
      /** Null: we know the relation, not its attributes. */
      readonly field: FieldSchema | null
    }

/**
 * Looks a name up: `status`, `woactivity.taskid`, `location.description`, `asset.location.description`. Names match in
 * any case.
 */
export const resolveField = (
  asked: string,
  path: string,
  { schema, extras }: { readonly schema: ObjectSchema; readonly extras: CompileExtras },
): Result<FieldRef, QueryProblem> => {
  const name = asked.trim().toLowerCase()
  if (!NAME.test(name)) return err(problem('bad_name', path, `${shown(asked)} is not a field name.`))
  const [first = '', second, ...deeper] = name.split('.')
  if (second === undefined) return ownField(first, path, schema)
  const child = schema.children.get(first)
  if (child !== undefined && deeper.length === 0) return childField(child, second, path)
  if (child !== undefined || deeper.length >= MAX_RELATIONS)
    return err(problem('not_supported', path, `${shown(asked)} reaches further than a query can.`))
  const relations = name.split('.').slice(0, -1)
  return relatedField({ relations, attribute: deeper.at(-1) ?? second, path }, schema, extras)
}

const ownField = (name: string, path: string, schema: ObjectSchema): Result<FieldRef, QueryProblem> => {
  const field = schema.fields.get(name)
  if (field !== undefined) return ok({ kind: 'own', wire: name, label: name, field })
  if (schema.children.has(name))
    return err(
      problem(
        'unknown_field',
        path,
        `${name} is a child object of ${schema.resource}; name one of its fields.`,
        [...(schema.children.get(name)?.fields?.keys() ?? [])]
          .slice(0, 3)
          .map((attribute) => `${name}.${attribute}`),
      ),
    )
  return err(
    problem(
      'unknown_field',
      path,
      `${schema.resource} has no field ${shown(name)}.`,
      suggest(name, schema.fields.keys()),
    ),
  )
}

const childField = (child: ChildSchema, attribute: string, path: string): Result<FieldRef, QueryProblem> => {
  const field = child.fields?.get(attribute)
  const label = `${child.name}.${attribute}`
  if (field !== undefined)
    return ok({ kind: 'child', wire: `${child.relation}.${attribute}`, label, child, field })
  const near = suggest(attribute, child.fields?.keys() ?? [])
  return err(
    problem(
      'unknown_field',
      path,
      `The child object ${child.name} has no field ${shown(attribute)}.`,
      near.map((name) => `${child.name}.${name}`),
    ),
  )
}

interface RelatedName {
  readonly relations: readonly string[]
  readonly attribute: string
  readonly path: string
}

const relatedField = (
  { relations, attribute, path }: RelatedName,
  schema: ObjectSchema,
  extras: CompileExtras,
): Result<FieldRef, QueryProblem> => {
  let at: ObjectSchema | null = schema
  for (const [index, relation] of relations.entries()) {
    const before = relations
      .slice(0, index)
      .map((name) => `${name}.`)
      .join('')
    if (at === null)
      return err(
        problem('not_supported', path, `We do not know what lies behind ${shown(before.slice(0, -1))}.`),
      )
    if (!at.relations.has(relation))
      return err(
        unknownRelation({
          schema: at,
          relation,
          before,
          attribute: relations.length - index > 1 ? '' : `.${attribute}`,
          path,
        }),
      )
    at = extras.relatedSchema?.(before + relation) ?? null
  }
  const label = `${relations.join('.')}.${attribute}`
  if (at === null) return ok({ kind: 'related', wire: label, label, field: null })
  const field = at.fields.get(attribute)
  if (field !== undefined) return ok({ kind: 'related', wire: label, label, field })
  return err(
    problem(
      'unknown_field',
      path,
      `The relation ${relations.join('.')} has no field ${shown(attribute)}.`,
      suggest(attribute, at.fields.keys()).map((name) => `${relations.join('.')}.${name}`),
    ),
  )
}

const unknownRelation = ({
  schema,
  relation,
  before,
  attribute,
  path,
}: {
  readonly schema: ObjectSchema
  readonly relation: string
  /** The relations on the way to it, each with a dot behind. */
  readonly before: string
  /** What follows it, with a dot before; empty when that is not known to fit. */
  readonly attribute: string
  readonly path: string
}): QueryProblem =>
  problem(
    'unknown_relation',
    path,
    `${schema.resource} has no relation or child object ${shown(relation)} that we know.`,
    suggest(relation, [...schema.relations.keys(), ...(before === '' ? schema.children.keys() : [])]).map(
      (name) => `${before}${name}${attribute}`,
    ),
  )

export const problem = (
  reason: ProblemReason,
  path: string,
  message: string,
  suggestions: readonly string[] = [],
): QueryProblem => ({ reason, path, message, suggestions })

/** A name or value for a sentence: as it is when plain and short, else not repeated. */
export const shown = (text: string): string => (isPlain(text) ? `“${text}”` : 'the given text')

export const isPlain = (text: string): boolean => PLAIN.test(text)

/** Attribute and relation names of Maximo: letters, digits, underscore. */
const NAME = /^[a-z_][a-z0-9_]{0,63}(\.[a-z_][a-z0-9_]{0,63})*$/
const PLAIN = /^[\p{L}\p{N} _.,:/+%*#-]{1,40}$/u
/** Relations in one name; each costs Maximo a query per row. */
const MAX_RELATIONS = 3
