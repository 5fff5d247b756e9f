import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseWhere } from '../../../src/dev/simulator/where/parse-where.ts'
import { compileQuery } from '../../../src/maximo/query/compile.ts'
import { renderInstant } from '../../../src/maximo/query/instant.ts'
import type { Criterion } from '../../../src/maximo/query/query.ts'
import type { ObjectSchema } from '../../../src/maximo/schema/object-schema.ts'
import { aQuery, parametersOf, whereOf } from './support/compiled.ts'
import { splitWhere } from './support/split-where.ts'
import { workOrders } from './support/work-order-schema.ts'

const RUNS = { numRuns: 1000 }
const anyText = fc.string({ unit: 'binary', minLength: 1, maxLength: 100 })
const nastyText = fc
  .array(
    fc.constantFrom(
      '"',
      "'",
      '“',
      '”',
      'ʼ',
      '＂',
      '%22',
      '\\',
      '%',
      '*',
      '[',
      ']',
      ' and ',
      ' or ',
      '--',
      '/*',
      ';',
      '&',
      '=',
      '&oslc.select=*',
      '(',
      ')',
      '{',
      '}',
      '\u0000',
      '\r\n',
      '\u2028',
      'a',
      '1=1',
      'é',
      '😀',
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((parts) => parts.join(''))
const value = fc.oneof(anyText, nastyText)

describe('whatever the value, one condition is one clause that holds it', () => {
  test.each(['eq', 'ne', 'contains', 'starts', 'ends', 'like'])('%s', (op) => {
    fc.assert(
      fc.property(value, (text) => {
        const query = aQuery({ all: [{ field: 'description', op, value: text }] })
        const compiled = compileQuery(query, workOrders)
        if (!compiled.ok) {
          expect(compiled.error).toHaveLength(1)
          expect(compiled.error[0]?.path).toBe('all[0].value')
          return
        }
        expect(compiled.value.queryStrings).toHaveLength(1)
        const parameters = new URLSearchParams(compiled.value.queryStrings[0])
        expect([...parameters.keys()]).toEqual([
          'lean',
          'oslc.where',
          'ignorecollectionref',
          'oslc.select',
          'oslc.orderBy',
          'oslc.pageSize',
        ])
        const around =
          { eq: '"x"', ne: '"x"', like: '"x"', contains: '"%x%"', starts: '"x%"', ends: '"%x"' }[op] ?? ''
        const isList = op === 'eq' && /%|^\s*(\*|\[.*\])\s*$/s.test(text)
        expect(splitWhere(parameters.get('oslc.where') ?? '')).toEqual([
          {
            attribute: 'description',
            operator: isList ? 'in' : op === 'ne' ? '!=' : '=',
            values: [around.replace('x', () => text)],
          },
        ])
      }),
      RUNS,
    )
  })

  test('lists keep every value, in order, once', () => {
    const plain = fc.string({
      unit: fc.constantFrom('A', 'b', ' ', "'", ',', ']', '[', 'ß', '😀'),
      minLength: 1,
      maxLength: 20,
    })
    fc.assert(
      fc.property(fc.uniqueArray(plain, { minLength: 2, maxLength: 10 }), (values) => {
        const compiled = compileQuery(
          aQuery({ all: [{ field: 'description', op: 'in', value: values }] }),
          workOrders,
        )
        if (!compiled.ok) return
        const where = new URLSearchParams(compiled.value.queryStrings[0]).get('oslc.where') ?? ''
        expect(splitWhere(where)).toEqual([
          { attribute: 'description', operator: 'in', values: values.map((text) => `"${text}"`) },
        ])
      }),
      RUNS,
    )
  })

  test('numbers come back as the same number', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e12, max: 1e12 }), (number) => {
        const compiled = compileQuery(
          aQuery({ all: [{ field: 'estdur', op: 'gt', value: number }] }),
          workOrders,
        )
        if (!compiled.ok) {
          expect(String(number)).toContain('e')
          return
        }
        const [clause] = splitWhere(
          new URLSearchParams(compiled.value.queryStrings[0]).get('oslc.where') ?? '',
        )
        expect(Number(clause?.values[0])).toBe(number === 0 ? 0 : number)
      }),
      RUNS,
    )
  })

  test('instants come back as the same instant, at every offset', () => {
    const instants = fc.integer({ min: -30_000_000_000, max: 200_000_000_000 })
    fc.assert(
      fc.property(instants, fc.integer({ min: -840, max: 840 }), (seconds, utcOffsetMinutes) => {
        const iso = new Date(seconds * 1000).toISOString()
        const where =
          whereOf([{ field: 'reportdate', op: 'ge', value: iso }], {
            writeInstant: (at) => renderInstant(at, utcOffsetMinutes),
          }) ?? ''
        const written = splitWhere(where)[0]?.values[0]?.slice(1, -1) ?? ''
        expect(Date.parse(written)).toBe(seconds * 1000)
      }),
      RUNS,
    )
  })

  test('whatever the names, only names of the schema reach the wire', () => {
    const known = new Set([
      ...workOrders.fields.keys(),
      'woactivity.taskid',
      'woactivity.status',
      'woactivity.description',
    ])
    const names = fc.oneof(
      value,
      fc.constantFrom(...workOrders.fields.keys()),
      fc.constantFrom('__proto__', 'constructor', 'woactivity.taskid'),
    )
    fc.assert(
      fc.property(names, fc.string(), (field, op) => {
        const compiled = compileQuery(
          aQuery({
            all: [{ field, op: op.length > 3 ? op : 'notnull' }],
            select: { fields: [field] },
            orderBy: [{ field, direction: 'asc' }],
          }),
          workOrders,
        )
        if (compiled.ok) expect(known.has(field.trim().toLowerCase())).toBe(true)
      }),
      RUNS,
    )
  })
})

