import { cellText } from '../../tools/result/cell-text.ts'
import { objectOf, type JsonObject } from './bridge.ts'
import { readJson, textOf, textsOf } from './table.ts'

/** A staged change, or what became of one, as the tools of change tell it. */
export interface Change {
  readonly environment: string
  readonly asOf: string
  readonly id: string
  readonly state: string
  readonly risk: string
  readonly because: readonly string[]
  /** Who has to agree, in words. */
  readonly approval: string
  /** Where a person agrees to it; null: nobody has to, nobody can, or somebody did. */
  readonly approveAt: URL | null
  /** The person is another than whoever looks at this. */
  readonly isForAnother: boolean
  readonly isAllOrNothing: boolean
  readonly expires: string
  readonly undo: string
  readonly warnings: readonly string[]
  readonly notes: readonly string[]
  readonly records: readonly ChangedRecord[]
  /** What Maximo asked instead of writing; empty: nothing. */
  readonly question: string
  readonly choices: readonly string[]
}

export interface ChangedRecord {
  readonly label: string
  readonly title: string
  readonly does: string
  readonly diff: readonly FieldDiff[]
  /** Of a change that was begun. */
  readonly outcome: string
  readonly said: string
}

export interface FieldDiff {
  readonly field: string
  readonly before: string
  readonly after: string
}

/** Null: the text tells of no change. */
export function readChange(text: string): Change | null {
  const answer = readJson(text)
  const { change_id: id, state, records } = answer
  if (typeof id !== 'string' || typeof state !== 'string' || !Array.isArray(records)) return null
  return {
    environment: textOf(answer['env']),
    asOf: textOf(answer['as_of']),
    id,
    state,
    risk: textOf(answer['risk']),
    because: textsOf(answer['because']),
    approval: textOf(answer['approval']),
    approveAt: pageAt(answer['approve_at']),
    isForAnother: answer['approver'] !== undefined,
    isAllOrNothing: answer['all_or_nothing'] === true,
    expires: textOf(answer['expires']),
    undo: textOf(answer['undo']),
    warnings: textsOf(answer['warnings']),
    notes: textsOf(answer['notes']),
    records: records.map((record: unknown) => recordOf(objectOf(record))),
    question: textOf(objectOf(answer['question'])['text']),
    choices: textsOf(objectOf(answer['question'])['choices']),
  }
}

function recordOf({ record, title, does, diff, outcome, said, why }: JsonObject): ChangedRecord {
  return {
    label: textOf(record),
    title: textOf(title),
    does: textOf(does),
    diff: Array.isArray(diff) ? diff.filter((one) => Array.isArray(one)).map(fieldDiff) : [],
    outcome: textOf(outcome),
    said: textOf(said) === '' && outcome !== 'written' ? textOf(why).replaceAll('_', ' ') : textOf(said),
  }
}

const fieldDiff = ([field, before, after]: readonly unknown[]): FieldDiff => ({
  field: cellText(field),
  before: cellText(before),
  after: cellText(after),
})

/** A page in a browser, and nothing else that an address can be. */
function pageAt(address: unknown): URL | null {
  if (typeof address !== 'string' || !URL.canParse(address)) return null
  const url = new URL(address)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url : null
}

/**
 * What a picture may offer. It is no proof of a person: what has more than low risk is agreed to on the approval page alone,
 * and what the server says of it decides, not the picture. `write` is for what nobody has to agree to, or somebody has.
 */
export type Offer = 'write' | 'page' | 'nothing'

export function offerOf({ state, risk, approveAt, isForAnother }: Change): Offer {
  if (state === 'approved') return 'write'
  if (state !== 'planned' || isForAnother) return 'nothing'
  if (approveAt !== null) return 'page'
  return risk === 'low' ? 'write' : 'nothing'
}

export const isWaiting = ({ state }: Change): boolean => state === 'planned' || state === 'approved'
