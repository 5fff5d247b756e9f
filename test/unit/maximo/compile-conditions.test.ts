import { describe, expect, test } from 'vitest'
import { compileQuery } from '../../../src/maximo/query/compile.ts'
import { renderInstant } from '../../../src/maximo/query/instant.ts'
import { aQuery, parametersOf, problemsOf, reasonOf, whereOf } from './support/compiled.ts'
import { locations, workOrders } from './support/work-order-schema.ts'

describe('one condition becomes the clause the REST guide shows', () => {
  test.each([
    ['status', 'eq', 'APPR', 'status="APPR"'],
    ['status', 'ne', 'APPR', 'status!="APPR"'],
    ['wopriority', 'ge', 2, 'wopriority>=2'],
    ['wopriority', 'gt', '2', 'wopriority>2'],
    ['wopriority', 'lt', -3, 'wopriority<-3'],
    ['estdur', 'le', 200.5, 'estdur<=200.5'],
    ['istask', 'eq', true, 'istask=1'],
    ['istask', 'ne', 'false', 'istask!=0'],
    ['status', 'in', ['APPR', 'WAPPR'], 'status in ["APPR","WAPPR"]'],
    ['status', 'in', ['APPR', 'APPR'], 'status="APPR"'],
    ['wopriority', 'in', [1, 2], 'wopriority in [1,2]'],
    ['status', 'notin', ['CAN', 'CLOSE'], 'status!="CAN" and status!="CLOSE"'],
    ['description', 'contains', 'PUMP', 'description="%PUMP%"'],
    ['description', 'starts', 'PUMP', 'description="PUMP%"'],
    ['description', 'ends', 'PUMP', 'description="%PUMP"'],
    ['description', 'like', 'A%B', 'description="A%B"'],
    ['assetnum', 'null', undefined, 'assetnum!="*"'],
    ['assetnum', 'notnull', undefined, 'assetnum="*"'],
    ['wopriority', 'between', [1, 3], 'wopriority>=1 and wopriority<=3'],
    ['woactivity.taskid', 'eq', 10, 'woactivity.taskid=10'],
    ['description', 'eq', "O'Brien & Söhne; -- 1=1", 'description="O\'Brien & Söhne; -- 1=1"'],
    ['WoNum', 'EQ', 'a-1', 'wonum="A-1"'],
    ['wonum', 'eq', 1001, 'wonum="1001"'],
    // In a list nothing is a wildcard, any value or a list of its own.
    ['description', 'eq', '50%', 'description in ["50%"]'],
    ['description', 'eq', '*', 'description in ["*"]'],
    ['description', 'eq', '[A,B]', 'description in ["[A,B]"]'],
    ['description', 'in', ['50%', 'x'], 'description in ["50%","x"]'],
  ])('%s %s %j', (field, op, value, where) => {
    expect(whereOf([{ field, op, value }])).toBe(where)
  })

  test('conditions are joined by and, in the order they came', () => {
    const where = whereOf([
      { field: 'siteid', op: 'eq', value: 'BEDFORD' },
      { field: 'wopriority', op: 'le', value: 2 },
    ])
    expect(where).toBe('siteid="BEDFORD" and wopriority<=2')
  })

  test('no condition sends no where', () => {
    expect(parametersOf({}).has('oslc.where')).toBe(false)
  })
})

