import type { BmxError } from '../errors.ts'
import type { JsonObject } from '../render/json.ts'
import { formatInstant } from '../time-zone.ts'

/** What surrounds an error besides the error itself. */
export interface ErrorSetting {
  readonly isLean: boolean
  /** `…/error/messages/BMX…`, under the prefix of this answer. */
  readonly moreInfo: string
  readonly nowMs: number
}

/** The error envelope (maximo-api §7.1): `statusCode` is a string and the message repeats the code. */
export function errorBody(error: BmxError, setting: ErrorSetting): JsonObject {
  return setting.isLean ? leanBody(error, setting) : namespacedBody(error, setting)
}

const leanBody = (error: BmxError, setting: ErrorSetting): JsonObject => ({
  Error: {
    ...(error.about.attribute === undefined ? {} : { errorattrname: error.about.attribute }),
    ...(error.about.object === undefined ? {} : { errorobjpath: error.about.object }),
    correlationid: null,
    extendedError: { moreInfo: { href: setting.moreInfo } },
    reasonCode: error.code,
    message: error.message,
    statusCode: String(error.status),
  },
})

const namespacedBody = (error: BmxError, setting: ErrorSetting): JsonObject => ({
  'oslc:Error': {
    'oslc:statusCode': String(error.status),
    'spi:reasonCode': error.code,
    'oslc:message': error.message,
    'oslc:extendedError': { 'oslc:moreInfo': { 'rdf:resource': setting.moreInfo } },
    timestamp: formatInstant(setting.nowMs, 'UTC'),
  },
})
