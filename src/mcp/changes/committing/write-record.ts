import { Readable } from 'node:stream'
import { MaximoFault } from '../../../maximo/fault.ts'
import type {
  AttachRequest,
  BulkDone,
  Done,
  MaximoWriter,
  Outcome,
  RecordDone,
  WriteCall,
  WriteQuestion,
} from '../../../maximo/write/contract.ts'
import type { ChangeStep } from '../../records/changes.ts'
import { faultProblem } from '../../tools/problem/fault-problem.ts'
import { reasonSentences } from '../../tools/problem/reason-sentences.ts'
import { visible } from '../../tools/result/visible.ts'
import { writtenRows } from '../staging/child-rows.ts'
import type { PlannedRecord } from '../plan.ts'

/** What became of one record, as far as this attempt knows. */
export interface RecordResult extends Pick<ChangeStep, 'outcome' | 'why' | 'made'> {
  /** For the client: a sentence of ours. */
  readonly sentence: string | null
  /** What it has now of the fields that were written: read back, untrusted. */
  readonly now: Readonly<Record<string, unknown>> | null
  readonly warnings: readonly string[]
  /** Row stamp that it has now; null: not read. */
  readonly stamp: string | null
  /** What Maximo asked instead of writing it. */
  readonly question: WriteQuestion | null
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
  const sent = await writeOnce(() => send(planned, writer, call), call)
  return 'outcome' in sent ? sent : resultOf(planned, sent)
}

/** What a write came to, or that it is certain that nothing was changed. */
export async function writeOnce<Sent>(
  write: () => Promise<Sent>,
  { signal }: Pick<WriteCall, 'signal'>,
): Promise<Sent | RecordResult> {
  try {
    return await write()
  } catch (error) {
    if (error instanceof MaximoFault) return notWritten(error.kind, faultProblem(error).what)
    // The writer rejects with the signal's reason only while nothing has left.
    if (signal.aborted)
      return notWritten('deadline', 'The time for the change was over before this was sent.')
    throw error
  }
}

/** What became of each record of one request that is carried out whole or not at all. */
export function bulkResults(
  sent: Outcome<BulkDone> | RecordResult,
  records: readonly PlannedRecord[],
): readonly RecordResult[] {
  if ('outcome' in sent) return records.map(() => sent)
  if (sent.kind !== 'done') return records.map((planned) => resultOf(planned, sent))
  const results = records.map((planned, index) =>
    resultOf(planned, sent.items[index] ?? { kind: 'unknown', detail: 'no_item' }),
  )
  if (results.every(({ outcome }) => outcome === 'written')) return results
  // One was refused, so nothing was kept; where one cannot be told, neither can the others.
  const isCertain = results.some(({ outcome }) => outcome === 'not_written')
  return results.map((result) => {
    if (!isCertain) return unknown('no_item')
    return result.outcome === 'not_written' ? result : TAKEN_BACK
  })
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
      return writer.update(
        { ...existing, values: wanted.values, children: writtenRows(wanted.children) },
        call,
      )
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
      return writer.attach({ ...existing, file: attachedOf(wanted), ...about }, call)
    }
  }
}

function attachedOf({
  url,
  file,
}: Extract<PlannedRecord['wanted'], { readonly op: 'attach' }>): AttachRequest['file'] {
  if (file === undefined) return { url: url ?? '' }
  const bytes = Buffer.from(file.text, 'utf8')
  const { name, mediaType } = file
  return { name, mediaType, bytes: Readable.from([bytes]), sizeBytes: bytes.length }
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
      return { ...notWritten('question', askedSentence(outcome.question)), question: outcome.question }
    case 'refused':
      return notWritten('refused', refusedSentence(outcome.innerCode ?? outcome.code))
  }
}

const askedSentence = ({ code }: WriteQuestion): string =>
  `Maximo asks a question before it does this${code === null ? '' : ` (${code})`}, and nobody has answered it.`

/** Maximo's own words stay out: they quote what people typed. Its reason code comes in. */
function refusedSentence(code: string | null): string {
  const known = code === null ? null : reasonSentences(code)
  const named = code === null ? '' : ` (${code})`
  return `A rule of Maximo refuses this${named}.${known === null ? '' : ` ${known.cause}`}`
}

function written(planned: PlannedRecord, done: Done | RecordDone): RecordResult {
  if (!('record' in done)) {
    const created = 'created' in done && isReference(done.created) ? done.created.id : null
    return { ...NOTHING_READ, outcome: 'written', why: 'answered', ...madeOf(created, undefined) }
  }
  const { id, record } = done
  const warnings = done.warnings.map(({ message }) => message)
  if (record === null) {
    const result = { ...NOTHING_READ, outcome: 'written', why: 'answered', ...madeOf(id, undefined) } as const
    return { ...result, warnings: [...warnings, 'It was written, but could not be read back.'] }
  }
  const { values, rowstamp: stamp } = record
  const fields = planned.diff.map(({ field }) => field).filter((field) => field in values)
  const now = Object.fromEntries(fields.map((field) => [field, values[field]]))
  return {
    ...{ ...NOTHING_READ, outcome: 'written', why: 'read_back', ...madeOf(id, values) },
    ...{ now, stamp, warnings },
  }
}

const madeOf = (
  id: string | null,
  values: Readonly<Record<string, unknown>> | undefined,
): Pick<RecordResult, 'made'> => (id === null ? {} : { made: { id, label: keyIn(values) } })

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

const NOTHING_READ = { sentence: null, now: null, warnings: [], stamp: null, question: null } as const

export const notWritten = (why: string, sentence: string): RecordResult => ({
  ...{ ...NOTHING_READ, outcome: 'not_written', why, sentence },
})

const TAKEN_BACK = notWritten('taken_back', 'Another record was refused, so this one was not kept.')

const unknown = (detail: string): RecordResult => ({
  ...NOTHING_READ,
  outcome: 'unknown',
  why: /^[a-z0-9_]{1,60}$/.test(detail) ? detail : 'lost',
  sentence: 'Its answer was lost: it may have been written.',
})
