import type { MaximoFaultKind } from '../fault.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { isObject, textOf } from '../json.ts'
import type { Answer } from './exchange.ts'
import { kindOfReason } from './reason-kinds.ts'
import { parseRetryAfter } from '../../kernel/retry-after.ts'

export interface AnswerContext {
  /** Whose rows were asked for: named in refusals. */
  readonly objectStructure: string | null
  readonly nowMs: number
}

type Said = Pick<Answer, 'status' | 'retryAfter'>

/** The JSON of a good answer. @throws MaximoFault for everything else, a 200 with an `Error` inside included. */
export const jsonOf = (answer: Answer, context: AnswerContext): unknown => {
  const body = bodyOf(answer)
  const fault = faultIn(body, answer, context)
  if (fault !== null) throw fault
  return body
}

/** What an answer tells of, an `Error` inside a 200 included; null for a good one. */
export const faultIn = (body: unknown, answer: Said, context: AnswerContext): MaximoFault | null => {
  const error = errorIn(body)
  if (error !== null) return faultOfError(error, answer, context)
  return answer.status >= 400 ? faultOfStatus(answer, context) : null
}

/** Null for an empty answer. @throws MaximoFault bad_upstream when a good one is no JSON */
export const bodyOf = (answer: Answer): unknown => {
  if (!answer.isJson) return null
  try {
    return JSON.parse(answer.body) as unknown
  } catch (cause) {
    if (answer.status >= 400) return null
    throw new MaximoFault('bad_upstream', { detail: 'malformed', httpStatus: answer.status, cause })
  }
}

/** `Error` (lean), `error` (seen in the field), `oslc:Error` (namespaced). */
export const errorIn = (body: unknown): JsonObject | null => {
  if (!isObject(body)) return null
  const error = body['Error'] ?? body['error'] ?? body['oslc:Error']
  return isObject(error) ? error : null
}

const faultOfError = (error: JsonObject, answer: Said, context: AnswerContext): MaximoFault => {
  const message = textOf(error['message']) ?? textOf(error['oslc:message'])
  const code = codeOf(error, message)
  const status = statusOf(error, answer.status)
  return new MaximoFault(kindOf(code, status), {
    ...(code === null ? {} : { code }),
    ...innerCodeOf(message, code),
    ...(message === null ? {} : { untrusted: cleanText(message) }),
    ...commonFacts(answer, context),
    httpStatus: status,
  })
}

const faultOfStatus = (answer: Said, context: AnswerContext): MaximoFault =>
  new MaximoFault(kindOf(null, answer.status), { ...commonFacts(answer, context), httpStatus: answer.status })

const commonFacts = (
  answer: Said,
  { objectStructure, nowMs }: AnswerContext,
): { readonly objectStructure?: string; readonly retryAfterSeconds?: number } => {
  const retryAfterSeconds = parseRetryAfter(answer.retryAfter, nowMs)
  return {
    ...(objectStructure === null ? {} : { objectStructure }),
    ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
  }
}

/** `reasonCode` may be null with the code only at the start of the message. */
const codeOf = (error: JsonObject, message: string | null): string | null => {
  const code = textOf(error['reasonCode']) ?? textOf(error['spi:reasonCode']) ?? ''
  if (REASON.test(code)) return code
  return BMX.exec(message ?? '')?.[0] ?? null
}

/** The cause behind it stands on a line of its own: `BMXAA4590E … \n\tBMXAA0032E …`. */
const innerCodeOf = (message: string | null, outer: string | null): { readonly innerCode?: string } => {
  const inner = INNER.exec(message?.slice(0, MAX_SEARCHED) ?? '')?.[1]
  return inner === undefined || inner === outer ? {} : { innerCode: inner }
}

/** `statusCode` is a string; inside a 2xx it says what the status line should have. */
const statusOf = (error: JsonObject, status: number): number => {
  if (status >= 400) return status
  const said = Number(error['statusCode'] ?? error['oslc:statusCode'])
  return Number.isInteger(said) && said >= 400 && said < 600 ? said : 400
}

const kindOf = (code: string | null, status: number): MaximoFaultKind => {
  const known = code === null ? null : kindOfReason(code)
  if (known !== null) return known
  const byStatus = STATUS_KINDS.get(status)
  if (byStatus !== undefined) return byStatus
  return status >= 500 ? 'unavailable' : 'invalid_query'
}

/** One line without control, format or bidirectional characters; never trusted, whoever shows it. */
const cleanText = (message: string): string => {
  const line = message
    .slice(0, 4 * MAX_UNTRUSTED)
    .replace(/[\p{C}\p{Z}\s]+/gu, ' ')
    .trim()
  return Array.from(line).slice(0, MAX_UNTRUSTED).join('')
}

const MAX_UNTRUSTED = 300
const REASON = /^[A-Za-z]{3,12}\d{3,6}[A-Z]?$|^[A-Za-z0-9_]{1,30}#[A-Za-z0-9_]{1,50}$/
const INNER = /\n\s*(BMX[A-Z]{2}\d{4,5}[A-Z])\b/
const MAX_SEARCHED = 4_000
const BMX = /^BMX[A-Z]{2}\d{4,5}[A-Z]/

const STATUS_KINDS = new Map<number, MaximoFaultKind>([
  [401, 'credentials_rejected'],
  [403, 'not_permitted'],
  [404, 'not_found'],
  [409, 'conflict'],
  [412, 'conflict'],
  [413, 'too_large'],
  [429, 'rate_limited'],
])
