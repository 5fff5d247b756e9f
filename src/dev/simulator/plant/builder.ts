import { kindOf, type Attribute } from '../schema/attribute.ts'
import { mboNamed } from '../schema/catalog.ts'
import type { Mbo } from '../schema/mbo.ts'
import { Database } from './database.ts'
import type { Row, Value } from './plant.ts'
import { createRandom, type Random } from './random.ts'
import { newRow, type Slots } from './row-shape.ts'

export const MINUTE_MS = 60_000
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS
export const ORG = 'EAGLENA'
export const ITEM_SET = 'SET1'

type Attributes = Readonly<Record<string, Value | undefined>>

/** Collects rows, gives them unique ids and row stamps, and refuses whatever the tables do not allow. */
export class PlantBuilder {
  readonly random: Random
  readonly startOfDayMs: number
  readonly #tables = new Map<string, Row[]>()
  readonly #checkEvery: number
  #rowstamp = 4_400_000

  /** @param checkEvery One row in this many is checked against its table. */
  constructor(seed: number, nowMs: number, checkEvery = 1) {
    this.#checkEvery = checkEvery
    this.random = createRandom(seed)
    this.startOfDayMs = nowMs - (nowMs % DAY_MS)
  }

  /** @throws when an attribute is unknown, missing, of the wrong type or too long: a bug of the generator. */
  add(table: string, attributes: Attributes): Row {
    const object = mboNamed(table)
    const rows = this.#tables.get(table) ?? []
    this.#tables.set(table, rows)
    this.#rowstamp += this.random.between(1, 9)
    const row = newRow(object, attributes, String(this.#rowstamp))
    row[object.uniqueId] ??= 1001 + rows.length
    roundToCents(object, row)
    if (rows.length % this.#checkEvery === 0) checkRow(object, row)
    rows.push(row)
    return row
  }

  rows(table: string): readonly Row[] {
    return this.#tables.get(table) ?? []
  }

  /** Days from the start of the plant's day, at a time of day with seconds and milliseconds. */
  instant(days: number): number {
    return this.startOfDayMs + days * DAY_MS + this.random.between(6 * HOUR_MS, 17 * HOUR_MS)
  }

  /** The same, on a whole quarter of an hour: what people type. */
  planned(days: number): number {
    return this.startOfDayMs + days * DAY_MS + this.random.between(24, 68) * 15 * MINUTE_MS
  }

  date(days: number): string {
    return new Date(this.startOfDayMs + days * DAY_MS).toISOString().slice(0, 10)
  }

  /** Rows are stored in no useful order, since Maximo promises none. */
  build(): Database {
    const tables = new Map([...this.#tables].map(([name, rows]) => [name, this.random.mix(rows)]))
    return new Database(tables, { startOfDayMs: this.startOfDayMs, rowstamp: this.#rowstamp })
  }
}

function roundToCents(object: Mbo, row: Slots): void {
  for (const name of amountsOf(object)) {
    const amount = row[name]
    if (typeof amount === 'number') row[name] = Math.round(amount * 100) / 100
  }
}

const amountNames = new WeakMap<Mbo, readonly string[]>()

function amountsOf(object: Mbo): readonly string[] {
  const known = amountNames.get(object)
  if (known !== undefined) return known
  const names = [...object.attributes.values()]
    .filter(({ subType }) => subType === 'AMOUNT')
    .map(({ name }) => name)
  amountNames.set(object, names)
  return names
}

function checkRow(object: Mbo, row: Row): void {
  for (const [name, value] of Object.entries(row)) {
    if (name === '_rowstamp' || value === undefined) continue
    const attribute = object.attributes.get(name)
    if (attribute === undefined) throw new Error(`${object.name} has no attribute ${name}`)
    if (!fits(attribute, value)) throw new Error(`${object.name}.${name} cannot be ${String(value)}`)
  }
  for (const { name, required } of object.attributes.values()) {
    if (required && row[name] === undefined) throw new Error(`${object.name}.${name} is required`)
  }
}

const DATE_FORM = /^\d{4}-\d{2}-\d{2}$/

function fits(attribute: Attribute, value: Value): boolean {
  switch (kindOf(attribute)) {
    case 'text':
      return fitsText(attribute, value)
    case 'number':
    case 'datetime':
      return typeof value === 'number'
    case 'boolean':
      return typeof value === 'boolean'
    case 'date':
      return typeof value === 'string' && DATE_FORM.test(value)
  }
}

const fitsText = (attribute: Attribute, value: Value): boolean =>
  typeof value === 'string' &&
  value.length <= attribute.length &&
  (attribute.subType !== 'UPPER' || value === value.toUpperCase())