describe('dates are instants, and a day is the whole day', () => {
  test.each([
    ['reportdate', 'eq', '2026-05-01', 'reportdate>="2026-05-01" and reportdate<"2026-05-02"'],
    ['reportdate', 'gt', '2026-02-28', 'reportdate>="2026-03-01"'],
    ['reportdate', 'ge', '2026-05-01', 'reportdate>="2026-05-01"'],
    ['reportdate', 'lt', '2026-05-01', 'reportdate<"2026-05-01"'],
    ['reportdate', 'le', '2024-02-28', 'reportdate<"2024-02-29"'],
    [
      'reportdate',
      'eq',
      '2026-05-01T08:00:00+02:00',
      'reportdate>="2026-05-01T06:00:00+00:00" and reportdate<"2026-05-01T06:00:01+00:00"',
    ],
    ['reportdate', 'gt', '2026-12-31T23:59:59Z', 'reportdate>="2027-01-01T00:00:00+00:00"'],
    ['reportdate', 'le', '2026-05-01T08:00Z', 'reportdate<"2026-05-01T08:00:01+00:00"'],
    [
      'reportdate',
      'between',
      ['2026-05-01', '2026-05-03'],
      'reportdate>="2026-05-01" and reportdate<"2026-05-04"',
    ],
    ['duedate', 'eq', '2026-05-01', 'duedate="2026-05-01"'],
    ['duedate', 'gt', '2026-05-01', 'duedate>"2026-05-01"'],
    ['duedate', 'le', '2026-05-01', 'duedate<="2026-05-01"'],
    ['duedate', 'ne', '2026-05-01', 'duedate!="2026-05-01"'],
    ['duedate', 'in', ['2026-05-01', '2026-05-03'], 'duedate in ["2026-05-01","2026-05-03"]'],
    ['duedate', 'notin', ['2026-05-01', '2026-05-03'], 'duedate!="2026-05-01" and duedate!="2026-05-03"'],
    ['reportdate', 'in', ['2026-05-01'], 'reportdate>="2026-05-01" and reportdate<"2026-05-02"'],
    ['reportdate', 'null', undefined, 'reportdate!="*"'],
  ])('%s %s %j', (field, op, value, where) => {
    expect(whereOf([{ field, op, value }])).toBe(where)
  })

  test('instants can be written at another offset without being another instant', () => {
    const where = whereOf([{ field: 'reportdate', op: 'ge', value: '2026-05-01T08:00:00Z' }], {
      writeInstant: (seconds) => renderInstant(seconds, -210),
    })
    expect(where).toBe('reportdate>="2026-05-01T04:30:00-03:30"')
  })

  test.each([
    ['reportdate', 'eq', '2026-05-01T08:00:00'],
    ['reportdate', 'eq', '2026-02-30'],
    ['reportdate', 'eq', '2026-05-01T25:00:00Z'],
    ['reportdate', 'eq', '2026-05-01T08:00:00+15:00'],
    ['reportdate', 'eq', 'yesterday'],
    ['reportdate', 'eq', 20260501],
    ['reportdate', 'ne', 'yesterday'],
    ['reportdate', 'in', ['2026-05-01', 'yesterday']],
    ['reportdate', 'in', []],
    ['reportdate', 'in', Array.from({ length: 21 }, () => '2026-05-01')],
    ['reportdate', 'notin', ['2026-05-01']],
    ['duedate', 'in', []],
    ['duedate', 'notin', ['2026-05-01T08:00:00Z']],
    ['reportdate', 'contains', '2026'],
    ['reportdate', 'between', ['2026-05-03', '2026-05-01']],
    ['duedate', 'eq', '2026-05-01T08:00:00Z'],
    ['starttime', 'eq', '08:00'],
  ])('refused: %s %s %j', (field, op, value) => {
    expect(reasonOf(field, op, value)).toBe('bad_value')
  })
})

describe('what can match nothing or means something else is refused, with the reason', () => {
  test.each([
    ['a quote', 'description', 'eq', 'a"b', 'bad_value'],
    ['a backslash', 'description', 'eq', 'a\\', 'bad_value'],
    ['a wildcard in plain text', 'description', 'ne', '50%', 'bad_value'],
    ['a wildcard among values', 'description', 'notin', ['50%'], 'bad_value'],
    ['a wildcard in a part', 'description', 'contains', '50%', 'bad_value'],
    ['only wildcards', 'description', 'like', '%%', 'bad_value'],
    ['a star', 'description', 'ne', ' * ', 'bad_value'],
    ['a star with wildcards around', 'description', 'like', '%*%', 'bad_value'],
    ['a list in brackets', 'description', 'ne', '[A,B]', 'bad_value'],
    ['a bind variable', 'description', 'eq', '&SYSDATE&', 'bad_value'],
    ['nothing', 'description', 'eq', '', 'bad_value'],
    ['an object', 'description', 'eq', { a: 1 }, 'bad_value'],
    ['no value', 'description', 'eq', undefined, 'bad_value'],
    ['text for a number', 'wopriority', 'eq', 'high', 'bad_value'],
    ['a fraction for an integer', 'wopriority', 'eq', 1.5, 'bad_value'],
    ['infinity', 'estdur', 'eq', Infinity, 'bad_value'],
    ['an exponent', 'estdur', 'eq', 1e-9, 'bad_value'],
    ['more digits than a number keeps', 'workorderid', 'eq', '12345678901234567', 'bad_value'],
    ['text for a boolean', 'istask', 'eq', 'perhaps', 'bad_value'],
    ['an order of booleans', 'istask', 'gt', true, 'bad_value'],
    ['a pattern on a number', 'wopriority', 'contains', '1', 'bad_value'],
    ['longer than the field', 'siteid', 'eq', 'BEDFORDSHIRE', 'bad_value'],
    ['a single value for in', 'status', 'in', 'APPR', 'bad_value'],
    ['an empty list', 'status', 'in', [], 'bad_value'],
    ['251 values', 'status', 'in', Array.from({ length: 251 }, String), 'bad_value'],
    ['one end of a range', 'wopriority', 'between', [1], 'bad_value'],
    ['a calculated field', 'description_longdescription', 'contains', 'x', 'not_filterable'],
    ['a companion', 'status_description', 'eq', 'x', 'not_filterable'],
    ['through a relation that is none', 'a.b.c', 'eq', 'x', 'unknown_relation'],
    ['behind a relation we cannot describe', 'location.parent.status', 'eq', 'x', 'not_supported'],
    ['behind a child', 'woactivity.asset.status', 'eq', 'x', 'not_supported'],
    ['four relations deep', 'asset.location.asset.location.status', 'eq', 'x', 'not_supported'],
    ['a name with a space', 'status or 1', 'eq', 'x', 'bad_name'],
    ['an unknown field', 'stauts', 'eq', 'x', 'unknown_field'],
    ['an unknown relation', 'locaton.status', 'eq', 'x', 'unknown_relation'],
    ['an unknown operator', 'status', 'equals', 'x', 'unknown_operator'],
  ])('%s', (_name, field, op, value, reason) => {
    expect(reasonOf(field, op, value)).toBe(reason)
  })

  test('250 values pass', () => {
    const where = whereOf([
      { field: 'wonum', op: 'in', value: Array.from({ length: 250 }, (_, i) => `W${i}`) },
    ])
    expect(where?.split(',')).toHaveLength(250)
  })

  test('everything wrong is said at once, and where it is', () => {
    const problems = problemsOf({
      all: [{ field: 'stauts', op: 'eq', value: 'x' }],
      any: [{ field: 'status', op: 'equals', value: 'x' }],
      select: { fields: ['descripton'], children: { woactivty: ['*'], woactivity: ['taskd'] } },
      orderBy: [{ field: 'description_longdescription', direction: 'asc' }],
      pageSize: 0,
    })
    expect(problems.map(({ reason, path, suggestions }) => [reason, path, suggestions[0]])).toEqual([
      ['unknown_field', 'all[0].field', 'status'],
      ['unknown_operator', 'any[0].op', 'eq'],
      ['unknown_field', 'select.fields[0]', 'description'],
      ['unknown_child', 'select.children', 'woactivity'],
      ['unknown_field', 'select.children.woactivity[0]', 'taskid'],
      ['not_sortable', 'orderBy[0]', undefined],
      ['bad_value', 'pageSize', undefined],
    ])
  })

  test('a message repeats input only when it is plain', () => {
    const [plain] = problemsOf({ all: [{ field: 'stauts', op: 'eq', value: 'x' }] })
    expect(plain?.message).toContain('“stauts”')
    const [hostile] = problemsOf({ all: [{ field: '<script>alert(1)</script>', op: 'eq', value: 'x' }] })
    expect(hostile?.message).not.toContain('script')
  })
})

