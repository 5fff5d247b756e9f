import { MaximoFault } from '../../maximo/fault.ts'
import type { Done, MaximoWriter, Outcome, RecordDone, WriteCall } from '../../maximo/write/contract.ts'
import type { ChangeStep } from '../records/changes.ts'
import { faultProblem } from '../tools/fault-problem.ts'
import { reasonSentences } from '../tools/reason-sentences.ts'
import { visible } from '../tools/result/visible.ts'
import type { PlannedRecord } from './plan.ts'

/** What became of one record, as far as this attempt knows. */
export interface RecordResult extends Pick<ChangeStep, 'outcome' | 'why' | 'made'> {
  /** For the client: a sentence of ours. */
  readonly sentence: string | null
  /** What it has now of the fields that were written: read back, untrusted. */
  readonly now: Readonly<Record<string, unknown>> | null
  readonly warnings: readonly string[]
}

/**
 * Writes one record, once. Never throws for what Maximo or the network does: either it is certain that nothing was
 * changed, or it is done, or nobody knows.
 */
export async function writeRecord(
  planned: PlannedRecord,
  writer: MaximoWriter,
  call: WriteCall,
): Promise<RecordResult> {
  try {
    return resultOf(planned, await send(planned, writer, call))
  } catch (error) {
    if (error instanceof MaximoFault) return notWritten(error.kind, faultProblem(error).what)
    // The writer rejects with the signal's reason only while nothing has left.
    if (call.signal.aborted)
      return notWritten('deadline', 'The time for the change was over before this was sent.')
    throw error
  }
}

function send(
  { wanted, at }: PlannedRecord,
  writer: MaximoWriter,
  call: WriteCall,
): Promise<Outcome<Done | RecordDone>> {
  if (wanted.op === 'create') {
    const { object, values, children = {} } = wanted
    return writer.create({ objectStructure: object, values, children }, call)
  }
  if (at === null) throw new Error('change: a planned record without its place')
  const existing = { objectStructure: wanted.object, ...at }
  switch (wanted.op) {
    case 'update':
      return writer.update({ ...existing, values: wanted.values, children: wanted.children ?? {} }, call)
    case 'status': {
      const { status, memo, date } = wanted
      const details = { ...(memo !== undefined && { memo }), ...(date !== undefined && { date }) }
      return writer.changeStatus({ ...existing, status, ...details }, call)
    }
    case 'action':
      return writer.act({ ...existing, method: wanted.method, parameters: wanted.parameters }, call)
    case 'delete':
      return writer.delete(existing, call)
    case 'answer': {
      const memo = wanted.memo === undefined ? {} : { memo: wanted.memo }
      return writer.answerAssignment({ ...at, accepted: wanted.accepted, ...memo }, call)
    }
    case 'attach': {
      const about = wanted.description === undefined ? {} : { description: wanted.description }
      return writer.attach({ ...existing, file: { url: wanted.url }, ...about }, call)
    }
  }
}

function resultOf(planned: PlannedRecord, outcome: Outcome<Done | RecordDone>): RecordResult {
  switch (outcome.kind) {
    case 'done':
      return written(planned, outcome)
    case 'unknown':
      return unknown(outcome.detail)
    case 'repeated':
      // Maximo says that a write of this name came before, and this process sent it for the first time: somebody looks.
      return unknown('repeated')
    case 'conflict':
      return notWritten('conflict', 'The record was changed since the plan was made.')
    case 'invalid':
      return notWritten('invalid', visible(outcome.problems.map(({ message }) => message).join(' ')))
    case 'denied':
      return notWritten(
        'denied',
        `The Maximo user has no right to ${outcome.right.action} on ${outcome.right.objectStructure}.`,
      )
    case 'missing':
      return notWritten('missing', 'It is not there any more.')
    case 'question':
      return notWritten(
        'question',
        'Maximo asks a question before it does this, so the values leave something open.',
      )
    case 'refused':
      return notWritten('refused', refusedSentence(outcome.innerCode ?? outcome.code))
  }
}

/** Maximo's own words stay out: they quote what people typed. Its reason code comes in. */
function refusedSentence(code: string | null): string {
  const known = code === null ? null : reasonSentences(code)
  const named = code === null ? '' : ` (${code})`
  return `A rule of Maximo refuses this${named}.${known === null ? '' : ` ${known.cause}`}`
}

function written({ diff }: PlannedRecord, done: Done | RecordDone): RecordResult {
  const created = 'created' in done && isReference(done.created) ? done.created.id : null
  if (!('record' in done)) {
    const made = created === null ? {} : { made: { id: created, label: '' } }
    return { outcome: 'written', why: 'answered', ...made, sentence: null, now: null, warnings: [] }
  }
  const fields = diff.map(({ field }) => field)
  const values = done.record?.values
  const now =
    values === undefined
      ? null
      : Object.fromEntries(fields.filter((field) => field in values).map((field) => [field, values[field]]))
  const made = done.id === null ? {} : { made: { id: done.id, label: keyIn(values) } }
  const unread = done.record === null ? ['It was written, but could not be read back.'] : []
  return {
    ...{
      outcome: 'written',
      why: done.record === null ? 'answered' : 'read_back',
      ...made,
      sentence: null,
      now,
    },
    warnings: [...done.warnings.map(({ message }) => message), ...unread],
  }
}

const isReference = (value: unknown): value is { readonly id: string } =>
  typeof value === 'object' && value !== null && 'id' in value && typeof value.id === 'string'

/** The number that Maximo gave a new record, as people name it. */
function keyIn(values: Readonly<Record<string, unknown>> | undefined): string {
  const names = ['siteid', ...NUMBERS.filter((name) => typeof values?.[name] === 'string').slice(0, 1)]
  return names
    .map((name) => values?.[name])
    .filter((value) => typeof value === 'string')
    .join('/')
    .slice(0, 200)
}
const NUMBERS = ['wonum', 'ticketid', 'prnum', 'ponum', 'invoicenum', 'assetnum', 'itemnum']

const notWritten = (why: string, sentence: string): RecordResult => ({
  ...{ outcome: 'not_written', why, sentence, now: null, warnings: [] },
})

const unknown = (detail: string): RecordResult => ({
  outcome: 'unknown',
  why: /^[a-z0-9_]{1,60}$/.test(detail) ? detail : 'lost',
  sentence: 'Its answer was lost: it may have been written.',
  now: null,
  warnings: [],
})
