import { describe, expect, test } from 'vitest'
import { compileQuery } from '../../../src/maximo/query/compile.ts'
import type { Criterion, Query } from '../../../src/maximo/query/query.ts'
import type { CompileExtras } from '../../../src/maximo/query/fields.ts'
import { aQuery, parametersOf, problemsOf, whereOf } from './support/compiled.ts'
import { assets, locations, workOrders } from './support/work-order-schema.ts'

const site = { field: 'siteid', op: 'eq', value: 'BEDFORD' }
const low = { field: 'wopriority', op: 'le', value: 2 }
const pump = { field: 'description', op: 'contains', value: 'PUMP' }
const appr = { field: 'status', op: 'eq', value: 'APPR' }
const task = { field: 'taskid', op: 'eq', value: 20 }

const compiled = (bend: Partial<Query>, extras: CompileExtras = {}) => {
  const result = compileQuery(aQuery(bend), workOrders, extras)
  if (!result.ok) throw new Error(JSON.stringify(result.error))
  const wheres = result.value.queryStrings.map((text) => new URLSearchParams(text).get('oslc.where'))
  return {
    wheres,
    reading: result.value.reading.replace(/, sorted by.*/, '').replace(/^.*records where /, ''),
  }
}

describe('a tree comes down to alternatives', () => {
  test('lists of one kind within each other are one list', () => {
    expect(whereOf([{ all: [site, { all: [low, pump] }] }])).toBe(
      'siteid="BEDFORD" and wopriority<=2 and description="%PUMP%"',
    )
    expect(parametersOf({ any: [low, { any: [pump, appr] }] }).get('opmodeor')).toBe('1')
  })

  test('alternatives within what must hold are asked one by one', () => {
    expect(compiled({ all: [site, { any: [low, { all: [pump, appr] }] }] })).toEqual({
      wheres: [
        'siteid="BEDFORD" and wopriority<=2',
        'siteid="BEDFORD" and description="%PUMP%" and status="APPR"',
      ],
      reading:
        'siteid is "BEDFORD" and (wopriority is at most 2 or (description contains "PUMP" and status is "APPR"))',
    })
  })

  test('two pairs of alternatives are four', () => {
    const { wheres } = compiled({ all: [{ any: [low, pump] }, { any: [appr, site] }] })
    expect(wheres).toEqual([
      'wopriority<=2 and status="APPR"',
      'wopriority<=2 and siteid="BEDFORD"',
      'description="%PUMP%" and status="APPR"',
      'description="%PUMP%" and siteid="BEDFORD"',
    ])
  })

  test('an alternative that another one covers is not asked', () => {
    expect(compiled({ any: [low, { all: [low, pump] }, low] })).toMatchObject({ wheres: ['wopriority<=2'] })
  })

  test('what would be more than can be asked is refused', () => {
    const three = (index: number): Criterion => ({
      any: [
        { ...low, value: index },
        { ...pump, value: `P${index}` },
        { ...appr, value: `A${index}` },
      ],
    })
    expect(problemsOf({ all: [three(1), three(2)] })).toMatchObject([{ reason: 'too_broad' }])
    expect(problemsOf({ all: Array.from({ length: 16 }, (_, index) => three(index)) })).toMatchObject([
      { reason: 'too_broad' },
    ])
  })

  test('six deep is the deepest', () => {
    const nested = (depth: number): Criterion => (depth === 1 ? low : { all: [nested(depth - 1)] })
    expect(problemsOf({ all: [nested(6)] })).toEqual([])
    expect(problemsOf({ all: [nested(7)] })).toMatchObject([{ reason: 'too_long' }])
    expect(problemsOf({ all: [nested(10_000 / 4)] })).toMatchObject([{ reason: 'too_long' }])
  })

  test.each([
    [{ all: [] }, 'all[0].all'],
    [{ any: [] }, 'all[0].any'],
    [{ some: 'woactivity', all: [] }, 'all[0].all'],
  ] as [Criterion, string][])('an empty list %j is refused', (criterion, path) => {
    expect(problemsOf({ all: [criterion] })).toMatchObject([{ reason: 'bad_value', path }])
  })

  test('problems say where in the tree they are', () => {
    const wrong = { field: 'stauts', op: 'eq', value: 'x' }
    expect(problemsOf({ any: [{ all: [site, { any: [wrong, low] }] }] })).toMatchObject([
      { path: 'any[0].all[1].any[0].field', suggestions: ['status'] },
    ])
  })
})

test('beside a saved query alternatives are asked one by one: nobody knows whether an OR would turn it too', () => {
  const queries = compileQuery(aQuery({ any: [low, pump], saved: { name: 'OPENWO' } }), workOrders)
  const parameters = queries.ok ? queries.value.queryStrings.map((text) => new URLSearchParams(text)) : []
  expect(
    parameters.map((each) => [each.get('oslc.where'), each.get('savedQuery'), each.has('opmodeor')]),
  ).toEqual([
    ['wopriority<=2', 'OPENWO', false],
    ['description="%PUMP%"', 'OPENWO', false],
  ])
})

