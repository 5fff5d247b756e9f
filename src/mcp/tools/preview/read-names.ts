import type { Condition } from '../../../maximo/query/query.ts'
import { cellText } from '../result/cell-text.ts'
import type { Spoken } from './spoken.ts'
import type { Role, SpokenSubject } from './subjects.ts'

/** A number or code of Maximo: it has a digit or is written in capitals, so that no word of the sentence is taken for one. */
const CODE = '((?=[\\p{L}\\p{N}_/.-]*\\d)[\\p{L}\\p{N}_/.-]{1,25}|[A-Z][A-Z0-9_/.-]{1,24})'

/** Words before a code, and what the code then is. */
const NAMED: readonly (readonly [words: string, role: Role])[] = [
  ['asset|equipment|machine', 'asset'],
  ['location|place|storeroom|store', 'location'],
  ['vendor|supplier|company', 'vendor'],
  ['item|part', 'item'],
  ['work type|worktype|type', 'type'],
  ['led by|assigned to|owned by|owner|lead|buyer', 'person'],
  ['reported by|requested by|created by', 'reporter'],
  ['number|no|nr|#', 'number'],
]

/** Things that are named by a code, priorities, and quoted text. */
export function readNames(spoken: Spoken, subject: SpokenSubject): readonly Condition[] {
  return [
    ...quoted(spoken, subject),
    ...priority(spoken, subject),
    ...unassigned(spoken, subject),
    ...codes(spoken, subject),
  ]
}

function noted(spoken: Spoken, words: string, condition: Condition): readonly Condition[] {
  const { field, op, value } = condition
  spoken.note(words, `${field} ${op} ${cellText(value)}`.trimEnd())
  return [condition]
}

/** "…": words of the description. */
function quoted(spoken: Spoken, { fields }: SpokenSubject): readonly Condition[] {
  if (fields.text === undefined) return []
  const match = spoken.take(ABOUT)
  const text = match?.[1] ?? match?.[2]
  return match === null || text === undefined
    ? []
    : noted(spoken, match[0], { field: fields.text, op: 'contains', value: text })
}

const ABOUT = /(?:(?<= )(?:about|with|containing|called|named|that say) )?(?:"([^"]{2,60})"|“([^”]{2,60})”)/iu

function priority(spoken: Spoken, { fields }: SpokenSubject): readonly Condition[] {
  if (fields.priority === undefined) return []
  const match = spoken.take(
    /(?<= )(?:with )?(?:priority|prio) (?:(?:of|is) )?(?:(<=|>=|<|>|=|up to|at most|at least|above|below) ?)?(\d{1,3})( or (?:higher|more urgent|lower|less urgent))?(?= )/i,
  )
  if (match === null) return []
  const [words, comparison = '=', number, wider = ''] = match
  const op = widerOp(wider) ?? PRIORITY_OPS.get(comparison.toLowerCase()) ?? 'eq'
  return noted(spoken, words, { field: fields.priority, op, value: Number(number) })
}

const widerOp = (words: string): string | null => {
  if (/higher|more/i.test(words)) return 'le'
  return /lower|less/i.test(words) ? 'ge' : null
}

/** By number: 1 is the most urgent, but what a person calls "above" is not known, so the number counts. */
const PRIORITY_OPS: ReadonlyMap<string, string> = new Map([
  ['=', 'eq'],
  ['<=', 'le'],
  ['up to', 'le'],
  ['at most', 'le'],
  ['>=', 'ge'],
  ['at least', 'ge'],
  ['<', 'lt'],
  ['below', 'lt'],
  ['>', 'gt'],
  ['above', 'gt'],
])

function unassigned(spoken: Spoken, { fields }: SpokenSubject): readonly Condition[] {
  if (fields.person === undefined) return []
  const words = spoken.takeWords('unassigned') ?? spoken.takeWords('not assigned')
  return words === null ? [] : noted(spoken, words, { field: fields.person, op: 'null' })
}

function codes(spoken: Spoken, subject: SpokenSubject): readonly Condition[] {
  const own = subject.words.join('|')
  const all: readonly (readonly [string, Role])[] = [[own, 'number'], ...NAMED]
  return all.flatMap(([words, role]) => {
    const field = subject.fields[role]
    if (field === undefined) return []
    const match = spoken.take(
      new RegExp(
        `(?<= )(?:at |on |for |of |by |in )?(?:the )?(?:(?:${words})(?: number)?) ${CODE}(?= |[?.,!])`,
        'u',
      ),
    )
    return match?.[1] === undefined
      ? []
      : noted(spoken, match[0], { field, op: 'eq', value: match[1].toUpperCase() })
  })
}