describe('parse(compile(x)) = x', () => {
  const texts = fc.oneof(value, fc.string({ unit: 'grapheme', minLength: 1, maxLength: 30 }))
  const leaf = fc.record({
    field: fc.constantFrom('description', 'glaccount'),
    op: fc.constantFrom('eq', 'in'),
    text: texts,
  })

  test('for any Unicode, by the simulator’s own parser, nested or not', () => {
    let compiled = 0
    fc.assert(
      fc.property(
        fc.array(leaf, { minLength: 1, maxLength: 4 }),
        fc.array(texts, { maxLength: 2 }),
        (leaves, inner) => {
          const own = leaves.map(({ field, op, text }) => ({ field, op, value: op === 'in' ? [text] : text }))
          const child = inner.map((text) => ({ field: 'description', op: 'eq', value: text }))
          const all: Criterion[] = [...own, ...(child.length > 0 ? [{ some: 'woactivity', all: child }] : [])]
          const query = compileQuery(aQuery({ all }), unbounded)
          if (!query.ok) return
          compiled += 1
          const where = new URLSearchParams(query.value.queryStrings[0]).get('oslc.where') ?? ''
          const terms = [
            ...own.map(({ field, value: asked }) => termOf(field, [asked].flat()[0] ?? '')),
            ...(child.length > 0
              ? [
                  {
                    kind: 'nested',
                    path: ['woactivity'],
                    terms: child.map((each) => termOf('description', each.value)),
                  },
                ]
              : []),
          ]
          expect(parseWhere(where)).toEqual(distinct(terms))
        },
      ),
      { numRuns: 2000 },
    )
    expect(compiled).toBeGreaterThan(200)
  })

  /** No length limits: they are the matter of other tests. */
  const unbounded: ObjectSchema = {
    ...workOrders,
    fields: new Map(
      [...workOrders.fields].map(([name, field]) => [name, { ...field, maxLength: null }] as const),
    ),
  }
  const termOf = (field: string, text: string) => {
    const literal = { kind: 'text', value: text }
    return /%|^\s*(\*|\[.*\])\s*$/s.test(text)
      ? { kind: 'in', path: [field], literals: [literal] }
      : { kind: 'compare', path: [field], operator: '=', literal }
  }
  /** The same clause twice is said once. */
  const distinct = (terms: readonly unknown[]) => [
    ...new Map(terms.map((term) => [JSON.stringify(term), term])).values(),
  ]
})

test('the splitter itself sees a second clause where there is one', () => {
  expect(splitWhere('status="A" and status="B"')).toHaveLength(2)
  expect(() => splitWhere('status="A" or status="B"')).toThrow()
  expect(() => splitWhere('status="A"b"')).toThrow()
  expect(parametersOf({ all: [{ field: 'status', op: 'eq', value: 'A' }] }).get('oslc.where')).toBe(
    'status="A"',
  )
})