describe('one row of a child', () => {
  test('meets all conditions in the nested form', () => {
    const { wheres, reading } = compiled({ all: [site, { some: 'WOACTIVITY', all: [task, appr] }] })
    expect(wheres).toEqual(['siteid="BEDFORD" and woactivity{taskid=20 and status="APPR"}'])
    expect(reading).toBe('siteid is "BEDFORD" and some woactivity has taskid is 20 and status is "APPR"')
  })

  test.each([
    ['taskid', 'between', [10, 20], 'woactivity{taskid>=10 and taskid<=20}'],
    ['status', 'notin', ['CAN', 'CLOSE'], 'woactivity{status!="CAN" and status!="CLOSE"}'],
    ['taskid', 'ge', 10, 'woactivity.taskid>=10'],
  ])('is what %s %s is about, not one row for each end', (field, op, value, where) => {
    expect(whereOf([{ field: `woactivity.${field}`, op, value }])).toBe(where)
  })

  test('of a relation is checked against its schema', () => {
    const extras = { relatedSchema: () => locations }
    const all = [{ field: 'locpriority', op: 'ge', value: 2 }]
    expect(compiled({ all: [{ some: 'location', all }] }, extras).wheres).toEqual([
      'location{locpriority>=2}',
    ])
    const [wrong] = problemsOf({ all: [{ some: 'location', all: [task] }] }, extras)
    expect(wrong).toMatchObject({ reason: 'unknown_field', path: 'all[0].all[0].field' })
  })

  test('is not turned by an OR: then it is asked by itself', () => {
    const some = { some: 'woactivity', all: [task, appr] }
    expect(compiled({ any: [low, some] }).wheres).toEqual([
      'wopriority<=2',
      'woactivity{taskid=20 and status="APPR"}',
    ])
    expect(parametersOf({ any: [low, { some: 'woactivity', all: [task] }] }).get('opmodeor')).toBe('1')
  })

  test.each([
    ['an unknown child', { some: 'woactivty', all: [task] }, 'unknown_relation'],
    ['a relation without known fields', { some: 'location', all: [task] }, 'unknown_relation'],
    ['a child without known fields', { some: 'worklog', all: [task] }, 'unknown_relation'],
    ['a field of the parent', { some: 'woactivity', all: [site] }, 'unknown_field'],
    [
      'a name with a dot',
      { some: 'woactivity', all: [{ ...task, field: 'woactivity.taskid' }] },
      'unknown_relation',
    ],
    ['a brace', { some: 'woactivity{taskid=1}', all: [task] }, 'unknown_relation'],
    ['a prototype', { some: '__proto__', all: [task] }, 'unknown_relation'],
  ] as [string, Criterion, string][])('%s is refused', (_name, criterion, reason) => {
    expect(problemsOf({ all: [criterion] }).map((problem) => problem.reason)).toEqual([reason])
  })
})

describe('points in time', () => {
  test('that are not a day are before or after it', () => {
    const all = [{ field: 'reportdate', op: 'ne', value: '2026-05-01' }]
    expect(compiled({ all })).toEqual({
      wheres: ['reportdate<"2026-05-01" and reportdate>="2026-05-02"'],
      reading: 'reportdate is before 2026-05-01 or reportdate is after 2026-05-01',
    })
    expect(parametersOf({ all }).get('opmodeor')).toBe('1')
  })

  test('on one of several days are alternatives', () => {
    const all = [site, { field: 'reportdate', op: 'in', value: ['2026-05-01', '2026-06-01'] }]
    expect(compiled({ all }).wheres).toEqual([
      'siteid="BEDFORD" and reportdate>="2026-05-01" and reportdate<"2026-05-02"',
      'siteid="BEDFORD" and reportdate>="2026-06-01" and reportdate<"2026-06-02"',
    ])
  })
})

describe('the internal value of a status', () => {
  const value = (name: string, internal: string) => ({
    value: name,
    internal,
    description: null,
    isDefault: true,
    siteId: null,
    orgId: null,
  })
  const domain = () => [value('APPR', 'APPR'), value('WPCOND', 'APPR'), value('CLOSE', 'CLOSE')]

  test.each([
    ['eq', 'appr', 'status in ["APPR","WPCOND"]', 'status stands for APPR'],
    ['in', ['APPR', 'CLOSE'], 'status in ["APPR","WPCOND","CLOSE"]', 'status stands for APPR, CLOSE'],
    ['ne', 'APPR', 'status!="APPR" and status!="WPCOND"', 'status does not stand for APPR'],
  ])('%s %j is asked by its synonyms', (op, asked, where, reading) => {
    const all = [{ field: 'status_maxvalue', op, value: asked }]
    expect(compiled({ all }, { domain })).toEqual({ wheres: [where], reading })
  })

  test('that does not exist is refused with what is meant', () => {
    const all = [{ field: 'status_maxvalue', op: 'eq', value: 'CLOS' }]
    expect(problemsOf({ all }, { domain })).toMatchObject([
      { reason: 'unknown_value', suggestions: ['CLOSE'] },
    ])
  })

  test('cannot be asked while the list is unknown', () => {
    const all = [{ field: 'status_maxvalue', op: 'eq', value: 'CLOSE' }]
    expect(problemsOf({ all }, { domain: () => null })).toMatchObject([{ reason: 'not_filterable' }])
  })
})

test('a relation behind a relation is checked on the way', () => {
  const relatedSchema = (path: string) =>
    ({ asset: assets, location: locations, 'asset.location': locations })[path] ?? null
  const extras = { relatedSchema }
  const all = [{ field: 'asset.location.locpriority', op: 'ge', value: 2 }]
  expect(whereOf(all, extras)).toBe('asset.location.locpriority>=2')
  expect(problemsOf({ all: [{ ...low, field: 'asset.locaton.status' }] }, extras)).toMatchObject([
    { reason: 'unknown_relation', suggestions: ['asset.location.status'] },
  ])
  expect(problemsOf({ all: [{ ...low, field: 'asset.location.stauts' }] }, extras)).toMatchObject([
    { reason: 'unknown_field', suggestions: ['asset.location.status'] },
  ])
})
