import type { CallSignal } from '../../../kernel/call-signal.ts'
import type { MaximoWriter, WriteCall } from '../../../maximo/write/contract.ts'
import type { BulkItem } from '../../../maximo/write/contract.ts'
import { marked, type Plan, type PlannedRecord } from '../plan.ts'
import { bulkResults, notWritten, writeOnce, writeRecord, type RecordResult } from './write-record.ts'

export interface Sending {
  readonly plan: Plan
  readonly writer: MaximoWriter
  readonly call: Omit<WriteCall, 'key' | 'answers'> & { readonly signal: CallSignal }
  /** Puts on disk what became of a record, before the next one is sent. */
  readonly onResult: (result: RecordResult, index: number) => Promise<void>
}

/** Sends the records of a plan, each once, and stops at the first one that was not written. */
export async function sendInTurn({
  plan,
  writer,
  call,
  onResult,
}: Sending): Promise<readonly RecordResult[]> {
  const results: RecordResult[] = []
  for (const [index, planned] of plan.records.entries()) {
    const current = followed(planned, results)
    const named = { ...call, key: `${plan.id}-${index}`, answers: answersOf(planned) }
    const result = current === null ? UNREAD : await writeRecord(marked(current, plan.id), writer, named)
    results.push(result)
    await onResult(result, index)
    if (result.outcome !== 'written') break
  }
  return results
}

/** Sends all records of a plan in one request, of which Maximo carries out all or none (maximo-api §4.5). */
export async function sendTogether({
  plan,
  writer,
  call,
  onResult,
}: Sending): Promise<readonly RecordResult[]> {
  const [first] = plan.records
  if (first === undefined) throw new Error('change: a plan without records')
  const request = {
    objectStructure: first.wanted.object,
    items: plan.records.map((planned) => itemOf(marked(planned, plan.id))),
    together: true,
  }
  const sent = await writeOnce(() => writer.bulk(request, { ...call, key: `${plan.id}-0` }), call)
  const results = bulkResults(sent, plan.records)
  for (const [index, result] of results.entries()) await onResult(result, index)
  return results
}

function itemOf({ wanted, at }: PlannedRecord): BulkItem {
  if (wanted.op === 'create') return { action: 'create', values: wanted.values }
  if (wanted.op !== 'update' || at === null)
    throw new Error('change: a plan that cannot be carried out in one request')
  return { action: 'update', ...at, values: wanted.values }
}

/** With the row stamp that the write before it left. Null: nobody read it. */
function followed(planned: PlannedRecord, results: readonly RecordResult[]): PlannedRecord | null {
  if (planned.follows === undefined || planned.at === null) return planned
  const rowstamp = results[planned.follows]?.stamp ?? null
  return rowstamp === null ? null : { ...planned, at: { ...planned.at, rowstamp } }
}

const UNREAD = notWritten('conflict', 'The record could not be read after the change of it before this one.')

const answersOf = ({ answers = [] }: PlannedRecord): NonNullable<WriteCall['answers']> =>
  Object.fromEntries(answers.map(({ question, choice }) => [question, choice]))
