import { describe, expect, test } from 'vitest'
import { compileGroups } from '../../../src/maximo/query/compile-groups.ts'
import { compileMember, compileQuery } from '../../../src/maximo/query/compile.ts'
import type { GroupQuery, Query } from '../../../src/maximo/query/query.ts'
import { aQuery, parametersOf, problemsOf } from './support/compiled.ts'
import { locations, workOrders } from './support/work-order-schema.ts'

const site = { field: 'siteid', op: 'eq', value: 'BEDFORD' }
const low = { field: 'wopriority', op: 'le', value: 2 }
const pump = { field: 'description', op: 'contains', value: 'PUMP' }

describe('alternatives', () => {
  test('alone they are one OR', () => {
    const parameters = parametersOf({ any: [low, pump] })
    expect(parameters.get('oslc.where')).toBe('wopriority<=2 and description="%PUMP%"')
    expect(parameters.get('opmodeor')).toBe('1')
  })

  test('of one field they fold into a list, which may stand beside what must hold', () => {
    const parameters = parametersOf({
      all: [site],
      any: [
        { field: 'status', op: 'eq', value: 'APPR' },
        { field: 'status', op: 'in', value: ['WAPPR', 'APPR'] },
      ],
    })
    expect(parameters.get('oslc.where')).toBe('siteid="BEDFORD" and status in ["APPR","WAPPR"]')
    expect(parameters.has('opmodeor')).toBe(false)
  })

  test('a single one is a condition like any other', () => {
    expect(parametersOf({ all: [site], any: [low] }).get('oslc.where')).toBe(
      'siteid="BEDFORD" and wopriority<=2',
    )
  })

  test.each([
    ['beside a condition that must hold', { all: [site], any: [low, pump] }],
    ['beside a text search', { search: { words: ['oil'], fields: ['description'] }, any: [low, pump] }],
    ['of which one needs two clauses', { any: [low, { field: 'estdur', op: 'between', value: [1, 2] }] }],
  ])('%s they are asked one by one: opmodeor would turn the rest too', (_name, bend: Partial<Query>) => {
    const compiled = compileQuery(aQuery(bend), workOrders)
    if (!compiled.ok) throw new Error('does not compile')
    expect(compiled.value.queryStrings).toHaveLength(2)
    for (const text of compiled.value.queryStrings) {
      const parameters = new URLSearchParams(text)
      expect(parameters.has('opmodeor')).toBe(false)
      expect(parameters.get('collectioncount')).toBe('1')
      expect(parameters.get('oslc.searchTerms')).toBe(bend.search === undefined ? null : '"oil"')
      expect(parameters.get('oslc.where')?.startsWith('siteid="BEDFORD" and ')).toBe(bend.all !== undefined)
    }
  })

  test('more than five beside what must hold are refused', () => {
    const fields = ['wonum', 'assetnum', 'location', 'orgid', 'worktype', 'status']
    const any = fields.map((field) => ({ field, op: 'eq', value: 'X' }))
    expect(problemsOf({ all: [site], any })).toMatchObject([{ reason: 'too_broad', path: 'any' }])
    expect(problemsOf({ all: [site], any: any.slice(1) })).toEqual([])
  })
})

describe('the request', () => {
  test('is lean, signs every order field and ends with the key', () => {
    const parameters = parametersOf({
      orderBy: [
        { field: 'reportdate', direction: 'desc' },
        { field: 'siteid', direction: 'asc' },
      ],
      count: true,
      page: { page: 3 },
    })
    expect([...parameters.entries()]).toEqual([
      ['lean', '1'],
      ['ignorecollectionref', '1'],
      ['oslc.select', 'wonum'],
      ['oslc.orderBy', '-reportdate,+siteid,+wonum'],
      ['oslc.pageSize', '20'],
      ['pageno', '3'],
      ['collectioncount', '1'],
    ])
  })

  test('never carries a bare plus, space, quote or apostrophe', () => {
    const compiled = compileQuery(
      aQuery({ all: [{ field: 'description', op: 'eq', value: "a+b c'd(e)" }] }),
      workOrders,
    )
    expect(compiled.ok && compiled.value.queryStrings[0]).toMatch(/^[A-Za-z0-9%&=._~*-]+$/)
  })

  test('is refused when it is too long for an address', () => {
    const value = Array.from({ length: 250 }, (_, index) => `${index}`.padStart(25, 'ÄÖÜ'))
    expect(problemsOf({ all: [{ field: 'wonum', op: 'in', value }] })).toMatchObject([{ reason: 'too_long' }])
  })

  test('is refused with more than 50 conditions, not with 50', () => {
    const all = Array.from({ length: 51 }, () => low)
    expect(problemsOf({ all })).toMatchObject([{ reason: 'too_long' }])
    expect(problemsOf({ all: all.slice(1) })).toEqual([])
  })

  test.each([0, 1.5, 1001, Number.NaN])('a page of %d rows is refused', (pageSize) => {
    expect(problemsOf({ pageSize })).toMatchObject([{ reason: 'bad_value', path: 'pageSize' }])
  })

  test.each([0, -1, 1.5, 1e9])('page %d is no cursor of ours', (page) => {
    expect(problemsOf({ page: { page } })).toMatchObject([{ reason: 'bad_value', path: 'page' }])
  })
})

