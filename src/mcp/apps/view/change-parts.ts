import { OP_WORDS } from '../../changes/op-words.ts'
import { isWaiting, type Change, type ChangedRecord, type FieldDiff } from './change.ts'
import { el, typed, type Child } from './element.ts'
import { momentText, wordFor } from './frame.ts'

/** What is to be written, letter by letter. */
export const parts = (change: Change): readonly Child[] => [
  summary(change),
  warnings(change),
  ...change.records.map(record),
  change.isAllOrNothing ? el('p', { class: 'soft' }, ALL_OR_NOTHING) : null,
  el('p', { class: 'soft' }, `Change ${change.id}`),
]

const ALL_OR_NOTHING =
  'All of this is written, or none of it: Maximo takes back the rest where one record fails.'

function summary(change: Change): HTMLElement {
  const { risk, because, approval, expires, undo } = change
  const waits = isWaiting(change)
  const line = (name: string, ...text: readonly Child[]): readonly HTMLElement[] =>
    text.every((part) => part === '') ? [] : [el('dt', {}, name), el('dd', {}, ...text)]
  return el(
    'dl',
    {},
    ...line('Risk', el('span', { class: 'risk', 'data-risk': risk }, risk), ` ${because.join(' ')}`),
    ...(waits ? line('Approval', approval) : []),
    ...(waits ? line('Waits until', momentText(expires)) : []),
    ...line('Undo', undo),
  )
}

const warnings = ({ warnings: all, notes }: Change): HTMLElement | null => {
  const said = [...all, ...notes]
  return said.length === 0
    ? null
    : el('div', { class: 'note warn', role: 'note' }, ...said.map((one) => el('p', {}, typed(one))))
}

function record({ label, title, does, diff }: ChangedRecord, index: number): HTMLElement {
  const id = `record-${index}`
  return el(
    'section',
    { class: 'panel', 'aria-labelledby': id },
    el('h2', { id }, typed(label)),
    el(
      'p',
      { class: 'soft' },
      wordFor(OP_WORDS, does) ?? does,
      title === '' ? null : ': ',
      title === '' ? null : typed(title),
    ),
    diff.length === 0 ? null : diffTable(diff, id),
  )
}

/** Its roles are said, since a narrow picture lays its rows out as blocks. */
const diffTable = (diff: ChangedRecord['diff'], id: string): HTMLElement =>
  el(
    'table',
    { class: 'diff', role: 'table', 'aria-labelledby': id },
    el(
      'thead',
      { role: 'rowgroup' },
      el(
        'tr',
        { role: 'row' },
        ...['Field', NOW, NEW].map((name) => el('th', { role: 'columnheader', scope: 'col' }, name)),
      ),
    ),
    el('tbody', { role: 'rowgroup' }, ...diff.map(diffRow)),
  )

const diffRow = ({ field, before, after }: FieldDiff): HTMLElement =>
  el(
    'tr',
    { role: 'row' },
    el('th', { role: 'rowheader', scope: 'row' }, typed(field)),
    el('td', { role: 'cell', class: 'before', 'data-name': NOW }, shown(before)),
    el('td', { role: 'cell', class: 'after', 'data-name': NEW }, shown(after)),
  )

const NOW = 'Now'
const NEW = 'New'

const shown = (value: string): HTMLElement =>
  value === '' ? el('span', { class: 'soft' }, 'nothing') : typed(value)

/** What became of each record, and what Maximo asked instead of writing. */
export const outcomes = ({ records, question }: Change): readonly Child[] => [
  el('ul', { class: 'outcomes' }, ...records.filter(({ outcome }) => outcome !== '').map(outcomeItem)),
  question === ''
    ? null
    : el(
        'div',
        { class: 'note warn', role: 'note' },
        el('p', {}, 'Maximo asks: “', typed(question), '”'),
        el('p', {}, 'Answer it in the conversation: what was not written is staged again with the answer.'),
      ),
]

const outcomeItem = ({ label, outcome, said }: ChangedRecord): HTMLElement =>
  el(
    'li',
    { 'data-outcome': outcome },
    typed(label),
    `: ${outcome.replaceAll('_', ' ')}`,
    said === '' ? null : '. ',
    said === '' ? null : typed(said),
  )
