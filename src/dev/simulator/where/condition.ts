import type { Plant, Row, Value } from '../plant/plant.ts'
import type { Column, RowSource } from '../plant/row-source.ts'
import { relatedRows } from '../related-rows.ts'
import type { Relationship } from '../schema/relationships.ts'
import type { ValueTest } from './value-test.ts'

type Predicate = (row: Row) => boolean
type PositionTest = (position: number) => boolean

/** What is asked of a row, so that it can be put to a single row or to the columns of a table. */
export type Condition =
  | { readonly attribute: string; readonly test: ValueTest }
  | { readonly every: readonly Condition[] }
  | { readonly some: readonly Condition[] }
  | Along

/** Some row at the other end of a relationship meets a condition. */
interface Along {
  readonly along: Relationship
  readonly meets: Condition
  readonly plant: Plant
}

export function rowTest(condition: Condition): Predicate {
  if ('attribute' in condition) return (row) => condition.test(row[condition.attribute])
  if ('along' in condition) {
    const test = rowTest(condition.meets)
    return (row) => relatedRows(condition.plant, row, condition.along).some(test)
  }
  if ('every' in condition) {
    const tests = condition.every.map(rowTest)
    return (row) => tests.every((test) => test(row))
  }
  const tests = condition.some.map(rowTest)
  return (row) => tests.some((test) => test(row))
}

/** The positions of the rows that meet all conditions; what the rows' own attributes decide comes first. */
export function positionsOf(conditions: readonly Condition[], source: RowSource): number[] {
  const all = conditions.flatMap(parts)
  const ordered = [...all.filter((one) => !('along' in one)), ...all.filter((one) => 'along' in one)]
  return ordered.reduce<number[]>(
    (positions, condition) => positions.filter(positionTest(condition, source)),
    [...source.rows.keys()],
  )
}

const parts = (condition: Condition): readonly Condition[] =>
  'every' in condition ? condition.every.flatMap(parts) : [condition]

function positionTest(condition: Condition, source: RowSource): PositionTest {
  if ('attribute' in condition) {
    const [column, { test }] = [source.column(condition.attribute), condition]
    return (position) => test(column[position])
  }
  if ('along' in condition) return alongTest(condition, source)
  if ('every' in condition) {
    const tests = condition.every.map((one) => positionTest(one, source))
    return (position) => tests.every((test) => test(position))
  }
  const tests = condition.some.map((one) => positionTest(one, source))
  return (position) => tests.some((test) => test(position))
}

/** Up to so many rows, each is followed to its related ones; of more, the other end is looked through once. */
const FEW = 1000

function alongTest(condition: Along, source: RowSource): PositionTest {
  if (source.rows.length > FEW) return semiJoin(condition, source)
  const test = rowTest(condition)
  return (position) => {
    const row = source.rows[position]
    return row !== undefined && test(row)
  }
}

/** The rows at the other end that meet the condition, by the value that leads to them. */
function semiJoin({ along, meets, plant }: Along, source: RowSource): PositionTest {
  const there = plant.source(along.to)
  const [lead, ...others] = along.on.filter((term) => 'parent' in term)
  if (lead === undefined) return () => false
  const constants = along.on.filter((term) => 'constant' in term)
  const fixed = constants.map(({ child, constant }) => ({
    attribute: child,
    test: (value: unknown) => value === constant,
  }))
  const ends = byValue(there.column(lead.child), positionsOf([...fixed, meets], there))
  const from = source.column(lead.parent)
  const pairs = others.map(({ parent, child }) => [source.column(parent), there.column(child)] as const)
  return (position) =>
    from[position] !== undefined &&
    (ends.get(from[position]) ?? []).some((end) => pairs.every((pair) => areEqual(pair, position, end)))
}

function byValue(column: Column, positions: readonly number[]): Map<Value | undefined, number[]> {
  const found = new Map<Value | undefined, number[]>()
  for (const position of positions) {
    const bucket = found.get(column[position])
    if (bucket === undefined) found.set(column[position], [position])
    else bucket.push(position)
  }
  return found
}

const areEqual = ([here, there]: readonly [Column, Column], position: number, end: number): boolean =>
  here[position] !== undefined && here[position] === there[end]
