import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import { RISKS } from '../../crypto/restrictions.ts'

/**
 * A change before it is made: what a staging tool wants, what Maximo said to it, and whose it is. Plain data: sealed in
 * the store, named by its digest wherever somebody agrees to it. Texts in it came from clients and from Maximo.
 */
const name = z.string().min(1).max(64)
const writeValue = z.union([z.string(), z.number(), z.boolean(), z.null()])
const values = z.record(name, writeValue)
const added = z.strictObject({ action: z.literal('add'), values })
/**
 * A row of a child object that is there, told from the others by what it holds; `row` and `stamp` are its name and its
 * row stamp in Maximo, once it was looked up.
 */
const existingRow = { match: values, row: z.string().optional(), stamp: z.string().optional() }
const childChange = z.discriminatedUnion('action', [
  added,
  z.strictObject({ action: z.literal('update'), ...existingRow, values }),
  z.strictObject({ action: z.literal('delete'), ...existingRow }),
])
export type PlannedRow = z.infer<typeof childChange>
const object = z.string().min(1).max(60)
/** As people name a record (`BEDFORD/1001`), or its resource id. */
const record = z.string().min(1).max(200)

export const wanted = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('create'),
    object,
    values,
    children: z.record(name, z.array(added)).optional(),
  }),
  z.strictObject({
    ...{ op: z.literal('update'), object, record, values },
    children: z.record(name, z.array(childChange)).optional(),
  }),
  z.strictObject({
    ...{ op: z.literal('status'), object, record, status: z.string() },
    ...{ memo: z.string().optional(), date: z.string().optional() },
  }),
  /** A method of the record (`wsmethod:`), from the closed list of `actions.ts`. */
  z.strictObject({
    ...{ op: z.literal('action'), object, record, method: name, parameters: values },
    /** A row of a child object by which it is seen afterwards, where it is another one each time. */
    leaves: z.strictObject({ child: name, values }).optional(),
  }),
  z.strictObject({ op: z.literal('delete'), object, record }),
  z.strictObject({
    op: z.literal('answer'),
    object,
    record,
    accepted: z.boolean(),
    memo: z.string().optional(),
  }),
  z.strictObject({
    op: z.literal('attach'),
    object,
    record,
    /** One of the two: an address, or a text file. */
    url: z.string().optional(),
    file: z.strictObject({ name: z.string(), mediaType: z.string(), text: z.string() }).optional(),
    description: z.string().optional(),
  }),
])
export type Wanted = z.infer<typeof wanted>
/** What is wanted of a record that is there. */
export type OfExisting = Exclude<Wanted, { readonly op: 'create' }>

const fieldChange = z.strictObject({ field: z.string(), before: writeValue, after: writeValue })
export type FieldChange = z.infer<typeof fieldChange>

/** A question that Maximo asked instead of writing, and what it is answered. */
const answer = z.strictObject({
  question: z.string(),
  code: z.string().nullable(),
  /** Maximo's own words: untrusted. */
  text: z.string().nullable(),
  choice: z.enum(['ok', 'cancel', 'yes', 'no']),
})

export type Answer = z.infer<typeof answer>

const plannedRecord = z.strictObject({
  wanted,
  /** The record as it was read; null for one that does not exist yet. */
  at: z.strictObject({ id: z.string(), rowstamp: z.string() }).nullable(),
  /** `BEDFORD/1001`, or `new work order`. */
  label: z.string(),
  /** Its description in Maximo: untrusted. */
  title: z.string().nullable(),
  diff: z.array(fieldChange),
  /** Business objects of a new record and its rows, its own first; upper case. */
  writesTo: z.array(z.string()).optional(),
  /** It goes with the write; whoever agrees to the plan agrees to it. */
  answers: z.array(answer).optional(),
  /** Number of the record of this plan that is written before to the same record: its row stamp is the one from then. */
  follows: z.int().optional(),
  /** What was there already that looks like what it adds: by it, what it added can be told apart later. */
  alike: z.strictObject({
    /** Resource ids of records like the one it creates; null: they could not be asked for. */
    records: z.array(z.string()).nullable(),
    /** For each row that it adds to a child object, how many like it there are. */
    rows: z.record(name, z.array(z.int())),
  }),
})
export type PlannedRecord = z.infer<typeof plannedRecord>

export const plan = z.strictObject({
  id: z.string(),
  /** Whose it is: nobody else, and no other connection of theirs, can commit it. */
  ...{ sub: z.string(), gid: z.string(), env: z.string(), cid: z.string() },
  host: z.string(),
  tool: z.string(),
  title: z.string(),
  /** The client's own words. */
  reason: z.string(),
  scopes: z.array(z.string()),
  ...{ madeMs: z.number(), endsMs: z.number() },
  risk: z.enum(RISKS),
  /** Why it has that risk: sentences of ours. */
  because: z.array(z.string()),
  /** Its content was taken over from text that anybody could have typed. */
  fromUntrusted: z.boolean(),
  /** Clerk user ids, one of whom must agree who is not its owner; empty: its owner alone decides. */
  approvers: z.array(z.string()),
  records: z.array(plannedRecord).min(1),
  /** All of them in one request: Maximo takes back the others where one fails. */
  together: z.literal(true).optional(),
  warnings: z.array(z.string()),
})
export type Plan = z.infer<typeof plan>

/** Stands in a plan for its own id, by which Maximo is asked later whether there is such a record. */
export const CHANGE_MARK = '(change)'
/** As much of the id as an external reference of Maximo takes (maximo-api, PO: `externalrefid`, 10). */
export const markOf = (id: string): string => id.slice(0, 10)

/** A new record of a plan with the id of the plan where it is marked. */
export function marked<Record extends PlannedRecord>(planned: Record, id: string): Record {
  const { wanted, diff } = planned
  if (wanted.op !== 'create') return planned
  const withId = (value: FieldChange['after']) => (value === CHANGE_MARK ? markOf(id) : value)
  const entries = Object.entries(wanted.values).map(([name, value]) => [name, withId(value)] as const)
  return {
    ...planned,
    wanted: { ...wanted, values: Object.fromEntries(entries) },
    diff: diff.map((change) => ({ ...change, after: withId(change.after) })),
  }
}

/** What a record becomes, as it is shown to whoever decides: its fields, and what Maximo is answered. */
export const shownDiff = ({ diff, answers = [] }: PlannedRecord): readonly FieldChange[] => [
  ...diff.map((change) => (change.after === CHANGE_MARK ? { ...change, after: OWN_ID } : change)),
  ...answers.map(({ code, text, question, choice }) => ({
    field: `question ${code ?? question}`,
    before: text,
    after: choice,
  })),
]

const OWN_ID = '(the id of this change)'

/** What an approval is bound to: every letter of the plan. */
export const digestOf = (one: Plan): string => sha256Base64url(JSON.stringify(one))

export const MAX_RECORDS = 20
/** Of all that is wanted, as JSON: a person reads it before it is done. */
export const MAX_WANTED_CHARACTERS = 24_000
