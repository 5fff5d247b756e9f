import { describe, expect, test } from 'vitest'
import { cardsOf, columnsOf, matching, NO_FILTER, stageOf } from '../../../src/mcp/apps/view/board.ts'
import { isWaiting, offerOf, readChange } from '../../../src/mcp/apps/view/change.ts'
import {
  chartOf,
  grainsOf,
  groupedOf,
  ticksOf,
  wordsOf,
  type Chart,
} from '../../../src/mcp/apps/view/series.ts'
import { extentOf, readTable, type Table } from '../../../src/mcp/apps/view/table.ts'

const HEAD = { env: 'max.example', env_id: 'E', as_of: '2026-11-26T09:12:00Z', cursor: null }
const table = (cols: readonly string[], rows: readonly (readonly unknown[])[], more: object = {}): Table => {
  const answer = { ...HEAD, returned: rows.length, total: rows.length, complete: true, ...more, cols, rows }
  const read = readTable(JSON.stringify(answer))
  if (read === null) throw new Error('it is no table')
  return read
}
const NOUNS = ['row', 'rows'] as const

describe('an answer with rows', () => {
  test('is read in both formats, and nothing else is', () => {
    const rows = [
      { wonum: '1', status: 'APPR' },
      { wonum: '2', lead: 'SAM' },
    ]
    const named = readTable(JSON.stringify({ ...HEAD, total: 9, complete: false, cursor: 'c', rows }))
    expect(named).toMatchObject({
      columns: ['wonum', 'status', 'lead'],
      total: 9,
      isComplete: false,
      cursor: 'c',
    })
    expect(named?.rows).toEqual([
      ['1', 'APPR', undefined],
      ['2', undefined, 'SAM'],
    ])
    for (const text of ['', 'not_found: no', '[]', 'null', '{"rows":1}', '{"env":"x"}\nwonum\n1'])
      expect(readTable(text)).toBeNull()
  })

  test('is never called more complete than it says', () => {
    const one = [['1']]
    expect(extentOf(table(['a'], one), NOUNS)).toBe('All 1 row.')
    expect(extentOf(table(['a'], []), NOUNS)).toBe('No rows.')
    expect(extentOf(table(['a'], one, { total: 109, complete: false }), NOUNS)).toContain('1 of 109 rows')
    expect(extentOf(table(['a'], one, { total: null, complete: false }), NOUNS)).toContain('there are more')
  })
})

describe('the board', () => {
  const COLUMNS = ['wonum', 'description', 'status', 'wopriority', 'lead', 'targcompdate']
  const due = (day: string): string => `${day}T10:00:00+00:00`
  const cards = cardsOf(
    table(COLUMNS, [
      ['1', 'Pump leaks', 'INPRG', 2, 'SAM', due('2026-11-25')],
      ['2', 'Lamp', 'WAPPR', null, null, null],
      ['3', 'Pump noisy', 'INPRG', 1, 'ANN', due('2026-11-26')],
      ['4', 'Belt', 'CLOSE', 1, 'ANN', due('2020-01-01')],
      ['5', 'Fan', 'NIGHT', 3, 'SAM', due('2026-12-01')],
      ['6', 'Pipe', 'INPRG', 1, 'SAM', due('2026-11-20')],
    ]),
  )
  const numbers = (some: readonly { number: string }[]): string[] => some.map(({ number }) => number)

  test('has a column for each status in the order of a life, the most urgent first', () => {
    const columns = columnsOf(cards).map(({ status, cards: own }) => [status, ...numbers(own)])
    expect(columns).toEqual([
      ['WAPPR', '2'],
      ['INPRG', '6', '3', '1'],
      ['CLOSE', '4'],
      ['NIGHT', '5'],
    ])
    expect(['WAPPR', 'APPR', 'INPRG', 'CLOSE', 'NIGHT'].map(stageOf)).toEqual([
      ...['waiting', 'ready', 'running', 'done', 'other'],
    ])
  })

  test('calls overdue what was due before today and can still be done', () => {
    expect(numbers(cards.filter(({ isOverdue }) => isOverdue))).toEqual(['1', '6'])
  })

  test('filters by words in any cell, priority, lead and day', () => {
    const found = (part: object): string[] => numbers(matching(cards, { ...NO_FILTER, ...part }))
    expect(found({})).toHaveLength(6)
    expect(found({ words: 'PUMP sam' })).toEqual(['1'])
    expect(found({ priority: '1' })).toEqual(['3', '4', '6'])
    expect(found({ lead: 'ANN', priority: '2' })).toEqual([])
    expect(found({ isOverdueOnly: true, lead: 'SAM' })).toEqual(['1', '6'])
  })

  test('shows what a search without these columns found', () => {
    const [bare] = cardsOf(table(['siteid', 'assetnum'], [['BEDFORD', '11430']]))
    expect(bare).toMatchObject({
      number: '',
      status: '',
      priority: null,
      place: 'BEDFORD · 11430',
      isOverdue: false,
    })
  })
})

