import type { AllowedState, MaximoRecord } from '../contract.ts'
import type { BaseUrl } from '../egress/rules.ts'
import type { JsonObject } from '../json.ts'
import { isObject, listOf, textOf } from '../json.ts'
import { parseRecordAddress } from './addresses.ts'

export interface Shape {
  readonly base: BaseUrl
  /** Upper case: a row that claims to belong to another has no id of ours. */
  readonly objectStructure: string
  readonly aliases: ReadonlyMap<string, string>
}

/** One member of an answer as a record; the row object itself is kept, not copied, unless names must be undone. */
export const toRecord = (row: JsonObject, shape: Shape): MaximoRecord =>
  new RowRecord(row, shape.aliases.size === 0 ? row : withNames(row, shape.aliases), shape)

/** The address is taken apart when somebody asks: most rows of a page are only read. */
class RowRecord implements MaximoRecord {
  readonly values: JsonObject
  readonly #row: JsonObject
  readonly #shape: Shape

  constructor(row: JsonObject, values: JsonObject, shape: Shape) {
    this.#row = row
    this.values = values
    this.#shape = shape
  }

  get id(): string | null {
    const { base, objectStructure } = this.#shape
    const href = textOf(this.#row['href'])
    const address = href === null ? null : parseRecordAddress(href, base)
    return address?.objectStructure === objectStructure ? address.id : null
  }

  get rowstamp(): string | null {
    return textOf(this.#row['_rowstamp'])
  }
}

/** Which statuses a record may move to now, for a record selected with `allowedStates`. */
export const allowedStates = (record: MaximoRecord): readonly AllowedState[] => {
  const states = record.values['allowedstates']
  if (!isObject(states)) return []
  return Object.entries(states).flatMap(([internal, values]) =>
    listOf(values).flatMap((state) => {
      const value = isObject(state) ? textOf(state['value']) : null
      if (!isObject(state) || value === null) return []
      return [
        {
          value,
          internal: textOf(state['maxvalue']) ?? internal,
          description: textOf(state['description']),
          isDefault: state['defaults'] === true,
        },
      ]
    }),
  )
}

const withNames = (row: JsonObject, aliases: ReadonlyMap<string, string>): JsonObject => {
  const named: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(row)) named[aliases.get(key) ?? key] = value
  for (const [alias, name] of aliases) if (!(alias in row)) named[name] = nested(row, name)
  return named
}

/** A server that ignores aliases nests the attribute under its relation. */
const nested = (row: JsonObject, name: string): unknown =>
  name.split('.').reduce<unknown>((at, part) => (isObject(at) ? (at[part] ?? null) : null), row)
