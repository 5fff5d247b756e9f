import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseRetryAfter } from '../../../src/kernel/retry-after.ts'
import { distanceBetween, suggest } from '../../../src/maximo/query/did-you-mean.ts'
import {
  nextDay,
  parseDay,
  parseInstant,
  renderDay,
  renderInstant,
} from '../../../src/maximo/query/instant.ts'

describe('instants', () => {
  test('agree with the language’s own dates for every day of four centuries', () => {
    fc.assert(
      fc.property(fc.integer({ min: -80_000, max: 80_000 }), (days) => {
        const iso = new Date(days * 86_400_000).toISOString().slice(0, 10)
        const day = parseDay(iso)
        if (day === null) throw new Error(iso)
        expect(renderDay(day)).toBe(iso)
        expect(renderDay(nextDay(day))).toBe(new Date((days + 1) * 86_400_000).toISOString().slice(0, 10))
        expect(parseInstant(`${iso}T00:00:00Z`)).toBe(days * 86_400)
        expect(renderInstant(days * 86_400, 0)).toBe(`${iso}T00:00:00+00:00`)
      }),
    )
  })

  test.each([
    '2025-02-29',
    '2026-13-01',
    '2026-00-01',
    '2026-01-00',
    '2026-1-1',
    '26-01-01',
    '2026-01-01 ',
    '0000-01-01',
  ])('%s is no day', (text) => {
    expect(parseDay(text)).toBeNull()
  })

  test('29 February of a leap year is one', () => {
    expect(parseDay('2024-02-29')).toEqual({ year: 2024, month: 2, day: 29 })
  })

  test.each([
    '2026-01-01T00:00:00',
    '2026-01-01T24:00:00Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:00+0200',
    '2026-01-01',
  ])('%s is no instant', (text) => {
    expect(parseInstant(text)).toBeNull()
  })
})

describe('did you mean', () => {
  test('one swap, one letter more, one less, one other are each one step', () => {
    expect(distanceBetween('status', 'stauts')).toBe(1)
    expect(distanceBetween('status', 'statuss')).toBe(1)
    expect(distanceBetween('status', 'stats')).toBe(1)
    expect(distanceBetween('status', 'stotus')).toBe(1)
    expect(distanceBetween('', 'abc')).toBe(3)
  })

  test('is symmetric and zero only for the same word', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(distanceBetween(a, b)).toBe(distanceBetween(b, a))
        expect(distanceBetween(a, b) === 0).toBe(a === b)
      }),
    )
  })

  test('names what is near and nothing that is not', () => {
    const names = ['status', 'statusdate', 'siteid', 'description', 'reportdate']
    expect(suggest('stauts', names)).toEqual(['status'])
    expect(suggest('desc', names)).toEqual(['description'])
    expect(suggest('qqqqqq', names)).toEqual([])
    expect(suggest('x'.repeat(100_000), names)).toEqual([])
  })
})

describe('Retry-After', () => {
  const now = Date.parse('2026-05-01T08:00:00Z')
  test.each([
    ['5', 5],
    [' 0 ', 0],
    ['1000000000', 3600],
    ['Fri, 01 May 2026 08:00:07 GMT', 7],
    ['Fri, 01 May 2026 07:00:00 GMT', 0],
    ['-5', null],
    ['1e9', null],
    ['1.5', null],
    ['soon', null],
    ['', null],
    ['Fri, 01 Mai 2026 08:00:07 GMT', null],
    [null, null],
  ])('%s is %s seconds', (field, seconds) => {
    expect(parseRetryAfter(field, now)).toBe(seconds)
  })
})