describe('the change', () => {
  const PAGE = 'https://portal.example/changes'
  const change = (more: object) => {
    const records = [{ record: 'BEDFORD/1', does: 'update', diff: [['wopriority', 3, null], 'no row'] }]
    const read = readChange(
      JSON.stringify({ ...HEAD, change_id: 'c', state: 'planned', risk: 'medium', records, ...more }),
    )
    if (read === null) throw new Error('it is no change')
    return read
  }

  test('is read with its diff, and nothing else is', () => {
    expect(change({}).records[0]?.diff).toEqual([{ field: 'wopriority', before: '3', after: '' }])
    for (const text of ['needs_approval: no', '{}', JSON.stringify({ change_id: 'c', state: 'planned' })])
      expect(readChange(text)).toBeNull()
  })

  test.each<[string, object, 'write' | 'page' | 'nothing']>([
    ['low risk', { risk: 'low' }, 'write'],
    ['low risk that a person must see', { risk: 'low', approve_at: PAGE }, 'page'],
    ['what another person must see', { approve_at: PAGE, approver: 'second_person' }, 'nothing'],
    ['low risk that another must see', { risk: 'low', approver: 'second_person' }, 'nothing'],
    ['agreed to by another', { state: 'approved', approver: 'second_person' }, 'write'],
    ['medium risk', { approve_at: PAGE }, 'page'],
    ['high risk', { risk: 'high', approve_at: PAGE }, 'page'],
    ['medium risk, and no page is named', {}, 'nothing'],
    ['high risk, and no page is named', { risk: 'high' }, 'nothing'],
    ['a risk that there is not', { risk: 'tiny' }, 'nothing'],
    ['a page that is a script', { approve_at: 'javascript:alert(1)' }, 'nothing'],
    ['a page that is data', { approve_at: 'data:text/html,x' }, 'nothing'],
    ['agreed to on the page', { state: 'approved', risk: 'high' }, 'write'],
    ['written', { state: 'written', risk: 'low' }, 'nothing'],
    ['discarded', { state: 'discarded', risk: 'low' }, 'nothing'],
    ['unknown', { state: 'unknown', risk: 'low' }, 'nothing'],
  ])('%s: what the picture offers', (_name, more, offer) => {
    expect(offerOf(change(more))).toBe(offer)
  })

  test('waits until it is begun or dropped', () => {
    const states = ['planned', 'approved', 'written', 'discarded', 'unknown', 'writing']
    expect(states.filter((state) => isWaiting(change({ state })))).toEqual(['planned', 'approved'])
  })
})

