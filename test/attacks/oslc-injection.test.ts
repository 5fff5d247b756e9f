import { describe, expect, test } from 'vitest'
import { compileGroups } from '../../src/maximo/query/compile-groups.ts'
import { compileMember, compileQuery } from '../../src/maximo/query/compile.ts'
import type { Criterion } from '../../src/maximo/query/query.ts'
import { keyConditions } from '../../src/maximo/records/find-record.ts'
import { aQuery, problemsOf, whereOf } from '../unit/maximo/support/compiled.ts'
import { splitWhere } from '../unit/maximo/support/split-where.ts'
import { workOrders } from '../unit/maximo/support/work-order-schema.ts'

/** Texts that end a value, or that some layer between us and the database might read as ending it. */
const REFUSED: readonly [string, string][] = [
  ['a quote and a second clause', 'APPR" or "1"="1'],
  ['a quote alone', '"'],
  ['a quote at the end', 'APPR"'],
  ['a backslash that would eat the closing quote', 'APPR\\'],
  ['an escaped quote', 'APPR\\" and status="X'],
  ['NUL', 'APPR\u0000'],
  ['CRLF', 'APPR\r\nset-cookie: x'],
  ['a line feed', 'APPR\nAND 1=1'],
  ['a tab', 'A\tB'],
  ['escape', '\u001b[2J'],
  ['DEL', 'A\u007f'],
  ['a C1 control', 'A\u0085B'],
  ['a line separator', 'A\u2028B'],
  ['half a character', 'A\ud800B'],
  ['a noncharacter', 'A\uffffB'],
  ['a server variable', '&USERNAME&'],
  ['a server variable with an offset', '&SYSDAY&+7D'],
  ['1,001 characters', 'A'.repeat(1001)],
]

/** Texts that are something else behind `=` and `!=`, and only text in a list. */
const SPECIAL: readonly [string, string][] = [
  ['a wildcard', '%'],
  ['a wildcard within', 'AP%R'],
  ['any value', '*'],
  ['any value between blanks', ' * '],
  ['a list', '[A,B]'],
]

/** Texts that are only text: the clause holds them whole, and nothing else changes. */
const TAKEN: readonly [string, string][] = [
  ['SQL', "APPR' OR 1=1 --"],
  ['SQL with a comment', "x'/**/UNION/**/SELECT/**/1"],
  ['a statement end', 'x; drop table workorder'],
  ['an encoded quote', 'APPR%22'.replace('%', '％')],
  ['curly quotes', '“APPR” or „x‟'],
  ['a modifier apostrophe', 'APPRʼ OR 1=1'],
  ['a fullwidth quote', 'APPR＂ and status=＂X'],
  ['primes', '5′ 10″'],
  ['guillemets', '«APPR»'],
  ['another parameter', 'x&oslc.select=*&lean=0'],
  ['a fragment and a query', 'x#y?z=1'],
  ['nested parentheses', `${'('.repeat(100)}x${')'.repeat(100)}`],
  ['braces', 'rel{a=1}'],
  ['a plus and spaces', 'a + b  c'],
  ['right to left', 'abc\u202Edcba'],
  ['an emoji', '🔧 pump'],
  ['and, or, in', 'x and y or z in q'],
  ['a thousand characters', 'A'.repeat(1000)],
]

const OPS = ['eq', 'ne', 'contains', 'starts', 'ends', 'in', 'notin']
const valueFor = (op: string, text: string): unknown => (op === 'in' || op === 'notin' ? ['OK', text] : text)

