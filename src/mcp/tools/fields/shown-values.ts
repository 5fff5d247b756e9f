import { keyedHash } from '../../../crypto/digest.ts'
import type { MaximoRecord } from '../../../maximo/contract.ts'
import type { ObjectSchema } from '../../../maximo/schema/object-schema.ts'
import { cellText } from '../result/cell-text.ts'
import { isRow } from '../result/child-table.ts'
import type { FieldRules } from './field-policy.ts'

/** The same for the same value, wherever it stands in one environment; nothing for nothing. */
export type Pseudonym = (value: unknown) => unknown

const LENGTH = 12

/** @param key of this server alone: without it no value can be guessed and tried */
export const pseudonymsUnder =
  (key: Uint8Array) =>
  (environment: string): Pseudonym =>
  (value) =>
    value === null || value === undefined
      ? value
      : `~${keyedHash(key, `${environment}\n${cellText(value)}`).slice(0, LENGTH)}`

export interface Showing {
  readonly schema: ObjectSchema
  readonly rules: FieldRules
  readonly pseudonym: Pseudonym
  /** Gets the names of what was masked. */
  readonly masked: Set<string>
}

/** Addresses and ids are made of the key: where a part of it is not shown, they are not either. */
const ADDRESSES = ['href', 'localref', '_id']

export function shownRecord(record: MaximoRecord, showing: Showing): MaximoRecord {
  const { schema, rules } = showing
  const isKeyShown = schema.key.every((name) => rules.actionOf(schema.resource, name) === null)
  const values = shownRow(record.values, '', showing)
  const { rowstamp } = record
  if (isKeyShown) return { id: record.id, rowstamp, values }
  const left = Object.entries(values).filter(([name]) => !ADDRESSES.includes(name))
  return { id: null, rowstamp, values: Object.fromEntries(left) }
}

type Row = Readonly<Record<string, unknown>>

const shownRow = (row: Row, above: string, showing: Showing): Row =>
  Object.fromEntries(
    Object.entries(row).flatMap(([name, value]) => {
      const path = `${above}${name.toLowerCase()}`
      const action = actionAt(path, showing)
      if (action === 'hide') return []
      if (action === 'mask') {
        if (value !== null && value !== undefined) showing.masked.add(path)
        return [[name, showing.pseudonym(value)]]
      }
      return [[name, shownBelow(value, path, showing)]]
    }),
  )

/** Child rows, also those that lie in an object with a `member` list. */
function shownBelow(value: unknown, path: string, showing: Showing): unknown {
  if (Array.isArray(value)) return value.map((one: unknown) => shownBelow(one, path, showing))
  return isRow(value) ? shownRow(value, path.endsWith('.') ? path : `${path}.`, showing) : value
}

function actionAt(path: string, { schema, rules }: Showing): 'hide' | 'mask' | null {
  const own = rules.actionOf(schema.resource, path)
  const [first = '', ...rest] = path.split('.')
  const there = rest.length === 0 ? undefined : schema.relations.get(first)
  return own ?? (there === undefined ? null : rules.actionOf(there, rest.join('.')))
}
