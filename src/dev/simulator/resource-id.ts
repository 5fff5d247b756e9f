import type { Row, Value } from './plant/plant.ts'
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

const keyPart = (value: Value | undefined): string =>
  value === undefined ? '~NULL~' : String(value).replaceAll('/', '"sp"')

const encode = (parts: readonly string[]): string =>
  Buffer.from(parts.join('/'), 'utf8')
    .toString('base64')
    .replaceAll('+', '_')
    .replaceAll('=', '-')
    .replaceAll('/', '~')

/** Finds a record by an id that was issued for it, or by its numeric unique id; anything else finds nothing. */
export function findById(mbo: Mbo, rows: readonly Row[], id: string): Row | null {
  if (/^\d+$/.test(id)) return rows.find((row) => row[mbo.uniqueId] === Number(id)) ?? null
  return rows.find((row) => resourceId(mbo, row) === id) ?? null
}