describe.each(OPS)('a value for %s', (op) => {
  const long = { ...workOrders, fields: new Map(workOrders.fields) }
  const description = workOrders.fields.get('description')
  if (description === undefined) throw new Error('fixture')
  long.fields.set('description', { ...description, maxLength: null })
  const compile = (text: string) =>
    compileQuery(aQuery({ all: [{ field: 'description', op, value: valueFor(op, text) }] }), long)

  test.each(REFUSED)('that is %s is refused, with a sentence that does not repeat it', (_name, text) => {
    const compiled = compile(text)
    expect(compiled).toMatchObject({ ok: false, error: [{ reason: 'bad_value', path: 'all[0].value' }] })
    if (text.length > 3) expect(JSON.stringify(compiled)).not.toContain(text)
  })

  test.each(SPECIAL)('that is %s is one value of a list, or refused', (_name, text) => {
    const compiled = compile(text)
    if (op !== 'eq' && op !== 'in') {
      expect(compiled).toMatchObject({ ok: false, error: [{ reason: 'bad_value', path: 'all[0].value' }] })
      return
    }
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
    const where = new URLSearchParams(compiled.value.queryStrings[0]).get('oslc.where') ?? ''
    expect(splitWhere(where)).toEqual([
      {
        attribute: 'description',
        operator: 'in',
        values: op === 'eq' ? [`"${text}"`] : ['"OK"', `"${text}"`],
      },
    ])
  })

  test.each(TAKEN)('that is %s is one value', (_name, text) => {
    const compiled = compile(text)
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.error))
    const parameters = new URLSearchParams(compiled.value.queryStrings[0])
    expect(parameters.getAll('oslc.select')).toEqual(['wonum'])
    const clauses = splitWhere(parameters.get('oslc.where') ?? '')
    expect(clauses).toHaveLength(op === 'notin' ? 2 : 1)
    expect(
      clauses
        .flatMap(({ values }) => values)
        .at(-1)
        ?.replaceAll('%', ''),
    ).toBe(`"${text}"`)
  })
})

