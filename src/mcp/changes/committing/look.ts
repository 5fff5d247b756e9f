import type { MaximoCall, MaximoClient, MaximoRecord } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import type { ChangeStep } from '../../records/changes.ts'
import { actionOf } from '../actions.ts'
import { ATTACHED, countAttachedLike } from '../staging/attached.ts'
import { rowNamed } from '../staging/child-rows.ts'
import { changedChildren, fieldsOf, keptAs } from '../staging/touched.ts'
import { labelOf } from '../staging/find-existing.ts'
import { countRowsLike, holds, isSameValue, MARKED_BY, recordsLike } from '../staging/look-alikes.ts'
import type { PlannedRecord, PlannedRow } from '../plan.ts'

/** What looking says of a write whose answer was lost. */
export interface Seen extends Pick<ChangeStep, 'made'> {
  /** `absent`: it is not there now. `unclear`: something else happened to the record, and ours cannot be told apart. */
  readonly verdict: 'written' | 'absent' | 'unclear'
}

interface Looking {
  readonly client: MaximoClient
  readonly call: MaximoCall
  /** What a new record of the change carries, where it carries its id. */
  readonly mark: string
}

/** Looks whether a planned record was written. It sends no write. @throws MaximoFault when it cannot look now */
export async function lookFor(planned: PlannedRecord, looking: Looking): Promise<Seen> {
  const { wanted, at } = planned
  if (wanted.op === 'attach') return lookForAttachment(planned, looking)
  const schema = await looking.client.schema(wanted.object, looking.call)
  if (wanted.op === 'create' || at === null) return lookForNew(planned, schema, looking)
  const children = Object.fromEntries(changedChildren(wanted).map(([child]) => [child, ['*']]))
  const fields = [...schema.key, ...fieldsOf(wanted)].filter((name) => schema.fields.has(name))
  const ref = { objectStructure: wanted.object, id: at.id }
  const found = await looking.client.findRecord(ref, { fields: [...new Set(fields)], children }, looking.call)
  if (!found.ok) return { verdict: 'unclear' }
  if (found.value === null) return { verdict: wanted.op === 'delete' ? 'written' : 'unclear' }
  return { verdict: judge(planned, found.value.record) }
}

/** One more that is called and described like it than there were. */
async function lookForAttachment({ wanted, at, alike }: PlannedRecord, looking: Looking): Promise<Seen> {
  const before = alike.rows[ATTACHED]?.[0]
  if (wanted.op !== 'attach' || at === null || before === undefined) return { verdict: 'unclear' }
  const ref = { objectStructure: wanted.object, id: at.id }
  const now = await countAttachedLike(wanted, ref, looking)
  if (now === null) return { verdict: 'unclear' }
  return { verdict: now > before ? 'written' : 'absent' }
}

function judge(planned: PlannedRecord, record: MaximoRecord): Seen['verdict'] {
  const isUntouched = record.rowstamp !== null && record.rowstamp === planned.at?.rowstamp
  if (changedChildren(planned.wanted).length > 0) return judgeRows(planned, record, isUntouched)
  if (isUntouched) return 'absent'
  return judgeFields(planned, record)
}

function judgeRows(
  { wanted, alike }: PlannedRecord,
  record: MaximoRecord,
  isUntouched: boolean,
): Seen['verdict'] {
  const signs = changedChildren(wanted).flatMap(([child, rows]) =>
    rows.map((change) => isThere(change, child, { rows, record, before: alike.rows[child] ?? [] })),
  )
  if (signs.every((sign) => sign)) return 'written'
  // Rows of a child object leave the row stamp of their owner as it is.
  const isNowhere = signs.every((sign) => !sign) && hasNoOwnValues(wanted)
  return isNowhere || isUntouched ? 'absent' : 'unclear'
}

/** Whether a row is as the change would leave it. */
function isThere(
  change: PlannedRow,
  child: string,
  {
    rows,
    record,
    before,
  }: {
    readonly rows: readonly PlannedRow[]
    readonly record: MaximoRecord
    readonly before: readonly number[]
  },
): boolean {
  if (change.action === 'add') {
    const place = rows.filter(({ action }) => action === 'add').indexOf(change)
    return countRowsLike(record, child, change.values) > (before[place] ?? 0)
  }
  const row = rowNamed(record, child, change.row)
  if (change.action === 'delete') return row === null
  return row !== null && holds(row, change.values)
}

function judgeFields({ wanted, diff }: PlannedRecord, record: MaximoRecord): Seen['verdict'] {
  switch (wanted.op) {
    case 'update':
      return hold(record, wanted.values) || isAdded(record, diff) ? 'written' : 'unclear'
    case 'status':
      return hold(record, { status: wanted.status }) ? 'written' : 'unclear'
    case 'action':
      return hold(record, actionOf(wanted)?.sets?.(wanted.parameters) ?? {}) ? 'written' : 'unclear'
    case 'answer':
      return record.values['assignstatus'] === 'ACTIVE' ? 'absent' : 'written'
    case 'create':
    case 'delete':
    case 'attach':
      return 'unclear'
  }
}

/** A meter that counts by differences adds a reading to its last one. */
const isAdded = (record: MaximoRecord, diff: PlannedRecord['diff']): boolean =>
  diff.some(
    ({ field, before, after }) =>
      field === 'newreading' &&
      Math.abs(Number(record.values[keptAs(field)]) - Number(before) - Number(after)) < ROUNDING,
  )
const ROUNDING = 0.0051

const hasNoOwnValues = (wanted: PlannedRecord['wanted']): boolean =>
  wanted.op !== 'update' || Object.keys(wanted.values).length === 0

const hold = (
  record: MaximoRecord,
  values: Readonly<Record<string, string | number | boolean | null>>,
): boolean =>
  Object.keys(values).length > 0 &&
  Object.entries(values).every(([field, value]) => isSameValue(value, record.values[keptAs(field)] ?? null))

/** A record that says what ours would, and was not there when the plan was made. */
async function lookForNew(
  { wanted, diff, alike }: PlannedRecord,
  schema: ObjectSchema,
  looking: Looking,
): Promise<Seen> {
  const values = Object.fromEntries(
    diff.filter(({ field }) => schema.fields.has(field)).map(({ field, after }) => [field, after]),
  )
  const now = await recordsLike(values, schema, looking)
  if (now === null || alike.records === null || wanted.op !== 'create') return { verdict: 'unclear' }
  const before = new Set(alike.records)
  const [made, ...others] = now.filter((id) => !before.has(id))
  // What carries the id of the change is its own, whatever else Maximo made of it.
  const isMarked = wanted.values[MARKED_BY] === looking.mark
  if (made === undefined) return { verdict: 'absent' }
  // Somebody made another one meanwhile: one of them may be ours.
  if (others.length > 0) return { verdict: 'unclear' }
  const short = Object.keys(values).filter((field) => schema.fields.get(field)?.isPersistent === true)
  const ref = { objectStructure: schema.resource, id: made }
  const found = await looking.client.findRecord(
    ref,
    { fields: [...new Set([...schema.key, ...short])] },
    looking.call,
  )
  if (!found.ok || found.value === null) return { verdict: 'unclear' }
  const { record } = found.value
  const own = Object.fromEntries(short.map((field) => [field, values[field] ?? null]))
  if (!isMarked && !hold(record, own)) return { verdict: 'unclear' }
  return { verdict: 'written', made: { id: made, label: labelOf(record, schema).slice(0, 200) } }
}
