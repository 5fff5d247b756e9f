import { assertMayWrite } from '../auth/rights.ts'
import { BmxError, methodNotSupported } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { findByKey } from '../resource-id.ts'
import type { ObjectStructure } from '../schema/object-structures.ts'
import { rowTest } from '../where/condition.ts'
import { addInlineAttachments } from '../write/attachments.ts'
import { deleteWhole } from '../write/delete-record.ts'
import { readJson, readRecord, textIn, type Payload } from '../write/payload.ts'
import { createRecord, updateRecord, type RecordTarget } from '../write/save-record.ts'
import type { Saving } from '../write/saving.ts'
import { answerBulk } from './bulk-routes.ts'
import type { Collection } from './collection.ts'
import type { Answer, Exchange } from './exchange.ts'
import type { Operation } from './operation.ts'
import { answerWritten, savingOf, transacted } from './write-context.ts'

/** An object structure that is written to. */
export interface WriteTarget {
  readonly structure: ObjectStructure
  readonly collection: Collection
}

/** POST to a collection: create, SYNC or BULK. @throws BmxError 405 BMXAA8815E for PATCH and DELETE. */
export function writeCollection(exchange: Exchange, target: WriteTarget, operation: Operation): Answer {
  if (operation === 'bulk') return answerBulk(exchange, target)
  if (operation === 'patch' || operation === 'delete')
    throw methodNotSupported(`${operation} on a collection`)
  const payload = bodyOf(exchange)
  return transacted(exchange, () => {
    const saving = savingOf(exchange)
    const written =
      operation === 'sync' ? syncRecord(target, payload, saving) : createIn(target, payload, saving)
    addInline(exchange, target, { row: written.row, payload }, saving)
    return answerWritten(exchange, { collection: target.collection, ...written })
  })
}

/** POST or DELETE on one record. @throws BmxError 400 for a POST that says neither PATCH nor an action. */
export function writeMember(
  exchange: Exchange,
  target: WriteTarget,
  at: { row: Row; operation: Operation },
): Answer {
  if (at.operation === 'delete') {
    return transacted(exchange, () => {
      deleteFrom(target, at.row, savingOf(exchange))
      return { status: 200 }
    })
  }
  if (at.operation !== 'patch') {
    const text =
      'A record cannot be created at the address of a record. Send x-method-override: PATCH to change it.'
    throw new BmxError(400, 'oslc#create_on_updateuri', text)
  }
  const payload = bodyOf(exchange)
  return transacted(exchange, () => {
    const row = patchIn(target, at.row, { payload, saving: savingOf(exchange) })
    if (row === null) return { status: 204 }
    addInline(exchange, target, { row, payload }, savingOf(exchange))
    return answerWritten(exchange, { collection: target.collection, row, isNew: false })
  })
}

function addInline(
  exchange: Exchange,
  target: WriteTarget,
  at: { readonly row: Row; readonly payload: Payload },
  saving: Saving,
): void {
  const owner = { mbo: target.collection.mbo, row: at.row }
  addInlineAttachments(exchange.instance.files, owner, at.payload['doclinks'], saving)
}

const bodyOf = (exchange: Exchange): Payload =>
  readRecord(readJson(exchange.body, exchange.contentType), exchange.isLean)

interface Written {
  readonly row: Row
  readonly isNew: boolean
}

export function createIn(target: WriteTarget, payload: Payload, saving: Saving): Written {
  assertMayWrite(saving.user, target.structure, 'ADD')
  return { row: createRecord(recordTarget(target), payload, saving), isNew: true }
}

/** Updates a record, or deletes it when the payload says `_action: Delete`. @returns null when it is gone. */
export function patchIn(
  target: WriteTarget,
  row: Row,
  from: { readonly payload: Payload; readonly saving: Saving },
): Row | null {
  if (textIn(from.payload, '_action') === 'Delete') {
    deleteFrom(target, row, from.saving)
    return null
  }
  assertMayWrite(from.saving.user, target.structure, 'SAVE')
  return updateRecord(recordTarget(target), row, from.payload, from.saving)
}

export function deleteFrom(target: WriteTarget, row: Row, saving: Saving): void {
  assertMayWrite(saving.user, target.structure, 'DELETE')
  deleteWhole({ mbo: target.collection.mbo, children: target.structure.children }, row, saving)
}

/** Creates, or updates the record that has the key attributes of the payload (maximo-api §4.4). */
export function syncRecord(target: WriteTarget, payload: Payload, saving: Saving): Written {
  const key = { siteid: saving.user.defaultSite, ...payload }
  const row = findByKey(saving.db, target.collection.mbo, key)
  if (row === null || !rowTest(target.collection.shown)(row)) return createIn(target, payload, saving)
  assertMayWrite(saving.user, target.structure, 'SAVE')
  return { row: updateRecord(recordTarget(target), row, payload, saving), isNew: false }
}

const recordTarget = ({ structure, collection }: WriteTarget): RecordTarget => ({
  mbo: collection.mbo,
  object: collection.mbo.name.toLowerCase(),
  forced: structure.only,
  children: structure.children,
})
