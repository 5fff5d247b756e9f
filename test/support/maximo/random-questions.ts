import fc from 'fast-check'
import type { Criterion as Judged } from '../../../src/dev/simulator/oracle-criteria.ts'
import type { Plant, Row } from '../../../src/dev/simulator/plant/plant.ts'
import type { Condition, Criterion, Filter, OrderTerm } from '../../../src/maximo/query/query.ts'
import type { Subject } from './question-subjects.ts'

/** A question twice: as the compiler takes it, and as the oracle understands it without any syntax. */
export interface Asked {
  readonly filter: Filter
  readonly judged: Judged
}

interface Leaf {
  readonly condition: Condition
  readonly judged: Judged
}

/** An attribute and a direction to sort by. */
export const orders = (subject: Subject): fc.Arbitrary<OrderTerm> =>
  fc.record({
    field: fc.constantFrom(...subject.numbers, ...subject.texts),
    direction: fc.constantFrom('asc' as const, 'desc' as const),
  })

/** What groups are told apart by, and the attribute of sum, extremes and average. */
export interface Wanted {
  readonly groupBy: readonly string[]
  readonly figure: string
}

export const wantedOf = (subject: Subject): fc.Arbitrary<Wanted> =>
  fc.record({
    groupBy: fc.subarray([...subject.groupBy], { maxLength: 2 }),
    figure: fc.constantFrom(...subject.sums),
  })

/** Nothing that the compiler refuses: each value is one that a row has, or near it. */
export const questionsAbout = (subject: Subject, plant: Plant, zone: string): fc.Arbitrary<Asked> => {
  const leaf = leafOf(subject, plant, zone)
  const tree: fc.Arbitrary<{ criterion: Criterion; judged: Judged }> = fc.oneof(
    { weight: 6, arbitrary: leaf.map(({ condition, judged }) => ({ criterion: condition, judged })) },
    { weight: 1, arbitrary: someOf(subject, plant) },
    {
      weight: 1,
      arbitrary: fc.array(leaf, { minLength: 1, maxLength: 2 }).map((leaves) => joined('all', leaves)),
    },
    {
      weight: 1,
      arbitrary: fc.array(leaf, { minLength: 1, maxLength: 2 }).map((leaves) => joined('any', leaves)),
    },
  )
  return fc
    .record({
      all: fc.array(tree, { maxLength: 2 }),
      any: fc.array(tree, { maxLength: 2 }),
      search: fc.option(searchIn(subject, plant), { freq: 6 }),
    })
    .map(({ all, any, search }) => ({
      filter: {
        all: all.map(({ criterion }) => criterion),
        any: any.map(({ criterion }) => criterion),
        ...(search !== null && { search: search.search }),
      },
      judged: {
        all: [
          ...all.map(({ judged }) => judged),
          ...(any.length > 0 ? [{ any: any.map(({ judged }) => judged) }] : []),
          ...(search !== null ? [search.judged] : []),
        ],
      },
    }))
}

const joined = (kind: 'all' | 'any', leaves: readonly Leaf[]): { criterion: Criterion; judged: Judged } => {
  const [criteria, judged] = [leaves.map(({ condition }) => condition), leaves.map((each) => each.judged)]
  return kind === 'all'
    ? { criterion: { all: criteria }, judged: { all: judged } }
    : { criterion: { any: criteria }, judged: { any: judged } }
}

const leafOf = (subject: Subject, plant: Plant, zone: string): fc.Arbitrary<Leaf> => {
  const rows = plant.rows(subject.table)
  const one = (names: readonly string[], make: (name: string) => fc.Arbitrary<Leaf>) =>
    names.map((name) => make(name))
  return fc.oneof(
    ...one(subject.texts, (name) => textLeaf(name, rows)),
    ...one(subject.numbers, (name) => numberLeaf(name, rows)),
    ...one(subject.flags, (name) => flagLeaf(name)),
    ...one(subject.instants, (name) => instantLeaf(name, rows)),
    ...one(subject.instants, (name) => wholeDayLeaf(name, rows, zone)),
    ...one(subject.days, (name) => dayLeaf(name, rows)),
    ...subject.related.map(({ field, along, table }) =>
      textLeaf(field.split('.').at(-1) ?? '', plant.rows(table)).map(({ condition, judged }) => ({
        condition: { ...condition, field },
        judged: along.reduceRight<Judged>((some, name) => ({ along: name, some }), judged),
      })),
    ),
    ...subject.children.flatMap((child) =>
      childLeaves(child, plant).map((arbitrary) =>
        arbitrary.map(({ condition, judged }) => ({
          condition: { ...condition, field: `${child.name}.${condition.field}` },
          judged: { along: child.along, some: judged },
        })),
      ),
    ),
  )
}

type Child = Subject['children'][number]

