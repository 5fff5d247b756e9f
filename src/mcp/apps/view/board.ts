import { cellText } from '../../tools/result/cell-text.ts'
import type { Table } from './table.ts'

/** A work order on the board; what the search did not ask for is empty. */
export interface Card {
  readonly number: string
  readonly title: string
  readonly status: string
  /** 1 is the most urgent; null: it has none. */
  readonly priority: number | null
  readonly type: string
  readonly place: string
  readonly lead: string
  /** Day of the target finish. */
  readonly due: string
  readonly isOverdue: boolean
  /** Every cell in small letters, to be searched in. */
  readonly words: string
}

export interface Column {
  readonly status: string
  readonly cards: readonly Card[]
}

export interface Filter {
  readonly words: string
  /** Empty: any. */
  readonly priority: string
  readonly lead: string
  readonly isOverdueOnly: boolean
}

export const NO_FILTER: Filter = { words: '', priority: '', lead: '', isOverdueOnly: false }

export function cardsOf(table: Table): readonly Card[] {
  const today = table.asOf.slice(0, DAY)
  return table.rows.map((row) => {
    const cell = (name: string): string => cellText(row[table.columns.indexOf(name)])
    const due = cell('targcompdate').slice(0, DAY)
    const status = cell('status')
    return {
      number: cell('wonum'),
      title: cell('description'),
      status,
      priority: cell('wopriority') === '' ? null : Number(cell('wopriority')),
      type: cell('worktype'),
      place: [cell('siteid'), cell('assetnum'), cell('location')].filter((part) => part !== '').join(' · '),
      lead: cell('lead'),
      due,
      // By the day, and only while it can still be done.
      isOverdue: due !== '' && due < today && !DONE.has(status),
      words: row.map(cellText).join(' ').toLowerCase(),
    }
  })
}

/** `2026-11-26`. */
const DAY = 10

/** In the order of a work order's life where Maximo's own words are used; others follow by the alphabet. */
const LIFE = [
  'WAPPR',
  'WPCOND',
  'APPR',
  'WSCH',
  'WMATL',
  'SCHED',
  'INPRG',
  'HISTEDIT',
  'COMP',
  'CLOSE',
  'CAN',
]
const DONE: ReadonlySet<string> = new Set(['COMP', 'CLOSE', 'CAN'])

export function columnsOf(cards: readonly Card[]): readonly Column[] {
  const statuses = [...new Set(cards.map(({ status }) => status))].sort(byLife)
  return statuses.map((status) => ({
    status,
    cards: cards.filter((card) => card.status === status).sort(byUrgency),
  }))
}

export const matching = (cards: readonly Card[], filter: Filter): readonly Card[] =>
  cards.filter(
    (card) =>
      filter.words
        .toLowerCase()
        .split(/\s+/)
        .every((word) => card.words.includes(word)) &&
      (filter.priority === '' || String(card.priority ?? '') === filter.priority) &&
      (filter.lead === '' || card.lead === filter.lead) &&
      (!filter.isOverdueOnly || card.isOverdue),
  )

const byLife = (left: string, right: string): number =>
  rank(left) === rank(right) ? compare(left, right) : rank(left) - rank(right)
const rank = (status: string): number => (LIFE.includes(status) ? LIFE.indexOf(status) : LIFE.length)

/** Priority, then the day; what has neither comes last. */
function byUrgency(left: Card, right: Card): number {
  const byPriority = (left.priority ?? LAST) - (right.priority ?? LAST)
  if (byPriority !== 0) return byPriority
  const byDay = compare(left.due, right.due)
  return byDay === 0 ? compare(left.number, right.number) : byDay
}

const compare = (left: string, right: string): number => {
  if (left === right) return 0
  if (left === '' || right === '') return left === '' ? 1 : -1
  return left < right ? -1 : 1
}
const LAST = 1_000

/** How far along a status is, for its colour alone. */
export function stageOf(status: string): 'waiting' | 'ready' | 'running' | 'done' | 'other' {
  if (DONE.has(status)) return 'done'
  if (status === 'INPRG') return 'running'
  if (status === 'APPR' || status === 'SCHED') return 'ready'
  return status.startsWith('W') && LIFE.includes(status) ? 'waiting' : 'other'
}
