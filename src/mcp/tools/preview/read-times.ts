import type { Condition } from '../../../maximo/query/query.ts'
import { monthOf, moved, movedMonths, weekday } from '../read/days.ts'
import type { Spoken } from './spoken.ts'
import type { Role, SpokenSubject } from './subjects.ts'

/** Verbs before a time, and the date that each is about. */
const VERBS: readonly (readonly [words: string, role: Role])[] = [
  ['due|required|needed|to be delivered|to be paid', 'due'],
  ['reported|created|opened|raised|entered|ordered|issued', 'reported'],
  ['started|begun', 'started'],
  ['finished|completed|closed|done|resolved', 'finished'],
  ['scheduled|planned', 'scheduled'],
  ['changed|updated|modified', 'changed'],
]

const DATE = '\\d{4}-\\d{2}-\\d{2}'
const RELATIVE = 'today|yesterday|tomorrow|(?:this|last|past|next) (?:week|month|year)'
const SPAN = '(?:last|past|next) \\d{1,3} (?:day|week|month)s?'
const WHEN = new RegExp(
  `(?<= )(?:(${VERBS.map(([words]) => words).join('|')}) )?(?:(before|until|by|after|since|from|on|in|within|during|between) )?(?:the )?(${DATE}|${RELATIVE}|${SPAN})(?: (?:and|to|until) (${DATE}))?(?= )`,
  'i',
)

/** Times and the dates they are about; a day without a verb is when something was reported, or due if it lies ahead. */
export function readTimes(spoken: Spoken, subject: SpokenSubject, today: string): readonly Condition[] {
  const found: Condition[] = []
  for (let count = 0; count < MAX_TIMES; count += 1) {
    const match = spoken.take(WHEN)
    if (match === null) return found
    const [words, verb, preposition = 'on', when = '', until] = match
    const days = until === undefined ? daysOf(when.toLowerCase(), today) : { from: when, to: until }
    const field = fieldOf(subject, verb, days.from > today)
    if (field === undefined) {
      spoken.refuse(words)
      continue
    }
    const conditions = conditionsOf(field, preposition.toLowerCase(), days)
    found.push(...conditions)
    spoken.note(words, conditions.map(({ op, value }) => `${field} ${op} ${String(value)}`).join(' and '))
  }
  return found
}

const MAX_TIMES = 4

interface Days {
  /** The first and the last day, both included. */
  readonly from: string
  readonly to: string
}

/** The date that the verb names; without a verb what lies ahead is due, and what is past was reported. */
function fieldOf({ fields }: SpokenSubject, verb: string | undefined, isAhead: boolean): string | undefined {
  if (verb === undefined) return isAhead ? fields.due : (fields.reported ?? fields.changed)
  const said = VERBS.find(([words]) => words.split('|').includes(verb.toLowerCase()))
  return said === undefined ? undefined : fields[said[1]]
}

function conditionsOf(field: string, preposition: string, { from, to }: Days): readonly Condition[] {
  switch (preposition) {
    case 'before':
      return [{ field, op: 'lt', value: from }]
    case 'until':
    case 'by':
      return [{ field, op: 'le', value: to }]
    case 'after':
      return [{ field, op: 'gt', value: to }]
    case 'since':
    case 'from':
      return [{ field, op: 'ge', value: from }]
    default:
      return from === to
        ? [{ field, op: 'eq', value: from }]
        : [
            { field, op: 'ge', value: from },
            { field, op: 'le', value: to },
          ]
  }
}

/** Weeks begin on Monday (ISO 8601). */
function daysOf(when: string, today: string): Days {
  const span = /^(last|past|next) (\d+) (day|week|month)/.exec(when)
  if (span !== null) return spanOf(span[1] === 'next', Number(span[2]), span[3] ?? '', today)
  const offset = NEAR.get(when)
  if (offset !== undefined) return { from: moved(today, offset), to: moved(today, offset) }
  const [side = '', unit = ''] = when.split(' ')
  const step = SIDES.get(side) ?? 0
  switch (unit) {
    case 'week': {
      const monday = moved(today, 7 * step - weekday(today))
      return { from: monday, to: moved(monday, 6) }
    }
    case 'month':
      return monthOf(today, step)
    case 'year': {
      const year = Number(today.slice(0, 4)) + step
      return { from: `${year}-01-01`, to: `${year}-12-31` }
    }
    default:
      return { from: when, to: when }
  }
}

const NEAR: ReadonlyMap<string, number> = new Map([
  ['today', 0],
  ['yesterday', -1],
  ['tomorrow', 1],
])
const SIDES: ReadonlyMap<string, number> = new Map([
  ['this', 0],
  ['next', 1],
  ['last', -1],
  ['past', -1],
])

function spanOf(isAhead: boolean, count: number, unit: string, today: string): Days {
  const sign = isAhead ? 1 : -1
  const end =
    unit === 'month'
      ? movedMonths(today, sign * count)
      : moved(today, sign * count * (unit === 'week' ? 7 : 1))
  return isAhead ? { from: today, to: end } : { from: end, to: today }
}