describe('select', () => {
  const selectOf = (select: Parameters<typeof compileMember>[0]) => {
    const compiled = compileMember(select, workOrders, { relatedSchema: () => locations })
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
    return compiled.value.select
  }

  test('relations travel under aliases, so that nothing is nested or moved', () => {
    const { tokens, aliases } = selectOf({ fields: ['location', 'location.description', 'LOCATION.STATUS'] })
    expect(tokens).toEqual(['location', 'location.description--rel0', 'location.status--rel1'])
    expect([...aliases]).toEqual([
      ['rel0', 'location.description'],
      ['rel1', 'location.status'],
    ])
  })

  test('children and allowed states are asked for by their own grammar', () => {
    const { tokens } = selectOf({
      fields: ['wonum', 'wonum'],
      children: { woactivity: ['taskid', 'STATUS'], worklog: ['*'] },
      allowedStates: true,
    })
    expect(tokens).toEqual(['wonum', 'woactivity{taskid,status}', 'worklog{*}', 'allowedstates'])
  })

  test('a companion brings the attribute it belongs to', () => {
    expect(selectOf({ fields: ['status_description'] }).tokens).toEqual(['status'])
    expect(selectOf({ fields: ['status_maxvalue'] })).toMatchObject({ needsInternalValues: true })
  })

  test.each([
    ['a child among the fields', { fields: ['woactivity.taskid'] }, 'not_supported'],
    ['a child object as a field', { fields: ['woactivity'] }, 'unknown_field'],
    ['a brace', { fields: ['wonum{*}'] }, 'bad_name'],
    ['a comma', { fields: ['wonum,status'] }, 'bad_name'],
    ['an alias of the caller', { fields: ['wonum--x'] }, 'bad_name'],
    ['a formula', { fields: ['exp.x(1)'] }, 'bad_name'],
    ['a brace in a child', { fields: [], children: { woactivity: ['taskid}'] } }, 'bad_name'],
    ['a brace in a child without known fields', { fields: [], children: { worklog: ['a{*}'] } }, 'bad_name'],
    ['a child without fields', { fields: [], children: { woactivity: [] } }, 'bad_value'],
    ['a child named like a prototype', { fields: [], children: { constructor: ['a'] } }, 'unknown_child'],
    ['101 fields', { fields: Array.from({ length: 101 }, () => 'wonum') }, 'too_long'],
  ])('%s is refused', (_name, select, reason) => {
    const compiled = compileMember(select, workOrders)
    expect(compiled.ok ? [] : compiled.error.map((problem) => problem.reason)).toContain(reason)
  })
})

