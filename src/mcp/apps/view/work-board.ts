import {
  cardsOf,
  columnsOf,
  matching,
  NO_FILTER,
  stageOf,
  type Card,
  type Column,
  type Filter,
} from './board.ts'
import type { Host, JsonObject } from './bridge.ts'
import { choice } from './choice.ts'
import { button, el, only, typed } from './element.ts'
import { isHeld, notesOf, show, type Drawing, type Frame } from './frame.ts'
import { extentOf, readTable, type Table } from './table.ts'

const TOOL = 'search_work_orders'
const NOUNS = ['work order', 'work orders'] as const

/** What the board is about: the pages that were read so far, as one. */
interface State {
  host: Host | null
  args: JsonObject
  table: Table | null
  filter: Filter
}

show({ name: 'maximo-work-board', title: 'Work board', start })

function start(frame: Frame): Drawing {
  const state: State = { host: null, args: {}, table: null, filter: NO_FILTER }
  const tools = el('div', { class: 'tools', role: 'group', 'aria-label': 'Filter' })
  const columns = el('div', {
    class: 'columns',
    role: 'region',
    'aria-label': 'Work orders by status',
    tabindex: 0,
  })
  const more = el('button', { type: 'button', hidden: '' }, 'Load more')
  const board: Board = { frame, state, tools, columns, more }
  return {
    onHost(host) {
      state.host = host
      addActions(board)
    },
    onInput(args) {
      state.args = args
    },
    onResult: ({ text, isError }) => take(board, text, { isError, isMore: false }),
  }
}

interface Board {
  readonly frame: Frame
  readonly state: State
  readonly tools: HTMLElement
  readonly columns: HTMLElement
  readonly more: HTMLButtonElement
}

function take(board: Board, text: string, { isError, isMore }: { isError: boolean; isMore: boolean }): void {
  const { frame, state } = board
  const read = isError ? null : readTable(text)
  if (read === null) {
    if (state.table === null) frame.plain(text, isError)
    else frame.refused(text)
    drawColumns(board)
    return
  }
  frame.refused('')
  state.table = isMore && state.table !== null ? joined(state.table, read) : read
  frame.origin(read.environment, read.asOf)
  only(frame.content, board.tools, board.columns, notesOf(state.table))
  drawTools(board)
  drawActions(board)
  drawColumns(board)
}

/** A later page has the same columns: they are of the same question. */
const joined = (before: Table, page: Table): Table => ({
  ...page,
  rows: [...before.rows, ...page.rows],
  isComplete: page.cursor === null && page.total === before.rows.length + page.rows.length,
})

/** The buttons are made once, so that the focus stays on them. */
function addActions(board: Board): void {
  const { frame, state, more } = board
  if (state.host?.capabilities.canCallTools !== true) return
  more.addEventListener('click', () => void read(board, state.table?.cursor ?? null))
  only(
    frame.actions,
    more,
    button('Refresh', '', () => void read(board, null)),
  )
  drawActions(board)
}

function drawActions({ frame, state, more }: Board): void {
  const hadFocus = document.activeElement === more
  more.hidden = (state.table?.cursor ?? null) === null
  if (hadFocus && more.hidden) frame.actions.querySelector<HTMLElement>('button:not([hidden])')?.focus()
}

/** Asks the same question again, or for its next page. */
async function read(board: Board, cursor: string | null): Promise<void> {
  const { frame, state } = board
  const { host } = state
  if (host === null || isHeld()) return
  const args = { ...state.args, format: 'compact', cursor: cursor ?? undefined }
  const answer = await frame.hold('Asking Maximo.', () => host.callTool(TOOL, args))
  if (answer !== null) take(board, answer.text, { isError: answer.isError, isMore: cursor !== null })
}

function drawTools(board: Board): void {
  const { state, tools } = board
  const cards = state.table === null ? [] : cardsOf(state.table)
  const change = (part: Partial<Filter>): void => {
    state.filter = { ...state.filter, ...part }
    drawColumns(board)
  }
  const priorities = [
    ...new Set(cards.flatMap(({ priority }) => (priority === null ? [] : [priority]))),
  ].sort((left, right) => left - right)
  const leads = [...new Set(cards.map(({ lead }) => lead).filter((lead) => lead !== ''))].sort()
  only(
    tools,
    search(state.filter.words, (words) => change({ words })),
    anyOf('Priority', priorities.map(String), state.filter.priority, (priority) => change({ priority })),
    anyOf('Lead', leads, state.filter.lead, (lead) => change({ lead })),
    overdue(state.filter.isOverdueOnly, (isOverdueOnly) => change({ isOverdueOnly })),
  )
}

function search(words: string, change: (words: string) => void): HTMLElement {
  const input = el('input', { type: 'search', id: 'words', value: words })
  input.addEventListener('input', () => change(input.value))
  return el('div', { class: 'field wide' }, el('label', { for: 'words' }, 'Find on the board'), input)
}

/** Where there is anything to choose; at first any. */
const anyOf = (
  label: string,
  values: readonly string[],
  chosen: string,
  change: (value: string) => void,
): HTMLElement | null =>
  values.length < 2
    ? null
    : choice(
        { label, values: ['', ...values], chosen, wordsOf: (value) => (value === '' ? 'Any' : value) },
        change,
      )

function overdue(isOn: boolean, change: (isOn: boolean) => void): HTMLElement {
  const input = el('input', { type: 'checkbox', id: 'overdue', ...(isOn && { checked: '' }) })
  input.addEventListener('change', () => change(input.checked))
  return el('div', { class: 'field tick' }, input, el('label', { for: 'overdue' }, 'Overdue only'))
}

function drawColumns({ frame, state, columns }: Board): void {
  const { table, filter } = state
  if (table === null) return
  const cards = cardsOf(table)
  const shown = matching(cards, filter)
  const extent = extentOf(table, NOUNS)
  frame.say(shown.length === cards.length ? extent : `${shown.length} match the filter. ${extent}`)
  only(columns, ...columnsOf(shown).map(column))
}

function column({ status, cards }: Column, index: number): HTMLElement {
  const id = `status-${index}`
  const name = status === '' ? 'No status' : status
  const heading = el('h2', { id }, typed(name), el('span', { class: 'count' }, String(cards.length)))
  const list = el('ul', {}, ...cards.map(cardItem))
  return el(
    'section',
    { class: 'column', 'data-stage': stageOf(status), 'aria-labelledby': id },
    heading,
    list,
  )
}

function cardItem(card: Card): HTMLElement {
  const { number, title, priority, type, place, lead, due, isOverdue } = card
  return el(
    'li',
    { class: 'card' },
    el(
      'p',
      { class: 'top' },
      typed(number, { class: 'number' }),
      type === '' ? null : typed(type, { class: 'tag' }),
      priority === null
        ? null
        : el('span', { class: 'priority', 'data-priority': priority }, `Priority ${priority}`),
    ),
    title === '' ? null : el('p', { class: 'title' }, typed(title)),
    place === '' ? null : el('p', { class: 'soft' }, typed(place)),
    lead === '' && due === ''
      ? null
      : el('p', { class: 'bottom' }, lead === '' ? null : typed(lead), dueOn(due, isOverdue)),
  )
}

const dueOn = (due: string, isOverdue: boolean): HTMLElement | null =>
  due === ''
    ? null
    : el(
        'span',
        { class: isOverdue ? 'due late' : 'due' },
        isOverdue ? 'Overdue since ' : 'Due ',
        el('span', { class: 'day' }, due),
      )
