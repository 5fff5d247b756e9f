import { BmxError, notAllowed } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import type { Mbo } from '../schema/mbo.ts'
import type { ChildNode } from '../schema/object-structures.ts'
import { statusObject } from '../status-objects.ts'
import { audited, changeStatus } from './change-status.ts'
import { fillDefaults, placeInSite } from './defaults.ts'
import { ruleOf, type Draft } from './object-rules.ts'
import { textIn, type Payload } from './payload.ts'
import { assertComplete, checkAttributes, readAttributes, type Target } from './read-attributes.ts'
import { saveChildren } from './save-children.ts'
import { assertNoProblems, type Saving } from './saving.ts'

/** A record to be written, with the children its object structure gives it. */
export interface RecordTarget extends Target {
  readonly children: readonly ChildNode[]
}

/**
 * Creates a record with its child rows.
 *
 * @throws BmxError for values that do not fit, BMXAA4195E for what is missing, BMXAA4129E when the key is taken.
 */
export function createRecord(target: RecordTarget, payload: Payload, saving: Saving): Row {
  const { mbo } = target
  const draft = readAttributes(target, payload, null, saving)
  const wanted = draft['status']
  Object.assign(draft, target.forced)
  placeInSite(target, draft, saving)
  fillDefaults(target, draft, saving)
  checkAttributes(target, given(draft), draft, saving)
  ruleOf(mbo.name).settle?.(draft, null, saving)
  assertComplete(target, draft, saving)
  assertNoProblems(saving)
  assertKeyFree(target, draft, saving)
  const row = saving.db.insert(mbo.name, persistentIn(mbo, draft))
  ruleOf(mbo.name).post?.(row, saving)
  const isMoved = typeof wanted === 'string' && wanted !== row['status']
  const placed = isMoved ? changeStatus(mbo, row, { status: wanted }, saving) : row
  return finish(target, placed, payload, saving)
}

/** Defaults left a name without a value: nothing to check there. */
const given = (draft: Draft): Draft =>
  Object.fromEntries(Object.entries(draft).filter(([, value]) => value !== undefined))

/** `newreading` and the like live only while a record is saved; long descriptions are kept. */
const persistentIn = (mbo: Mbo, draft: Draft): Draft =>
  Object.fromEntries(
    Object.entries(draft).filter(([name]) => {
      const attribute = mbo.attributes.get(name)
      return attribute !== undefined && !TRANSIENT.test(name)
    }),
  )

const TRANSIENT = /^(new|np_|dorollover)/

function assertKeyFree({ mbo, object }: Target, draft: Draft, { db }: Saving): void {
  const [name = ''] = mbo.key.filter((part) => part !== 'siteid')
  const value = draft[name]
  if (value === undefined) return
  const taken = db
    .find(mbo.name, name, value)
    .some((row) => mbo.key.every((part) => row[part] === draft[part]))
  if (taken)
    throw new BmxError(400, 'BMXAA4129E', `${mbo.title} ${String(value)} already exists.`, { object })
}

/**
 * Changes a record and its child rows; absent attributes stay, null clears.
 *
 * @throws BmxError 412 BMXAA8229W for an old `_rowstamp`, BMXAA0024E for a record that can no longer be changed.
 */
export function updateRecord(target: RecordTarget, row: Row, payload: Payload, saving: Saving): Row {
  const { mbo } = target
  assertCurrent(mbo, row, payload)
  const rule = ruleOf(mbo.name)
  if (rule.isFrozen?.(row) === true) throw notAllowed('SAVE', mbo.name)
  const draft = readAttributes(target, payload, row, saving)
  checkAttributes(target, draft, { ...row, ...draft }, saving)
  rule.settle?.(draft, row, saving)
  assertNoProblems(saving)
  const { status: wanted, ...rest } = persistentIn(mbo, draft)
  const isPlain = statusObject(mbo.name) === null
  const isMoved = typeof wanted === 'string' && wanted !== row['status']
  const own = isPlain && isMoved ? { ...rest, status: wanted } : rest
  const changed = saving.db.update(mbo.name, row, own)
  const dated = changed === row ? row : saving.db.update(mbo.name, changed, audited(mbo, saving))
  const moved = isMoved && !isPlain ? changeStatus(mbo, dated, { status: wanted }, saving) : dated
  return finish(target, moved, payload, saving)
}

/** @throws BmxError 412 when the record is no longer the one the caller read. */
function assertCurrent(mbo: Mbo, row: Row, payload: Payload): void {
  const known = textIn(payload, '_rowstamp')
  if (known === null || known === row['_rowstamp']) return
  const keys = mbo.key.map((name) => `${name}=${String(row[name])}`).join(', ')
  throw new BmxError(
    412,
    'BMXAA8229W',
    `Record ${mbo.name} ${keys} has been updated by another user. Fetch it again and repeat the change.`,
  )
}

function finish(target: RecordTarget, row: Row, payload: Payload, saving: Saving): Row {
  saveChildren(target, row, payload, saving)
  assertNoProblems(saving)
  const derived = ruleOf(target.mbo.name).derive?.(row, saving) ?? {}
  return saving.db.update(target.mbo.name, currentOf(target.mbo, row, saving), derived)
}

/** Children and statuses may have changed the record behind our back. */
function currentOf(mbo: Mbo, row: Row, { db }: Saving): Row {
  const id = row[mbo.uniqueId]
  return (id === undefined ? undefined : db.find(mbo.name, mbo.uniqueId, id)[0]) ?? row
}