describe('groups', () => {
  const onlyQuestion = (compiled: ReturnType<typeof compileGroups>): string => {
    if (!compiled.ok || compiled.value.questions.length !== 1) throw new Error(JSON.stringify(compiled))
    return compiled.value.questions[0]?.queryString ?? ''
  }
  const groupsOf = (bend: Partial<GroupQuery>) =>
    compileGroups(
      {
        objectStructure: 'mxapiwodetail',
        groupBy: ['status'],
        metrics: [{ kind: 'count' }],
        limit: 10,
        ...bend,
      },
      workOrders,
    )

  test('are asked for with gbcols over the compiled filter', () => {
    const compiled = groupsOf({ all: [site], metrics: [{ kind: 'count' }, { kind: 'avg', field: 'ESTDUR' }] })
    const parameters = new URLSearchParams(onlyQuestion(compiled))
    expect(parameters.get('gbcols')).toBe('status,count.*,avg.estdur')
    expect(parameters.get('oslc.where')).toBe('siteid="BEDFORD"')
    expect(compiled).toMatchObject({
      value: {
        reading: 'MXAPIWODETAIL: count, average of ESTDUR per status over records where siteid is "BEDFORD"',
      },
    })
  })

  test('a count over everything asks for the count alone', () => {
    const compiled = groupsOf({ groupBy: [] })
    expect(onlyQuestion(compiled)).toBe('lean=1&count=1&oslc.pageSize=1')
  })

  test.each([
    ['a sum of text', { metrics: [{ kind: 'sum', field: 'status' }] }, 'bad_value'],
    ['a sum of dates', { metrics: [{ kind: 'sum', field: 'reportdate' }] }, 'bad_value'],
    ['no metric', { metrics: [] }, 'bad_value'],
    ['no limit', { limit: 0 }, 'bad_value'],
    ['a relation', { groupBy: ['location.status'] }, 'not_supported'],
    ['a calculated field', { groupBy: ['description_longdescription'] }, 'not_supported'],
    ['an unknown field', { groupBy: ['sitid'] }, 'unknown_field'],
  ] as [string, Partial<GroupQuery>, string][])('%s is refused', (_name, bend, reason) => {
    const compiled = groupsOf(bend)
    expect(compiled.ok ? [] : compiled.error.map((problem) => problem.reason)).toEqual([reason])
  })

  test('over alternatives beside what must hold add up what is asked of each and of what they share', () => {
    const compiled = groupsOf({ all: [site], any: [low, pump] })
    const questions = compiled.ok ? compiled.value.questions : []
    const wheres = questions.map(({ queryString }) => new URLSearchParams(queryString).get('oslc.where'))
    expect(wheres).toEqual([
      'siteid="BEDFORD" and wopriority<=2',
      'siteid="BEDFORD" and description="%PUMP%"',
      'siteid="BEDFORD" and wopriority<=2 and description="%PUMP%"',
    ])
    expect(questions.map(({ sign }) => sign)).toEqual([1, 1, -1])
    expect(questions.map(({ isAlternative }) => isAlternative)).toEqual([true, true, false])
  })

  test('over five alternatives are too many questions', () => {
    const any = ['wonum', 'assetnum', 'location', 'orgid', 'worktype'].map((field) => ({
      ...site,
      field,
      value: 'X',
    }))
    const compiled = groupsOf({ all: [low], any })
    expect(compiled).toMatchObject({ ok: false, error: [{ reason: 'too_broad' }] })
    expect(groupsOf({ all: [low], any: any.slice(1) })).toMatchObject({ ok: true })
  })

  test('the highest date is a group value, alternatives alone are one OR', () => {
    const compiled = groupsOf({ metrics: [{ kind: 'max', field: 'reportdate' }], any: [low, pump] })
    expect(onlyQuestion(compiled)).toContain('opmodeor=1&gbcols=status%2Cmax.reportdate')
  })
})

test('the reading says in plain English what was asked', () => {
  const compiled = compileQuery(
    aQuery({
      all: [site, { field: 'reportdate', op: 'ge', value: '2026-05-01' }],
      any: [low, pump],
      orderBy: [{ field: 'wopriority', direction: 'desc' }],
    }),
    workOrders,
  )
  expect(compiled.ok && compiled.value.reading).toBe(
    'MXAPIWODETAIL: records where siteid is "BEDFORD" and reportdate is on or after 2026-05-01 and ' +
      '(wopriority is at most 2 or description contains "PUMP"), sorted by wopriority descending, workorderid',
  )
})

describe('a text search', () => {
  const search = (words: readonly string[], fields = ['description']) => ({ search: { words, fields } })

  test.each([
    [search(['oil']), 'the text search for "oil" in description finds them'],
    [
      search(['oil', 'leak'], ['description', 'wonum']),
      'the text search for any of the words "oil", "leak" in any of the fields description, wonum finds them',
    ],
  ])('is read as Maximo does it: %j', (bend, reading) => {
    const compiled = compileQuery(aQuery(bend), workOrders)
    expect(compiled.ok && compiled.value.reading).toContain(`records where ${reading}`)
  })

  test.each(['oil leak', 'oil,leak', 'oil"leak', 'oil\u00a0leak', ' ', ''])(
    'takes no %j for a word: Maximo would find any part of it',
    (word) => {
      expect(problemsOf(search(['pump', word]))).toMatchObject([
        { reason: 'bad_value', path: 'search.words[1]', message: expect.stringContaining('one by one') },
      ])
    },
  )
})
