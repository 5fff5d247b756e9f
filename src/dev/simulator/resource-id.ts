import type { Plant, Row, Value } from './plant/plant.ts'
import { kindOf } from './schema/attribute.ts'
import type { Mbo } from './schema/mbo.ts'

/**
 * The opaque id of a record: `_` and the base64 of its key values, ordered by attribute *name* and joined by `/`, with
 * `+` as `_` and `=` as `-` (maximo-api §3.1). What stands for a base64 `/` was never captured; `~` here.
 */
export const resourceId = (mbo: Mbo, row: Row): string =>
  `_${encode(mbo.key.toSorted().map((name) => keyPart(row[name])))}`

/** `http://childkey#…`: identifies a child row inside a payload; it is no address. */
export const childKey = (parent: Mbo, objectName: string, child: { mbo: Mbo; row: Row }): string => {
  const keys = child.mbo.key.toSorted().map((name) => keyPart(child.row[name]))
  return `http://childkey#${encode([parent.name, objectName, ...keys])}`
}

const NULL_KEY = '~NULL~'

const keyPart = (value: Value | undefined): string =>
  value === undefined ? NULL_KEY : String(value).replaceAll('/', '"sp"')

const encode = (parts: readonly string[]): string =>
  Buffer.from(parts.join('/'), 'utf8')
    .toString('base64')
    .replaceAll('+', '_')
    .replaceAll('=', '-')
    .replaceAll('/', '~')

/** Finds a record by an id that was issued for it, or by its numeric unique id; anything else finds nothing. */
export function findById(plant: Plant, mbo: Mbo, id: string): Row | null {
  if (/^\d+$/.test(id)) return plant.find(mbo.name, mbo.uniqueId, Number(id))[0] ?? null
  const [name = mbo.uniqueId] = mbo.key.toSorted()
  const [part = ''] = decode(id)
  return candidates(plant, { mbo, name, part }).find((row) => resourceId(mbo, row) === id) ?? null
}

/** The record with these key values, null for a missing one; texts as they are stored. */
export function findByKey(plant: Plant, mbo: Mbo, key: Readonly<Record<string, unknown>>): Row | null {
  const [name] = mbo.key.filter((part) => part !== 'siteid')
  const value = name === undefined ? undefined : key[name]
  if (name === undefined || (typeof value !== 'string' && typeof value !== 'number')) return null
  return (
    plant.find(mbo.name, name, value).find((row) => mbo.key.every((part) => row[part] === key[part])) ?? null
  )
}

/** Rows that have the first part of the key; the id itself decides. */
function candidates(plant: Plant, at: { mbo: Mbo; name: string; part: string }): readonly Row[] {
  if (at.part === NULL_KEY) return plant.rows(at.mbo.name)
  const attribute = at.mbo.attributes.get(at.name)
  const isNumber = attribute !== undefined && kindOf(attribute) === 'number'
  return plant.find(at.mbo.name, at.name, isNumber ? Number(at.part) : at.part.replaceAll('"sp"', '/'))
}

const decode = (id: string): string[] =>
  Buffer.from(id.slice(1).replaceAll('_', '+').replaceAll('-', '=').replaceAll('~', '/'), 'base64')
    .toString('utf8')
    .split('/')
