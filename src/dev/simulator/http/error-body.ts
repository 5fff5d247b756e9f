import { OpenQuestion, SeveralErrors, type BmxError } from '../errors.ts'
import type { JsonObject } from '../render/json.ts'
import { formatInstant } from '../time-zone.ts'

/** What surrounds an error besides the error itself. */
export interface ErrorSetting {
  readonly isLean: boolean
  /** `…/error/messages`, under the prefix of this answer. */
  readonly moreInfo: string
  /** Null: this version's errors are not dated. */
  readonly nowMs: number | null
}

/** The error envelope (maximo-api §7.1): `statusCode` is a string and the message repeats the code. */
export function errorBody(error: BmxError, setting: ErrorSetting): JsonObject {
  return setting.isLean ? leanBody(error, setting) : namespacedBody(error, setting)
}

function leanBody(error: BmxError, setting: ErrorSetting): JsonObject {
  const body = { Error: leanError(error, setting) }
  if (error instanceof OpenQuestion) return { ...body, yncuserinputoptions: ANSWERS }
  if (!(error instanceof SeveralErrors)) return body
  return { ...body, attrerrors: error.errors.map((one) => ({ Error: leanError(one, setting) })) }
}

/** What a person may answer: yes, no, or close the question. */
const ANSWERS = { yes: '8', no: '16', close: '1' }

const leanError = (error: BmxError, setting: ErrorSetting): JsonObject => ({
  ...subjectOf(error),
  correlationid: null,
  ...(error instanceof OpenQuestion ? { yncerror: true, yncuserinputid: error.questionId } : {}),
  extendedError: { moreInfo: { href: `${setting.moreInfo}/${error.code ?? 'unknown'}` } },
  reasonCode: error.code,
  message: error.message,
  statusCode: String(error.status),
})

const subjectOf = ({ about }: BmxError): JsonObject => ({
  ...(about.attribute === undefined ? {} : { errorattrname: about.attribute }),
  ...(about.object === undefined ? {} : { errorobjpath: about.object }),
  ...(about.value === undefined ? {} : { errattrvalue: about.value }),
})

const namespacedBody = (error: BmxError, setting: ErrorSetting): JsonObject => ({
  'oslc:Error': {
    'oslc:statusCode': String(error.status),
    'spi:reasonCode': error.code,
    'oslc:message': error.message,
    'oslc:extendedError': {
      'oslc:moreInfo': { 'rdf:resource': `${setting.moreInfo}/${error.code ?? 'unknown'}` },
    },
    ...(setting.nowMs === null ? {} : { timestamp: formatInstant(setting.nowMs, 'UTC') }),
  },
})
