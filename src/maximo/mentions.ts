import { parseInstant } from './query/instant.ts'
import type { Condition, Criterion, Filter } from './query/query.ts'
import type { ObjectSchema } from './schema/object-schema.ts'

/** The names a query mentions: whatever is needed to check them is fetched before it is compiled. */
export interface Mentions {
  readonly filter: Filter
  /** Fields selected, sorted or grouped by. */
  readonly names: readonly string[]
  readonly children: readonly string[]
}

/** The domains whose values the conditions name. */
export const domainsIn = (filter: Filter, schema: ObjectSchema): readonly string[] => {
  const found = new Set<string>()
  for (const { field, op } of conditionsIn(filter)) {
    const domainId = VALUE_OPERATORS.has(op.toLowerCase()) ? domainOf(field, schema) : null
    if (domainId !== null) found.add(domainId)
  }
  return [...found]
}

/** Every condition of the trees; those on the rows of a child under their full name. */
const conditionsIn = ({ all = [], any = [] }: Filter): readonly Condition[] => {
  const visit = (criterion: Criterion): readonly Condition[] => {
    if ('some' in criterion)
      return criterion.all.map((condition) => ({
        ...condition,
        field: `${criterion.some}.${condition.field}`,
      }))
    if ('all' in criterion) return criterion.all.flatMap(visit)
    return 'any' in criterion ? criterion.any.flatMap(visit) : [criterion]
  }
  return [...all, ...any].flatMap(visit)
}

/** Whether a condition names a point in time, not only a day. */
export const hasInstants = (filter: Filter): boolean =>
  conditionsIn(filter).some(({ value }) =>
    [value].flat().some((each) => typeof each === 'string' && parseInstant(each) !== null),
  )

/** `asset.location.description` goes through `asset` and `asset.location`; each comes after what it goes through. */
export const relationPaths = ({ filter, names }: Mentions): readonly string[] => {
  const fields = conditionsIn(filter).map(({ field }) => field)
  const paths = new Set<string>()
  for (const name of [...fields, ...names, ...(filter.search?.fields ?? [])]) {
    const parts = name.trim().toLowerCase().split('.').slice(0, MAX_PARTS)
    for (let length = 1; length < parts.length; length++) paths.add(parts.slice(0, length).join('.'))
  }
  return [...paths]
}

const domainOf = (name: string, schema: ObjectSchema): string | null => {
  const [first = '', second] = name
    .trim()
    .toLowerCase()
    .replace(/_maxvalue$/, '')
    .split('.')
  const field =
    second === undefined ? schema.fields.get(first) : schema.children.get(first)?.fields?.get(second)
  return field?.domainId ?? null
}

const VALUE_OPERATORS: ReadonlySet<string> = new Set(['eq', 'ne', 'in', 'notin'])
/** Parts of a name that are looked at: what is longer is refused anyway. */
const MAX_PARTS = 4
