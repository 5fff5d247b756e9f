import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { relatedRows } from '../related-rows.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { ChildNode } from '../schema/object-structures.ts'
import { ruleOf } from './object-rules.ts'
import type { Saving } from './saving.ts'

/** @throws BmxError BMXAA1872E for a posted transaction, and for a record that work or history hangs on. */
export function deleteRecord(mbo: Mbo, row: Row, saving: Saving): void {
  assertDeletable(mbo, row)
  saving.db.remove(mbo.name, row)
}

/** Deletes a record with the children of its object structure. */
export function deleteWhole(
  at: { readonly mbo: Mbo; readonly children: readonly ChildNode[] },
  row: Row,
  saving: Saving,
): void {
  for (const child of at.children) {
    const relationship = findRelationship(at.mbo.name, child.relation)
    if (relationship === null) continue
    for (const one of [...relatedRows(saving.db, row, relationship)]) {
      deleteRecord(mboNamed(relationship.to), one, saving)
    }
  }
  deleteRecord(at.mbo, row, saving)
}

/** What `system:candelete` asks. */
export function assertDeletable(mbo: Mbo, row: Row): void {
  if (ruleOf(mbo.name).isPosted === true) {
    throw new BmxError(400, 'BMXAA1872E', 'A posted transaction cannot be deleted.', {
      object: mbo.name.toLowerCase(),
    })
  }
  const status = row['status']
  if (KEPT_IN.some(([name, free]) => name === mbo.name && status !== free)) {
    const text = `${mbo.title} cannot be deleted: its status is ${String(status)}.`
    throw new BmxError(400, 'BMXAA4198E', text, { object: mbo.name.toLowerCase() })
  }
}

/** Records that may only be deleted in their first status. */
const KEPT_IN = [
  ['WORKORDER', 'WAPPR'],
  ['TICKET', 'NEW'],
  ['PO', 'WAPPR'],
  ['PR', 'WAPPR'],
  ['INVOICE', 'ENTERED'],
] as const
