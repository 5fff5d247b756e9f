import { expect } from 'vitest'
import type { Oracle } from '../../../src/dev/simulator/oracle.ts'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import type { MaximoCall, MaximoClient } from '../../../src/maximo/contract.ts'
import type { Metric, OrderTerm } from '../../../src/maximo/query/query.ts'
import type { Subject } from '../maximo/question-subjects.ts'
import type { Asked, Wanted } from '../maximo/random-questions.ts'

const call = (): MaximoCall => ({ signal: new AbortController().signal, correlationId: 'question' })

/** Asks Maximo and the oracle for the rows of a question. @returns whether it was answered; too broad is no answer. */
export const askForRows = async (
  subject: Subject,
  { filter, judged }: Asked,
  { maximo, oracle, order }: { maximo: MaximoClient; oracle: Oracle; order: OrderTerm },
): Promise<boolean> => {
  const expected = oracle.matching(subject.table, judged)
  const page = await maximo.query(
    {
      objectStructure: subject.objectStructure,
      ...filter,
      select: { fields: [...subject.key, order.field] },
      orderBy: [order],
      pageSize: 1000,
      count: true,
    },
    call(),
  )
  if (!page.ok) {
    expect(page.error.map(({ reason }) => reason)).toEqual(['too_broad'])
    return false
  }
  const { records, total } = page.value
  expect(total).toBe(expected.length)
  expect(records.map(({ values }) => keyOf(subject, values)).sort()).toEqual(
    expected.map((row) => keyOf(subject, row)).sort(),
  )
  const shown = records.map(({ values }) => values[order.field] ?? null)
  expect(shown).toEqual(sorted(expected, order))
  return true
}

/** Asks both for groups. @returns whether it was answered. */
export const askForGroups = async (
  subject: Subject,
  { filter, judged }: Asked,
  { maximo, oracle, wanted }: { maximo: MaximoClient; oracle: Oracle; wanted: Wanted },
): Promise<boolean> => {
  const { groupBy, figure } = wanted
  const metrics: readonly Metric[] = [
    { kind: 'count' },
    { kind: 'sum', field: figure },
    { kind: 'min', field: figure },
    { kind: 'max', field: figure },
    { kind: 'avg', field: figure },
  ]
  const query = { objectStructure: subject.objectStructure, ...filter, groupBy, metrics, limit: 10_000 }
  const answer = await maximo.aggregate(query, call())
  if (!answer.ok) {
    expect(answer.error.map(({ reason }) => reason)).toEqual(['too_broad'])
    return false
  }
  const found = answer.value.groups.map(({ by, metrics: figures }) => [
    JSON.stringify(groupBy.map((name) => by[name])),
    figures['count'],
    ...['sum', 'min', 'max', 'avg'].map((kind) => rounded(figures[`${kind}_${figure}`])),
  ])
  const summaries = oracle.summary(oracle.matching(subject.table, judged), groupBy, figure)
  const nothing = groupBy.length === 0 && summaries.length === 0 ? [['[]', 0, null, null, null, null]] : []
  const expected = summaries.map(({ by, count, sum, min, max, average }) => [
    JSON.stringify(by),
    count,
    ...[sum, min, max, average].map(rounded),
  ])
  expect(found.sort(byFirst)).toEqual([...expected, ...nothing].sort(byFirst))
  return true
}

const keyOf = ({ key }: Subject, values: Readonly<Record<string, unknown>>): string =>
  key.map((name) => String(values[name])).join('/')

/** Without a value last ascending, first descending. */
const sorted = (rows: readonly Row[], { field, direction }: OrderTerm): readonly unknown[] => {
  const values = rows.map((row) => row[field] ?? null)
  const up = values.toSorted((a, b) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    return a < b ? -1 : Number(a > b)
  })
  return direction === 'asc' ? up : up.reverse()
}

const rounded = (value: unknown): unknown =>
  typeof value === 'number' ? Math.round(value * 1e5) / 1e5 : value

const byFirst = ([a]: readonly unknown[], [b]: readonly unknown[]): number => (String(a) < String(b) ? -1 : 1)
