import type { ComparedCondition, CompiledCondition } from './clause.ts'
import { equalityClause } from './clause.ts'
import type { CompileContext } from './condition.ts'
import { compileCondition } from './condition.ts'
import { problem } from './fields.ts'
import type { Condition, Criterion, QueryProblem } from './query.ts'
import { equivalentOf } from './equivalent.ts'
import { compileSome } from './some.ts'

/** A tree of conditions as alternatives, each a list of conditions that all hold, and how to say it. */
export interface Normal {
  readonly alternatives: readonly (readonly CompiledCondition[])[]
  readonly reading: string
  /** How its parts are joined: what stands beside others needs parentheses accordingly. */
  readonly joined: 'one' | 'and' | 'or'
}

export interface Collect {
  readonly context: CompileContext
  /** Everything wrong so far. */
  readonly problems: QueryProblem[]
}

/** Checks a tree against the schema. Null when something is wrong with it: then `problems` says what. */
const compileCriterion = (criterion: Criterion, path: string, collect: Collect): Normal | null => {
  if ('some' in criterion) {
    const some = compileSome(criterion, path, collect)
    return some === null ? null : single(some)
  }
  if ('all' in criterion) return compileList(criterion.all, `${path}.all`, collect, allOf)
  if ('any' in criterion) return compileList(criterion.any, `${path}.any`, collect, anyOf)
  return compileLeaf(criterion, path, collect)
}

/** The conditions of a list by themselves; null where one is wrong. */
export const compileEach = (
  criteria: readonly Criterion[],
  path: string,
  collect: Collect,
): readonly Normal[] | null => {
  const normals = criteria.map((criterion, index) =>
    compileCriterion(criterion, `${path}[${index}]`, collect),
  )
  return normals.every((normal) => normal !== null) ? normals : null
}

/** All of them hold: every alternative of one with every alternative of the others. */
export const allOf = (parts: readonly Normal[], { problems }: Collect): Normal | null => {
  const [only, ...others] = parts
  if (only !== undefined && others.length === 0) return only
  if (parts.reduce((product, { alternatives }) => product * alternatives.length, 1) > MAX_PRODUCT) {
    problems.push(TOO_BROAD)
    return null
  }
  return {
    alternatives: parts.reduce<Normal['alternatives']>(
      (before, { alternatives }) => before.flatMap((one) => alternatives.map((other) => [...one, ...other])),
      [[]],
    ),
    reading: joinReadings(parts, 'and'),
    joined: 'and',
  }
}

/** One of them holds. Those that ask one field for equality are one condition: `in`. */
export const anyOf = (parts: readonly Normal[]): Normal => {
  const folded = foldEqualities(parts)
  const [only, ...others] = folded
  if (only !== undefined && others.length === 0) return only
  return {
    alternatives: folded.flatMap(({ alternatives }) => alternatives),
    reading: joinReadings(folded, 'or'),
    joined: 'or',
  }
}

/** How many conditions a tree holds, and how deep. */
export const extentOf = (
  criteria: readonly Criterion[],
): { readonly conditions: number; readonly depth: number } => {
  let conditions = 0
  let depth = 0
  const visit = (criterion: Criterion, level: number): void => {
    depth = Math.max(depth, level)
    if (level > MAX_DEPTH) return
    if ('all' in criterion) for (const each of criterion.all) visit(each, level + 1)
    else if ('any' in criterion) for (const each of criterion.any) visit(each, level + 1)
    else conditions++
  }
  for (const criterion of criteria) visit(criterion, 1)
  return { conditions, depth }
}

export const MAX_DEPTH = 6
/** Alternatives that are asked one by one; {@link MAX_PRODUCT} bounds what is made on the way there. */
export const MAX_ALTERNATIVES = 5
const MAX_PRODUCT = 64

export const TOO_BROAD = problem(
  'too_broad',
  'any',
  `Beside conditions that must hold, at most ${MAX_ALTERNATIVES} alternatives are possible; ` +
    'values of one field count as one.',
)

const compileList = (
  criteria: readonly Criterion[],
  path: string,
  collect: Collect,
  join: (parts: readonly Normal[], collect: Collect) => Normal | null,
): Normal | null => {
  if (criteria.length === 0) {
    collect.problems.push(problem('bad_value', path, 'A list of conditions needs at least one.'))
    return null
  }
  const parts = compileEach(criteria, path, collect)
  return parts === null ? null : join(parts, collect)
}

const compileLeaf = (condition: Condition, path: string, collect: Collect): Normal | null => {
  const { context, problems } = collect
  const equivalent = equivalentOf(condition, path, context)
  if (equivalent?.ok === false) {
    problems.push(equivalent.error)
    return null
  }
  if (equivalent !== null) {
    const { criterion, reading } = equivalent.value
    const normal = compileCriterion(criterion, path, collect)
    return normal === null || reading === null ? normal : { ...normal, reading, joined: 'one' }
  }
  const compiled = compileCondition(condition, path, context)
  if (compiled.ok) return single(onOneRow(compiled.value))
  problems.push(compiled.error)
  return null
}

/** A range or a list of exclusions on a child is about one row of it: side by side, two rows could meet the two ends. */
const onOneRow = (condition: ComparedCondition): CompiledCondition => {
  const { ref, clauses } = condition
  if (ref.kind !== 'child' || clauses.length < 2) return condition
  const { relation } = ref.child
  const inner = clauses.map((clause) => ({ ...clause, attribute: ref.field.name }))
  return { ...condition, clauses: [{ relation, inner }] }
}

const single = (condition: CompiledCondition): Normal => ({
  alternatives: [[condition]],
  reading: condition.reading,
  joined: 'one',
})

const foldEqualities = (parts: readonly Normal[]): readonly Normal[] => {
  const folded = new Map<string, Normal>()
  parts.forEach((part, index) => {
    const equals = equalityOf(part)
    const key = equals === null ? `#${index}` : `=${equals.ref.wire}`
    const before = folded.get(key)
    folded.set(key, before === undefined ? part : merged(before, part))
  })
  return [...folded.values()]
}

const equalityOf = ({ alternatives, joined }: Normal): CompiledCondition['equals'] => {
  const [only, ...others] = alternatives
  const [condition] = only ?? []
  return joined === 'one' && others.length === 0 && only?.length === 1 ? (condition?.equals ?? null) : null
}

const merged = (a: Normal, b: Normal): Normal => {
  const [left, right] = [equalityOf(a), equalityOf(b)]
  if (left === null || right === null) return a
  const literals = [...new Set([...left.literals, ...right.literals])]
  return single({
    ref: left.ref,
    clauses: [equalityClause(left.ref.wire, literals)],
    reading: `${left.ref.label} is ${literals.length > 1 ? 'one of ' : ''}${literals.join(', ')}`,
    equals: { ref: left.ref, literals },
  })
}

const joinReadings = (parts: readonly Normal[], word: 'and' | 'or'): string =>
  parts
    .map(({ reading, joined }) => (joined === 'one' || joined === word ? reading : `(${reading})`))
    .join(` ${word} `)