describe('quotes of all alphabets', () => {
  const quotes = Array.from({ length: 0x110000 }, (_, point) => point)
    .filter((point) => point < 0xd800 || point > 0xdfff)
    .map((point) => String.fromCodePoint(point))
    .filter((character) => /[\p{Quotation_Mark}\p{Pi}\p{Pf}ʹʺʻʼʽˈ′″‴`´]/u.test(character))

  test('are many, and the one of the grammar is among them', () => {
    expect(quotes.length).toBeGreaterThan(40)
    expect(quotes).toContain('"')
  })

  test.each(quotes.map((quote) => [quote]))('%s ends no value', (quote) => {
    const all = [{ field: 'description', op: 'eq', value: `APPR${quote} or ${quote}1${quote}=${quote}1` }]
    if (quote === '"') {
      expect(problemsOf({ all })).toMatchObject([{ reason: 'bad_value' }])
      return
    }
    const [clause, ...others] = splitWhere(whereOf(all) ?? '')
    expect(others).toEqual([])
    expect(clause?.values).toEqual([`"${all[0]?.value ?? ''}"`])
  })
})

describe('trees of conditions', () => {
  const nested = (depth: number): Criterion =>
    depth === 0 ? { field: 'status', op: 'null' } : { any: [{ all: [nested(depth - 1)] }] }

  test('cannot be deeper than the compiler goes, however deep they are', () => {
    expect(problemsOf({ all: [nested(2)] })).toEqual([])
    for (const depth of [4, 100, 3_000])
      expect(problemsOf({ all: [nested(depth)] })).toMatchObject([{ reason: 'too_long' }])
  })

  test('cannot cost more than they are long', () => {
    const wide = Array.from({ length: 24 }, (_, index): Criterion => ({
      any: [
        { field: 'wonum', op: 'eq', value: `A${index}` },
        { field: 'description', op: 'contains', value: `B${index}` },
      ],
    }))
    expect(problemsOf({ all: wide })).toMatchObject([{ reason: 'too_broad' }])
  })

  test.each([
    'woactivity{taskid=1} or status',
    'woactivity}',
    'woactivity.asset',
    '__proto__',
    'constructor',
    '',
  ])('the child %j is refused', (some) => {
    const all = [{ some, all: [{ field: 'taskid', op: 'eq', value: 1 }] }]
    expect(problemsOf({ all })).toMatchObject([{ reason: 'unknown_relation' }])
  })
})

describe.each([
  ['a second clause', 'status="X" and wonum'],
  ['an operator', 'status='],
  ['a quote', 'status"'],
  ['a parenthesis', '(status'],
  ['an alias', 'status--x'],
  ['a brace', 'woactivity{taskid}'],
  ['a nested relation', 'location.parent.status'],
  ['an empty relation', '.status'],
  ['an empty attribute', 'location.'],
  ['a line break', 'status\nwonum'],
  ['another script', 'ѕtatus'],
  ['a prototype', '__proto__'],
  ['a prototype’s member', 'constructor.name'],
  ['65 letters', 'a'.repeat(65)],
  ['nothing', ''],
])('a field name with %s', (_name, field) => {
  test('is refused wherever a name may stand', () => {
    expect(problemsOf({ all: [{ field, op: 'notnull' }] })).toHaveLength(1)
    expect(problemsOf({ orderBy: [{ field, direction: 'asc' }] })).toHaveLength(1)
    expect(problemsOf({ search: { words: ['x'], fields: [field] } })).toHaveLength(1)
    expect(compileMember({ fields: [field] }, workOrders).ok).toBe(false)
    expect(compileMember({ fields: [], children: { [field]: ['*'] } }, workOrders).ok).toBe(false)
    expect(compileMember({ fields: [], children: { woactivity: [field] } }, workOrders).ok).toBe(false)
    const groups = { objectStructure: 'mxapiwodetail', limit: 1, metrics: [{ kind: 'count' }] as const }
    expect(compileGroups({ ...groups, groupBy: [field] }, workOrders).ok).toBe(false)
    expect(compileGroups({ ...groups, groupBy: [], metrics: [{ kind: 'sum', field }] }, workOrders).ok).toBe(
      false,
    )
  })
})

test('a good field name passes wherever a name may stand', () => {
  expect(
    problemsOf({
      all: [{ field: 'wopriority', op: 'notnull' }],
      orderBy: [{ field: 'wopriority', direction: 'asc' }],
    }),
  ).toEqual([])
  expect(problemsOf({ search: { words: ['x'], fields: ['description'] } })).toEqual([])
})

test.each([...REFUSED, ...SPECIAL])('a search word that is %s is refused', (_name, text) => {
  expect(problemsOf({ search: { words: ['oil', text], fields: ['description'] } })).toMatchObject([
    { reason: 'bad_value', path: 'search.words[1]' },
  ])
})

test.each(REFUSED.filter(([, text]) => !text.includes('/')))(
  'a key part that is %s is refused',
  (_name, text) => {
    const conditions = keyConditions(`BEDFORD/${text}`, workOrders)
    if (conditions.ok) expect(problemsOf({ all: conditions.value })).not.toEqual([])
  },
)

test.each(['', 'like this', 'eq or', '=', '"', 'constructor', '__proto__', 'x'.repeat(10_000)])(
  'the operator %j is refused by a short sentence',
  (op) => {
    const [problem] = problemsOf({ all: [{ field: 'status', op, value: 'x' }] })
    expect(problem).toMatchObject({ reason: 'unknown_operator' })
    expect(problem?.message.length).toBeLessThan(300)
  },
)

test('a value that is not text cannot become text by itself', () => {
  const sly = { toString: () => '" or "1"="1', toJSON: () => 'x', length: 1 }
  for (const value of [sly, [sly], () => 'x', Symbol('x'), 1n, new Date(), null])
    for (const op of ['eq', 'in', 'contains', 'between'])
      expect(problemsOf({ all: [{ field: 'description', op, value }] })).toHaveLength(1)
  expect(whereOf([{ field: 'description', op: 'eq', value: 'plain' }])).toBe('description="plain"')
})
