import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { AllowedState, MaximoRecord } from '../contract.ts'
import { isObject } from '../json.ts'
import type { Known } from '../knowledge.ts'
import { suggest } from '../query/did-you-mean.ts'
import { isPlain, shown } from '../query/fields.ts'
import { allowedStates } from '../records/record.ts'
import type { FieldProblem, RecordOutcome, StatusRequest, WriteCall, WriteValues } from './contract.ts'
import { jsonFor } from './json-value.ts'
import { memoProblem } from './memo.ts'
import { fieldProblem, invalid } from './problems.ts'
import { sendJson, type Letter, type Tools } from './send.ts'
import { lookUpUnchanged, segmentsOf } from './target.ts'
import { knownFor } from './write-record.ts'
import { recordDone } from './written.ts'

/** `wsmethod:changeStatus`, after Maximo has said which moves it allows (maximo-api §4.6, §6.3). */
export const changeStatus = async (
  request: StatusRequest,
  tools: Tools,
  call: WriteCall,
): Promise<RecordOutcome> => {
  const known = await knownFor(request.objectStructure, [{ values: dateOf(request) }], tools, call)
  const { schema } = known
  const checked = detailsOf(request, known)
  if (!checked.ok) return invalid(checked.error)
  const select = { fields: ['status'], allowedStates: true }
  const found = await lookUpUnchanged(request, { select, tools }, call)
  if (found.kind !== 'found') return found
  const move = allowedMove(request.status, found.record)
  if (typeof move !== 'string') return invalid(move)
  const letter: Letter = {
    segments: segmentsOf(schema.resource, found.id),
    operation: 'PATCH',
    parameters: [['action', 'wsmethod:changeStatus']],
    headers: [],
    payload: { status: move, ...checked.value },
    right: { objectStructure: schema.resource, action: `change the status to ${move}` },
  }
  const sent = await sendJson(letter, tools, call)
  return sent.kind === 'answered'
    ? recordDone({ schema, payload: { status: move }, id: found.id }, sent, tools, call)
    : sent
}

const dateOf = ({ date }: StatusRequest): WriteValues => (date === undefined ? {} : { statusdate: date })

/** What goes with the new status. */
const detailsOf = (request: StatusRequest, { schema, extras }: Known): Result<WriteValues, FieldProblem> => {
  const { memo, date } = request
  if (!schema.fields.has('status')) return err(fieldProblem('unknown_field', 'status', NO_STATUS))
  const wrong = memoProblem(memo)
  if (wrong !== null) return err(wrong)
  const details = memo === undefined ? {} : { memo }
  const dated = schema.fields.get('statusdate')
  if (date === undefined || dated === undefined) return ok(details)
  const at = jsonFor(date, dated, { domain: null, writeInstant: extras.writeInstant })
  return at.ok ? ok({ ...details, statusdate: at.value }) : err({ ...at.error, path: 'date', code: null })
}

/** The value in Maximo's own letters, or why the record may not move there. */
const allowedMove = (status: string, record: MaximoRecord): string | FieldProblem => {
  const asked = status.trim().toUpperCase()
  if (!VALUE.test(asked)) return fieldProblem('bad_value', 'status', 'This is not a status.')
  const states = allowedStates(record)
  const found = states.find(({ value }) => value.toUpperCase() === asked)
  if (found !== undefined) return found.value
  // It did not say which: then it decides when it is asked to move.
  if (!isObject(record.values['allowedstates'])) return asked
  const now = record.values['status']
  const from = typeof now === 'string' && isPlain(now) ? `Now ${now}; it` : 'It'
  const message = `${from} may not move to ${shown(asked)}. ${movesOf(states)}`
  return fieldProblem('not_allowed', 'status', message, nearestOf(asked, states))
}

const movesOf = (states: readonly AllowedState[]): string =>
  states.length === 0 ? 'No move is allowed.' : `Allowed: ${plainValues(states).join(', ')}.`

const nearestOf = (asked: string, states: readonly AllowedState[]): readonly string[] => {
  const near = suggest(asked, plainValues(states))
  return near.length > 0 ? near : plainValues(states).slice(0, 3)
}

const plainValues = (states: readonly AllowedState[]): readonly string[] =>
  states.map(({ value }) => value).filter(isPlain)

const NO_STATUS = 'This object has no status.'
const VALUE = /^[\p{L}\p{N} _.+&/-]{1,40}$/u
