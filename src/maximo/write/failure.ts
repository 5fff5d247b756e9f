import { MaximoFault } from '../fault.ts'
import { errorIn } from '../http/answer.ts'
import type { AnswerLost } from '../http/answer-lost.ts'
import type { JsonObject } from '../json.ts'
import { isObject, listOf, textOf } from '../json.ts'
import type { Choice, Done, FieldProblem, MissingRight, Outcome, WriteQuestion } from './contract.ts'

export type Failure = Exclude<Outcome<Done>, Done>

/**
 * What a refusal means for the write. @throws the fault itself when it is none of the write's making (credentials, too
 * many requests, maintenance, an unknown object structure): nothing was changed then either
 */
export const failureOf = (fault: MaximoFault, body: unknown, right: MissingRight): Failure => {
  switch (fault.kind) {
    case 'not_permitted':
      return { kind: 'denied', right, code: fault.code }
    case 'conflict':
      return fault.code === REPEATED ? { kind: 'repeated' } : { kind: 'conflict', code: fault.code }
    case 'refused':
    case 'invalid_query':
    case 'too_large':
      return refusal(fault, body)
    case 'not_found':
      if (fault.code !== null && fault.code !== NO_RECORD) throw fault
      return { kind: 'missing', what: 'record' }
    case 'unavailable':
      // Maximo took back what it names a reason for; without one nobody knows what it did.
      if (fault.code !== null) throw fault
      return { kind: 'unknown', detail: `http_${fault.httpStatus ?? 0}` }
    case 'bad_upstream':
      return { kind: 'unknown', detail: fault.detail ?? fault.kind }
    case 'credentials_rejected':
    case 'rate_limited':
    case 'maintenance':
    case 'timeout':
    case 'unreachable':
    case 'egress_refused':
      throw fault
  }
}

/** Why there was no answer. */
export const lostOutcome = ({ cause }: AnswerLost): Failure => {
  if (!(cause instanceof MaximoFault)) return { kind: 'unknown', detail: 'aborted' }
  const status = cause.httpStatus === null ? null : `http_${cause.httpStatus}`
  return { kind: 'unknown', detail: cause.detail ?? status ?? cause.kind }
}

const refusal = (fault: MaximoFault, body: unknown): Failure => {
  const question = questionIn(body, fault)
  if (question !== null) return { kind: 'question', question }
  const problems = problemsIn(body)
  if (problems.length > 0) return { kind: 'invalid', problems, code: fault.code }
  return { kind: 'refused', code: fault.code, innerCode: fault.innerCode, untrusted: fault.untrusted }
}

/** `yncerror` with an id, and beside the error which numbers may answer it (maximo-api §4.7, A7). */
const questionIn = (body: unknown, fault: MaximoFault): WriteQuestion | null => {
  const error = errorIn(body)
  const id = textOf(error?.['yncuserinputid'])
  if (error?.['yncerror'] !== true || id === null || !QUESTION_ID.test(id)) return null
  const options = isObject(body) && isObject(body['yncuserinputoptions']) ? body['yncuserinputoptions'] : {}
  const offered = new Set(Object.values(options).map(String))
  const choices = CHOICES.filter(([, number]) => offered.has(number)).map(([choice]) => choice)
  return { id, choices, code: fault.code, untrusted: fault.untrusted }
}

/** The attribute an error names, and with `batcherror` all of them. */
const problemsIn = (body: unknown): readonly FieldProblem[] => {
  const several = isObject(body) ? listOf(body['attrerrors']).map(errorIn) : []
  const errors = several.length > 0 ? several : [errorIn(body)]
  return errors.flatMap((error) => {
    const found = error === null ? null : problemOf(error)
    return found === null ? [] : [found]
  })
}

const problemOf = (error: JsonObject): FieldProblem | null => {
  const name = textOf(error['errorattrname'])?.toLowerCase() ?? ''
  if (!ATTRIBUTE.test(name)) return null
  const code = textOf(error['reasonCode'])
  const plainCode = code !== null && CODE.test(code) ? code : null
  const because = plainCode === null ? '' : ` (${plainCode})`
  return {
    reason: 'refused',
    path: `${childIn(error)}${name}`,
    message: `Maximo does not accept this for ${name}${because}.`,
    suggestions: [],
    code: plainCode,
  }
}

/** `workorder/wplabor` → `wplabor.`; the main object has no name in a path. */
const childIn = (error: JsonObject): string => {
  const child = /^[a-z0-9_]{1,64}\/([a-z][a-z0-9_]{0,63})$/i.exec(textOf(error['errorobjpath']) ?? '')?.[1]
  return child === undefined ? '' : `${child.toLowerCase()}.`
}

/** Values of psdi.util.MXApplicationYesNoCancelException (REST guide, `yncuserinput`). */
export const CHOICES: readonly (readonly [Choice, string])[] = [
  ['ok', '2'],
  ['cancel', '4'],
  ['yes', '8'],
  ['no', '16'],
]
export const QUESTION_ID = /^[A-Za-z0-9_.]{1,100}$/
const REPEATED = 'BMXAA9524E'
const NO_RECORD = 'BMXAA8727E'
const ATTRIBUTE = /^[a-z_][a-z0-9_]{0,63}$/
const CODE = /^[A-Z]{3,12}\d{3,6}[A-Z]?$/