describe('the chart', () => {
  const drawn = (one: Table, metric: string, grain: 'day' | 'month' | 'year' | null): Chart => {
    const grouped = groupedOf(one)
    if (grouped === null) throw new Error('it is not grouped')
    return chartOf(one, grouped, { metric, grain })
  }
  const days = table(
    ['reportdate', 'count', 'avg_wopriority'],
    [
      ['2026-01-31T23:00:00+00:00', 2, 1.5],
      ['2026-01-02T00:00:00+00:00', 1, 3],
      ['2026-04-01T00:00:00+00:00', 5, 2],
      [null, 4, 2],
    ],
  )

  test('adds up months, and shows a quiet one', () => {
    const { labels, series } = drawn(days, 'count', 'month')
    expect(labels).toEqual(['2026-01', '2026-02', '2026-03', '2026-04', '(none)'])
    expect(series).toEqual([{ name: '', values: [3, 0, 0, 5, 4] }])
    expect(drawn(days, 'count', 'year').labels).toEqual(['2026', '(none)'])
    expect(drawn(days, 'count', 'day').labels).toHaveLength(91)
  })

  test('invents no zero where groups are missing, and no average of averages', () => {
    const partly = { ...days, isComplete: false }
    expect(drawn(partly, 'count', 'month').series[0]?.values).toEqual([3, null, null, 5, 4])
    const grouped = groupedOf(days)
    expect(grouped).toMatchObject({
      isTime: true,
      metrics: ['count', 'avg_wopriority'],
      groups: ['reportdate'],
    })
    if (grouped === null) return
    expect(grainsOf(grouped, 'count', days)).toEqual(['day', 'month', 'year'])
    expect(grainsOf(grouped, 'avg_wopriority', days)).toEqual([])
    expect(drawn(days, 'avg_wopriority', null).series[0]?.values).toEqual([1.5, 3, 2, 2])
  })

  test('crosses the ends of months, leap days and years', () => {
    const at = (...rows: string[]): Chart =>
      drawn(
        table(
          ['d', 'count'],
          rows.map((row) => [row, 1]),
        ),
        'count',
        'day',
      )
    expect(at('2027-12-31', '2028-01-01').labels).toEqual(['2027-12-31', '2028-01-01'])
    expect(at('2028-02-28', '2028-03-01').labels).toEqual(['2028-02-28', '2028-02-29', '2028-03-01'])
    expect(at('2100-02-28', '2100-03-01').labels).toEqual(['2100-02-28', '2100-03-01'])
    expect(at('0001-01-01', '2026-01-01').labels).toEqual(['0001-01-01', '2026-01-01'])
  })

  test('tells series apart, the heaviest first, and keeps the largest and smallest of a period', () => {
    const two = table(
      ['statusdate', 'worktype', 'max_wopriority', 'count'],
      [
        ['2026-01', 'PM', 2, 1],
        ['2026-01', 'CM', 5, 9],
        ['2026-02', 'CM', 4, 1],
      ],
    )
    expect(drawn(two, 'count', 'month').series).toEqual([
      { name: 'CM', values: [9, 1] },
      { name: 'PM', values: [1, 0] },
    ])
    expect(drawn(two, 'max_wopriority', 'year').series.map(({ values }) => values)).toEqual([[5], [2]])
  })

  test('of a ranking shows who, and each of its numbers', () => {
    const columns = ['rank', 'assetnum', 'siteid', 'description', 'failures', 'share', 'weeks']
    const actors = table(columns, [
      [1, '11430', 'BEDFORD', 'Pump', 7, 70, null],
      [2, '11450', 'BEDFORD', 'Fan', 3, 30, null],
    ])
    expect(groupedOf(actors)).toEqual({ groups: ['assetnum'], metrics: ['failures', 'share'], isTime: false })
    expect(drawn(actors, 'share', null)).toEqual({
      labels: ['11430', '11450'],
      series: [{ name: '', values: [70, 30] }],
    })
  })

  test('is none where there is no number, and has numbers of other names', () => {
    expect(groupedOf(table(['wonum', 'status'], [['1', 'APPR']]))).toBeNull()
    expect(groupedOf(table(['count'], [[5]]))).toBeNull()
    expect(groupedOf(table(['period', 'compliance'], [['2026-01', 0.9]]))).toMatchObject({
      metrics: ['compliance'],
    })
    expect(groupedOf(table(['assetnum', 'count'], [['11430', 3]]))?.isTime).toBe(false)
  })

  test('names its numbers in words', () => {
    const columns = [
      'count',
      'sum_actlabhrs',
      'avg_wopriority',
      'min_wopriority',
      'max_wopriority',
      'work_orders',
    ]
    expect(columns.map(wordsOf)).toEqual([
      ...['records', 'sum of actlabhrs', 'average of wopriority', 'lowest wopriority', 'highest wopriority'],
      'work orders',
    ])
  })

  test.each<[readonly (number | null)[], readonly number[]]>([
    [
      [3, 44],
      [0, 10, 20, 30, 40, 50],
    ],
    [[0], [0, 0.2]],
    [
      [-4, 6],
      [-4, -2, 0, 2, 4, 6],
    ],
    [[null], [0, 0.2]],
    [[0.07], [0, 0.02, 0.04, 0.06, 0.08]],
    [[1_200_000], [0, 500_000, 1_000_000, 1_500_000]],
  ])('%j has round ticks around it', (values, expected) => {
    const ticks = ticksOf({ labels: values.map(String), series: [{ name: '', values }] }, 5)
    expect(ticks.map((tick) => Math.round(tick * 1e6) / 1e6)).toEqual(expected)
  })
})
