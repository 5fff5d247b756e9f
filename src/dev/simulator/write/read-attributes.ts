import { BmxError } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import type { Attribute } from '../schema/attribute.ts'
import type { Mbo } from '../schema/mbo.ts'
import { statusObject } from '../status-objects.ts'
import { checkValue } from './check-value.ts'
import { ruleOf, type Draft } from './object-rules.ts'
import type { Payload } from './payload.ts'
import { complain, type Saving } from './saving.ts'
import { storedValue } from './stored-value.ts'

/** Where a record stands while it is written. */
export interface Target {
  readonly mbo: Mbo
  /** Object path in errors, `workorder/wplabor`. */
  readonly object: string
  /** What the parent dictates to a child row. */
  readonly forced: Draft
}

/** Set by Maximo on every object that has them. */
const ALWAYS_READ_ONLY = new Set(['changeby', 'changedate', 'statusdate', 'orgid'])

/**
 * The attributes a payload sets, in stored form: types, lengths, value lists. Unknown, read-only and forced ones are
 * dropped in silence, as in Maximo; of an existing record also the key.
 *
 * @throws BmxError for a value that does not fit.
 */
export function readAttributes(target: Target, payload: Payload, old: Row | null, saving: Saving): Draft {
  const draft: Draft = {}
  for (const [name, json] of Object.entries(payload)) {
    const attribute = target.mbo.attributes.get(name)
    if (attribute === undefined || !isWritable(attribute, target, old)) continue
    tolerate(saving, () => {
      draft[name] = storedValue(attribute, json, { object: target.object, saving })
    })
  }
  return draft
}

function isWritable({ name }: Attribute, { mbo, forced }: Target, old: Row | null): boolean {
  if (name === mbo.uniqueId || name in forced || ALWAYS_READ_ONLY.has(name)) return false
  if (old !== null && (mbo.key.includes(name) || ruleOf(mbo.name).isPosted === true)) return false
  return ruleOf(mbo.name).readOnly?.includes(name) !== true
}

/** @throws BmxError for a value that is in no list, and for a required attribute that would be empty. */
export function checkAttributes(target: Target, draft: Draft, record: Row, saving: Saving): void {
  for (const [name, value] of Object.entries(draft)) {
    const attribute = target.mbo.attributes.get(name)
    if (attribute === undefined) continue
    if (value === undefined) tolerate(saving, () => refuseEmpty(attribute, target))
    else if (!isMove(target, name) && !(name in target.forced)) {
      tolerate(saving, () =>
        checkValue(attribute, value, { plant: saving.db, mbo: target.mbo, record, object: target.object }),
      )
    }
  }
}

/** A status is changed, not set. */
const isMove = ({ mbo }: Target, name: string): boolean =>
  name === 'status' && statusObject(mbo.name) !== null

function refuseEmpty(attribute: Attribute, target: Target): void {
  if (!attribute.required) return
  const about = { attribute: attribute.name, object: target.object }
  throw new BmxError(400, 'BMXAA4195E', `A value is required for the ${attribute.title} field.`, about)
}

/** @throws BmxError BMXAA4195E for a required attribute that nobody filled. */
export function assertComplete(target: Target, record: Row, saving: Saving): void {
  for (const attribute of target.mbo.attributes.values()) {
    if (attribute.name === target.mbo.uniqueId || record[attribute.name] !== undefined) continue
    tolerate(saving, () => refuseEmpty(attribute, target))
  }
}

function tolerate(saving: Saving, attempt: () => void): void {
  try {
    attempt()
  } catch (error) {
    if (!(error instanceof BmxError)) throw error
    complain(saving, error)
  }
}
