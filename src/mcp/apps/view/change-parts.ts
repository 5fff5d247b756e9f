import type { Change, ChangedRecord, FieldDiff } from './change.ts'
import { el, typed, type Child } from './element.ts'
import { momentText } from './frame.ts'

/** What a call was refused with. */
export const refusal = (text: string): HTMLElement =>
  el('div', { class: 'note bad', role: 'alert' }, el('p', {}, typed(text)))

/** What is to be written, letter by letter. */
export const parts = (change: Change): readonly Child[] => [
  summary(change),
  warnings(change),
  ...change.records.map(record),
  el('p', { class: 'soft' }, `Change ${change.id}`),
]

function summary({ risk, because, approval, expires, undo }: Change): HTMLElement {
  const line = (name: string, ...text: readonly Child[]): readonly HTMLElement[] =>
    text.every((part) => part === '') ? [] : [el('dt', {}, name), el('dd', {}, ...text)]
  return el(
    'dl',
    {},
    ...line('Risk', el('span', { class: 'risk', 'data-risk': risk }, risk), ` ${because.join(' ')}`),
    ...line('Approval', approval),
    ...line('Waits until', momentText(expires)),
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
      WORDS[does] ?? does,
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

const WORDS: Readonly<Record<string, string>> = {
  create: 'New record',
  update: 'Update',
  status: 'Change of status',
  action: 'Action',
  delete: 'Delete',
  answer: 'Answer to a workflow',
  attach: 'Attachment',
}

/** What became of each record. */
export const outcomes = ({ records }: Change): HTMLElement =>
  el(
    'ul',
    { class: 'outcomes' },
    ...records
      .filter(({ outcome }) => outcome !== '')
      .map(({ label, outcome, said }) =>
        el(
          'li',
          { 'data-outcome': outcome },
          typed(label),
          `: ${outcome.replaceAll('_', ' ')}`,
          said === '' ? null : '. ',
          said === '' ? null : typed(said),
        ),
      ),
  )