describe('values of a known list', () => {
  const domain = () => [
    { value: 'APPR', internal: 'APPR', description: 'Approved', isDefault: true, siteId: null, orgId: null },
    {
      value: 'INPRG',
      internal: 'INPRG',
      description: 'In progress',
      isDefault: true,
      siteId: null,
      orgId: null,
    },
  ]

  test('are taken in the spelling of the list', () => {
    expect(whereOf([{ field: 'status', op: 'eq', value: 'inprg' }], { domain })).toBe('status="INPRG"')
  })

  test.each([
    ['APRP', 'APPR'],
    ['in progress', 'INPRG'],
  ])('%s: did you mean %s', (value, suggestion) => {
    const [problem] = problemsOf({ all: [{ field: 'status', op: 'in', value: [value] }] }, { domain })
    expect(problem).toMatchObject({
      reason: 'unknown_value',
      path: 'all[0].value',
      suggestions: [suggestion],
    })
  })

  test('a list that could not be read checks nothing', () => {
    expect(whereOf([{ field: 'status', op: 'eq', value: 'ODD' }], { domain: () => null })).toBe(
      'status="ODD"',
    )
  })
})

describe('relations and children', () => {
  const extras = { relatedSchema: () => locations }

  test('a relation is checked against the schema of its rows', () => {
    expect(whereOf([{ field: 'location.locpriority', op: 'ge', value: 2 }], extras)).toBe(
      'location.locpriority>=2',
    )
    expect(
      problemsOf({ all: [{ field: 'location.locpriorty', op: 'ge', value: 2 }] }, extras)[0],
    ).toMatchObject({
      reason: 'unknown_field',
      suggestions: ['location.locpriority'],
    })
  })

  test('a relation whose rows this user may not describe is taken by name', () => {
    expect(whereOf([{ field: 'location.status', op: 'eq', value: 'OPERATING' }])).toBe(
      'location.status="OPERATING"',
    )
  })

  test('a child is filtered through its relation, which has another name', () => {
    const worklog = workOrders.children.get('worklog')
    expect(worklog).toMatchObject({ relation: 'woworklog', fields: null })
  })

  test('several conditions on one child say that different rows may meet them', () => {
    const compiled = compileQuery(
      aQuery({
        all: [
          { field: 'woactivity.taskid', op: 'eq', value: 10 },
          { field: 'woactivity.status', op: 'eq', value: 'APPR' },
        ],
      }),
      workOrders,
    )
    expect(compiled).toMatchObject({
      ok: true,
      value: { notes: ['The conditions on woactivity may be met by different rows of woactivity.'] },
    })
  })
})