/** Rows of a child exist only under a parent; tasks share their table with work orders. */
const childLeaves = ({ table, texts, numbers }: Child, plant: Plant): readonly fc.Arbitrary<Leaf>[] => {
  const rows = plant.rows(table).filter((row) => table !== 'WORKORDER' || row['istask'] === true)
  return [...texts.map((name) => textLeaf(name, rows)), ...numbers.map((name) => numberLeaf(name, rows))]
}

/** One row of a child that meets several conditions. */
const someOf = (
  { children }: Subject,
  plant: Plant,
): fc.Arbitrary<{ criterion: Criterion; judged: Judged }> => {
  const some = children.map((child) =>
    fc.array(fc.oneof(...childLeaves(child, plant)), { minLength: 1, maxLength: 2 }).map((leaves) => ({
      criterion: { some: child.name, all: leaves.map(({ condition }) => condition) },
      judged: { along: child.along, some: { all: leaves.map(({ judged }) => judged) } },
    })),
  )
  return some.length === 0 ? fc.constant({ criterion: EVERYTHING, judged: { all: [] } }) : fc.oneof(...some)
}

const EVERYTHING: Criterion = { all: [{ field: 'ticketid', op: 'notnull' }] }

const searchIn = (subject: Subject, plant: Plant) =>
  fc
    .record({
      fields: fc.subarray([...subject.search], { minLength: 1 }),
      words: fc.array(fc.constantFrom(...wordsOf(plant.rows(subject.table))), { minLength: 1, maxLength: 2 }),
    })
    .map(({ fields, words }) => ({
      search: { fields, words },
      judged: {
        any: fields.flatMap((field) => words.map((word) => searched(subject, field, word))),
      } satisfies Judged,
    }))

const searched = (subject: Subject, field: string, word: string): Judged => {
  const contains = {
    attribute: field.split('.').at(-1) ?? '',
    is: { kind: 'like', pattern: `%${word}%` },
  } as const
  const along = subject.related.find((each) => each.field === field)?.along ?? []
  return along.reduceRight<Judged>((some, name) => ({ along: name, some }), contains)
}

const wordsOf = (rows: readonly Row[]): readonly string[] => {
  const words = rows.flatMap((row) => String(row['description'] ?? '').match(/[A-Za-z]{4,}/g) ?? [])
  return [...new Set(words)].slice(0, 60)
}

const valuesOf = <T>(
  name: string,
  rows: readonly Row[],
  is: (value: unknown) => value is T,
): readonly T[] => [...new Set(rows.map((row) => row[name] as unknown).filter(is))]
const isText = (value: unknown): value is string => typeof value === 'string'
const isNumber = (value: unknown): value is number => typeof value === 'number'

const presence = (field: string): fc.Arbitrary<Leaf> =>
  fc.constantFrom('null', 'notnull').map((op) => ({
    condition: { field, op },
    judged: { attribute: field, is: { kind: op === 'null' ? 'empty' : 'set' } },
  }))

const textLeaf = (field: string, rows: readonly Row[]): fc.Arbitrary<Leaf> => {
  // What no clause can hold is the matter of other tests; a wildcard of its own would not be one in a list.
  const values = valuesOf(field, rows, isText).filter((value) => !/["\\%_&]/.test(value))
  if (values.length === 0) return presence(field)
  const pick = fc.constantFrom(...values)
  const equality = fc
    .record({
      op: fc.constantFrom('eq', 'ne', 'in', 'notin'),
      picks: fc.array(pick, { minLength: 1, maxLength: 3 }),
    })
    .map(({ op, picks }): Leaf => {
      const isList = op === 'in' || op === 'notin'
      const isNot = op === 'ne' || op === 'notin'
      const asked = isList ? picks : picks.slice(0, 1)
      return {
        condition: { field, op, value: isList ? asked : asked[0] },
        judged: { attribute: field, is: { kind: isNot ? 'none-of' : 'one-of', values: asked } },
      }
    })
  const pattern = fc
    .record({
      op: fc.constantFrom('starts', 'ends', 'contains', 'like'),
      value: pick,
      cut: fc.nat(5),
      length: fc.integer({ min: 1, max: 6 }),
    })
    .map(({ op, value, cut, length }): Leaf => {
      const some = value.slice(cut, cut + length).trim()
      const part = some === '' ? value : some
      const text = op === 'like' ? `${value.slice(0, 1)}%${part}%` : part
      const wild = { starts: `${part}%`, ends: `%${part}`, contains: `%${part}%`, like: text }[op]
      return {
        condition: { field, op, value: text },
        judged: { attribute: field, is: { kind: 'like', pattern: wild } },
      }
    })
  return fc.oneof(
    { weight: 4, arbitrary: equality },
    { weight: 4, arbitrary: pattern },
    { weight: 1, arbitrary: presence(field) },
  )
}

/** `gt` and `lt` are the two-sided range without its end. */
const ordered = (field: string, op: string, from: string | number, to: string | number): Judged => {
  const at = (is: Extract<Judged, { attribute: string }>['is']): Judged => ({ attribute: field, is })
  switch (op) {
    case 'eq':
      return at({ kind: 'within', from, to })
    case 'gt':
      return { all: [at({ kind: 'within', from: to }), at({ kind: 'none-of', values: [to] })] }
    case 'ge':
      return at({ kind: 'within', from })
    case 'lt':
      return { all: [at({ kind: 'within', to: from }), at({ kind: 'none-of', values: [from] })] }
    case 'le':
      return at({ kind: 'within', to })
    default:
      return { any: [ordered(field, 'lt', from, to), ordered(field, 'gt', from, to)] }
  }
}

const numberLeaf = (field: string, rows: readonly Row[]): fc.Arbitrary<Leaf> => {
  const values = valuesOf(field, rows, isNumber)
  if (values.length === 0) return presence(field)
  const pick = fc.constantFrom(...values)
  const compared = fc
    .record({
      op: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le', 'between', 'in', 'notin'),
      a: pick,
      b: pick,
    })
    .map(({ op, a, b }): Leaf => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)]
      if (op === 'between')
        return { condition: { field, op, value: [low, high] }, judged: ordered(field, 'eq', low, high) }
      if (op === 'in' || op === 'notin')
        return {
          condition: { field, op, value: [a, b] },
          judged: { attribute: field, is: { kind: op === 'in' ? 'one-of' : 'none-of', values: [a, b] } },
        }
      return { condition: { field, op, value: a }, judged: ordered(field, op, a, a) }
    })
  return fc.oneof({ weight: 6, arbitrary: compared }, { weight: 1, arbitrary: presence(field) })
}

