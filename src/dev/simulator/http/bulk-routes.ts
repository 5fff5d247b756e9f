import { BmxError } from '../errors.ts'
import type { Json, JsonObject } from '../render/json.ts'
import { isRecord, readJson, readRecords, textIn, type Payload } from '../write/payload.ts'
import { errorBody } from './error-body.ts'
import { hrefsOf, type Answer, type Exchange } from './exchange.ts'
import { rowBehind } from './row-behind.ts'
import { savingOf, answerWritten, transacted } from './write-context.ts'
import { createIn, deleteFrom, patchIn, syncRecord, type WriteTarget } from './write-routes.ts'
import { runAction } from './action-routes.ts'

/**
 * BULK: an array of records, each created, changed or deleted for itself. The answer is 200 whatever became of them;
 * with `allornothing: 1` one failure takes everything back (maximo-api §4.5).
 */
export function answerBulk(exchange: Exchange, target: WriteTarget): Answer {
  const items = readRecords(readJson(exchange.body, exchange.contentType), exchange.isLean)
  if (exchange.header('allornothing') !== '1') {
    return transacted(exchange, () => ({
      status: 200,
      body: items.map((item) => answerItem(exchange, target, item)),
    }))
  }
  return answerTogether(exchange, target, items)
}

/** Only there to take back what was written before the failure. */
class TakeBack extends Error {
  override readonly name = 'TakeBack'
}

function answerTogether(exchange: Exchange, target: WriteTarget, items: readonly Payload[]): Answer {
  const results: JsonObject[] = []
  try {
    return transacted(exchange, () => {
      results.push(...items.map((item) => answerItem(exchange, target, item)))
      if (results.some(isFailed)) throw new TakeBack()
      return { status: 200, body: results }
    })
  } catch (error) {
    if (!(error instanceof TakeBack)) throw error
    const other = new BmxError(400, null, 'Not saved, since another record of this request failed.')
    return {
      status: 200,
      body: results.map((result, index) =>
        isFailed(result) ? result : failure(exchange, items[index] ?? {}, other),
      ),
    }
  }
}

const isFailed = (result: JsonObject): boolean =>
  isRecord(result['_responsedata']) && result['_responsedata']['Error'] !== undefined

function answerItem(exchange: Exchange, target: WriteTarget, item: Payload): JsonObject {
  try {
    const answered = exchange.instance.plant.transact(() => writeItem(exchange, target, unfolded(item)))
    return {
      ...(answered.body === undefined ? {} : { _responsedata: answered.body }),
      _responsemeta: metaOf(item, answered.status, answered.headers?.['location']),
    }
  } catch (error) {
    if (!(error instanceof BmxError)) throw error
    return failure(exchange, item, error)
  }
}

function failure(exchange: Exchange, item: Payload, error: BmxError): JsonObject {
  const moreInfo = hrefsOf(exchange).to('error/messages')
  const { clock, rules } = exchange.instance
  const nowMs = rules.errorTimestamp ? clock.nowMs() : null
  return {
    _responsedata: errorBody(error, { isLean: exchange.isLean, moreInfo, nowMs }),
    _responsemeta: metaOf(item, error.status, undefined),
  }
}

function metaOf(item: Payload, status: number, location: string | undefined): JsonObject {
  const bulkId = item['_bulkid']
  return {
    status: String(status),
    ...(location === undefined ? {} : { Location: location }),
    ...(bulkId === undefined ? {} : { _bulkid: bulkId }),
  }
}

interface BulkItem {
  readonly payload: Payload
  /** `PATCH`, `DELETE` of the older form. */
  readonly method: string
  readonly isMerge: boolean
}

/** The older form wraps the record: `{_data, _meta: {method, uri, patchtype}}`. */
function unfolded(item: Payload): BulkItem {
  const meta: Json | undefined = item['_meta']
  const data = item['_data']
  if (!isRecord(meta) || !isRecord(data)) return { payload: item, method: '', isMerge: false }
  const uri = textIn(meta, 'uri')
  return {
    payload: uri === null ? data : { ...data, href: uri },
    method: textIn(meta, 'method')?.toUpperCase() ?? '',
    isMerge: textIn(meta, 'patchtype')?.toUpperCase() === 'MERGE',
  }
}

function writeItem(exchange: Exchange, target: WriteTarget, item: BulkItem): Answer {
  const base = savingOf(exchange)
  const saving = { ...base, isMerge: base.isMerge || item.isMerge }
  const { payload } = item
  const href = textIn(payload, 'href')
  if (href === null) {
    const isSync = textIn(payload, '_action') === 'AddChange'
    const written = isSync ? syncRecord(target, payload, saving) : createIn(target, payload, saving)
    return answerWritten(exchange, { collection: target.collection, ...written })
  }
  const row = rowBehind(href, target, exchange)
  const action = exchange.parameters.get('action')
  if (action !== null) return runAction(exchange, target, { row, action, payload })
  if (item.method === 'DELETE' || textIn(payload, '_action') === 'Delete') {
    deleteFrom(target, row, saving)
    return { status: 200 }
  }
  const changed = patchIn(target, row, { payload, saving })
  if (changed === null) return { status: 204 }
  return answerWritten(exchange, { collection: target.collection, row: changed, isNew: false })
}
