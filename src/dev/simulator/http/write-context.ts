import { BmxError } from '../errors.ts'
import { namespaced } from '../render/json.ts'
import type { Row } from '../plant/plant.ts'
import { parseSelect } from '../select/parse-select.ts'
import type { Saving } from '../write/saving.ts'
import { renderMember, type Collection } from './collection.ts'
import { hrefsOf, type Answer, type Exchange } from './exchange.ts'

/** What the headers and parameters of a writing request ask for. */
export const savingOf = (exchange: Exchange): Saving => ({
  db: exchange.instance.plant,
  user: exchange.user,
  clock: exchange.instance.clock,
  rules: exchange.instance.rules,
  zone: exchange.user.timezone,
  // Any other value, "AddChange" among them, is no MERGE.
  isMerge: exchange.header('patchtype')?.toUpperCase() === 'MERGE',
  isInteractive: exchange.parameters.has('interactive'),
  answers: readAnswers(exchange.header('yncuserinput') ?? ''),
  problems: exchange.header('batcherror') === '1' ? [] : null,
})

/** `woassetlocation_change:8;other:16` */
function readAnswers(text: string): ReadonlyMap<string, number> {
  const pairs = text.split(';').map((part) => part.split(':'))
  return new Map(pairs.map(([id = '', value]) => [id.trim(), Number(value)]))
}

const TRANSACTION_MS = 5 * 60_000

/**
 * Runs the writes of a request as one transaction. A `transactionid` that already succeeded within five minutes is
 * refused.
 *
 * @throws BmxError 409 BMXAA9524E for the repetition, 412 BMXAA8229W for an `If-Match` header.
 */
export function transacted(exchange: Exchange, write: () => Answer): Answer {
  const { instance } = exchange
  if (instance.rules.ifMatchRefused && exchange.header('if-match') !== null) {
    throw new BmxError(412, 'BMXAA8229W', 'The record has been updated by another user.')
  }
  const id = exchange.header('transactionid')
  const nowMs = instance.clock.nowMs()
  const usedMs = id === null ? undefined : instance.transactions.get(id)
  if (usedMs !== undefined && nowMs - usedMs < TRANSACTION_MS) {
    throw new BmxError(409, 'BMXAA9524E', `The transaction ${String(id)} has already been processed.`)
  }
  const answered = instance.plant.transact(write)
  if (id !== null) instance.transactions.set(id, nowMs)
  return answered
}

/**
 * The answer to a write. The `properties` header asks for the record back; without it the answer is empty.
 *
 * @param status With a body, and without.
 */
export function answerWritten(
  exchange: Exchange,
  at: { readonly collection: Collection; readonly row: Row; readonly isNew: boolean },
): Answer {
  const { path } = at.collection.levelOf(at.row, 0)
  const headers = at.isNew ? { location: hrefsOf(exchange).to(path) } : {}
  const wanted = exchange.header('properties')
  if (wanted === null || wanted === '') return { status: at.isNew ? 201 : 204, headers }
  const member = renderMember(exchange, { ...at, index: 0 }, parseSelect(wanted))
  return { status: at.isNew ? 201 : 200, headers, body: exchange.isLean ? member : namespaced(member) }
}
