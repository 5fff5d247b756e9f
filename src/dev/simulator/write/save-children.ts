import { BmxError, noSuchResource } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { relatedRows } from '../related-rows.ts'
import { isList, type Json } from '../render/json.ts'
import { childKey } from '../resource-id.ts'
import { findRelationship, mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { ChildNode } from '../schema/object-structures.ts'
import type { Relationship } from '../schema/relationships.ts'
import { deleteRecord } from './delete-record.ts'
import type { Draft } from './object-rules.ts'
import { isRecord, textIn, type Payload } from './payload.ts'
import { createRecord, updateRecord, type RecordTarget } from './save-record.ts'
import type { Saving } from './saving.ts'

/** One child array of a payload, and the rows it is about. */
interface ChildSet {
  readonly parent: RecordTarget
  readonly node: ChildNode
  readonly target: RecordTarget
  readonly existing: readonly Row[]
}

/**
 * Saves the child arrays of a payload. Each entry is matched by `href`, `localref`, unique id or key; the rest is added.
 * Without MERGE the rows an array leaves out are deleted (maximo-api §4.2).
 *
 * @throws BmxError for an entry that names a row that is not there, BMXAA1872E when a posted row would be deleted.
 */
export function saveChildren(parent: RecordTarget, row: Row, payload: Payload, saving: Saving): void {
  for (const node of parent.children) {
    const sent = payload[node.name]
    const relationship = findRelationship(parent.mbo.name, node.relation)
    if (sent === undefined || node.isDoclinks || relationship === null) continue
    const set = childSet(parent, { node, relationship, row, saving })
    saveSet(set, entriesOf(sent, set.target.object), saving)
  }
}

function childSet(
  parent: RecordTarget,
  at: { node: ChildNode; relationship: Relationship; row: Row; saving: Saving },
): ChildSet {
  const mbo = mboNamed(at.relationship.to)
  const target = {
    mbo,
    object: `${parent.object}/${at.node.name}`,
    forced: forcedBy(at.relationship, at.row, mbo),
    children: [],
  }
  return { parent, node: at.node, target, existing: [...relatedRows(at.saving.db, at.row, at.relationship)] }
}

/** A child belongs to its parent by the terms of the relationship, and to its site and organisation. */
function forcedBy(relationship: Relationship, row: Row, mbo: Mbo): Draft {
  const forced: Draft = {}
  for (const name of ['siteid', 'orgid']) if (mbo.attributes.has(name)) forced[name] = row[name]
  for (const term of relationship.on) forced[term.child] = 'parent' in term ? row[term.parent] : term.constant
  return forced
}

function entriesOf(sent: Json, object: string): Payload[] {
  const all: readonly Json[] = isList(sent) ? sent : [null]
  const records = all.filter(isRecord)
  if (records.length === all.length) return records
  throw new BmxError(400, 'BMXAA4198E', `${object} is not an array of records.`, { object })
}

function saveSet(set: ChildSet, entries: readonly Payload[], saving: Saving): void {
  const kept = new Set<Row>()
  for (const entry of entries) {
    const match = matchOf(set, entry)
    if (match !== null) kept.add(match)
    saveEntry(set, entry, match, saving)
  }
  if (saving.isMerge) return
  for (const row of set.existing) if (!kept.has(row)) deleteRecord(set.target.mbo, row, saving)
}

function saveEntry(set: ChildSet, entry: Payload, match: Row | null, saving: Saving): void {
  const action = textIn(entry, '_action')
  if (action === 'Delete') {
    if (match === null) throw noSuchResource(textIn(entry, 'href') ?? set.target.object)
    deleteRecord(set.target.mbo, match, saving)
  } else if (match === null || action === 'Add') {
    if (action === 'Update') throw noSuchResource(textIn(entry, 'href') ?? set.target.object)
    createRecord(set.target, entry, saving)
  } else updateRecord(set.target, match, entry, saving)
}

/** The row an entry means. @throws BmxError 404 when it names one that is not there. */
function matchOf(set: ChildSet, entry: Payload): Row | null {
  const [href, localref] = [textIn(entry, 'href'), textIn(entry, 'localref')]
  const { mbo } = set.target
  if (href !== null || localref !== null) {
    const found = set.existing.find(
      (row) =>
        childKey(set.parent.mbo, set.node.objectName, { mbo, row }) === href ||
        localref?.endsWith(`-${String(row[mbo.uniqueId])}`) === true,
    )
    if (found === undefined) throw noSuchResource(href ?? localref ?? '')
    return found
  }
  return set.existing.find((row) => hasKeyOf(row, entry, set.target)) ?? null
}

/** By unique id, or by whatever of the key the parent does not dictate. */
function hasKeyOf(row: Row, entry: Payload, { mbo, forced }: RecordTarget): boolean {
  if (entry[mbo.uniqueId] !== undefined) return row[mbo.uniqueId] === entry[mbo.uniqueId]
  const own = (CHILD_KEYS[mbo.name] ?? mbo.key).filter((name) => !(name in forced))
  return own.length > 0 && own.every((name) => entry[name] !== undefined && row[name] === entry[name])
}

/** Tasks are numbered within their work order; their own number means nothing to a client. */
const CHILD_KEYS: Readonly<Record<string, readonly string[]>> = { WORKORDER: ['taskid'] }