const flagLeaf = (field: string): fc.Arbitrary<Leaf> =>
  fc.record({ op: fc.constantFrom('eq', 'ne'), value: fc.boolean() }).map(({ op, value }) => ({
    condition: { field, op, value },
    judged: { attribute: field, is: { kind: op === 'eq' ? 'one-of' : 'none-of', values: [value] } },
  }))

/** An instant is the second that starts there: Maximo keeps fractions and shows none. */
const instantLeaf = (field: string, rows: readonly Row[]): fc.Arbitrary<Leaf> => {
  const values = valuesOf(field, rows, isNumber)
  if (values.length === 0) return presence(field)
  return fc
    .record({
      op: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le', 'between', 'in'),
      value: fc.constantFrom(...values),
      shift: fc.constantFrom(0, 0, -1, 1, 86_400),
    })
    .map(({ op, value, shift }): Leaf => {
      const from = (Math.floor(value / 1000) + shift) * 1000
      const text = new Date(from).toISOString()
      const asked = op === 'between' || op === 'in' ? [text, text] : text
      const judged = ordered(field, op === 'between' || op === 'in' ? 'eq' : op, from, from + 999)
      return { condition: { field, op, value: asked }, judged }
    })
}

/** A day on a point in time is the whole day where the reader stands. */
const wholeDayLeaf = (field: string, rows: readonly Row[], zone: string): fc.Arbitrary<Leaf> => {
  const values = valuesOf(field, rows, isNumber)
  if (values.length === 0) return presence(field)
  return fc
    .record({ op: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le'), value: fc.constantFrom(...values) })
    .map(({ op, value }): Leaf => {
      const day = dayIn(zone, value)
      const next = new Date(Date.parse(`${day}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10)
      const judged = ordered(field, op, midnight(day, zone), midnight(next, zone) - 1)
      return { condition: { field, op, value: day }, judged }
    })
}

const dayLeaf = (field: string, rows: readonly Row[]): fc.Arbitrary<Leaf> => {
  const values = valuesOf(field, rows, isText)
  if (values.length === 0) return presence(field)
  return fc
    .record({
      op: fc.constantFrom('eq', 'ne', 'gt', 'ge', 'lt', 'le', 'in', 'notin'),
      value: fc.constantFrom(...values),
    })
    .map(({ op, value }): Leaf => {
      if (op === 'in' || op === 'notin')
        return {
          condition: { field, op, value: [value] },
          judged: { attribute: field, is: { kind: op === 'in' ? 'one-of' : 'none-of', values: [value] } },
        }
      return { condition: { field, op, value }, judged: ordered(field, op, value, value) }
    })
}

const dayIn = (zone: string, instantMs: number): string =>
  new Intl.DateTimeFormat('en-CA', { timeZone: zone, dateStyle: 'short' }).format(instantMs)

/** The first moment of a day: the hour of UTC at which the day begins there. */
const midnight = (day: string, zone: string): number => {
  const utc = Date.parse(`${day}T00:00:00Z`)
  for (let hours = -14; hours <= 14; hours += 0.25) {
    const at = utc + hours * 3_600_000
    if (dayIn(zone, at) === day && dayIn(zone, at - 1) < day) return at
  }
  throw new Error(`no midnight of ${day} in ${zone}`)
}
