import { mboNamed } from '../schema/catalog.ts'
import type { Plant, Range, Row, Value } from './plant.ts'
import { looseRows, type RowSource } from './row-source.ts'
import { newRow } from './row-shape.ts'
import { Table } from './table.ts'

type Attributes = Readonly<Record<string, Value | undefined>>

/** The simulated database as writers see it. Whatever happens inside {@link Database.transact} happens whole or not at all. */
export class Database implements Plant {
  readonly startOfDayMs: number
  readonly #tables: Map<string, Table>
  readonly #lastIds = new Map<string, number>()
  readonly #lastNumbers = new Map<string, number>()
  #rowstamp: number
  #undo: (() => void)[] = []
  #depth = 0

  constructor(
    rows: ReadonlyMap<string, Row[]>,
    from: { readonly startOfDayMs: number; readonly rowstamp: number },
  ) {
    this.startOfDayMs = from.startOfDayMs
    this.#rowstamp = from.rowstamp
    this.#tables = new Map([...rows].map(([name, table]) => [name, new Table(table)]))
  }

  rows(table: string): readonly Row[] {
    return this.#tables.get(table)?.rows ?? []
  }

  source(table: string): RowSource {
    return this.#tables.get(table) ?? looseRows([])
  }

  find(table: string, attribute: string, value: Value): readonly Row[] {
    return this.#tables.get(table)?.find(attribute, value) ?? []
  }

  range(table: string, attribute: string, ends: Range): readonly Row[] {
    return this.#tables.get(table)?.range(attribute, ends) ?? []
  }

  /** Stores a row under a new unique id and row stamp. */
  insert(table: string, attributes: Attributes): Row {
    const object = mboNamed(table)
    const row = newRow(object, { ...attributes, [object.uniqueId]: this.#nextId(table) }, this.#nextStamp())
    const rows = this.#tableNamed(table)
    rows.insert(row)
    this.#undo.push(() => rows.remove(row))
    return row
  }

  /** Changes some attributes and the row stamp; a change that changes nothing leaves both. @returns the row as it is now. */
  update(table: string, old: Row, changes: Attributes): Row {
    if (Object.entries(changes).every(([name, value]) => old[name] === value)) return old
    const row: Row = { ...old, ...changes, _rowstamp: this.#nextStamp() }
    const rows = this.#tableNamed(table)
    rows.replace(old, row)
    this.#undo.push(() => rows.replace(row, old))
    return row
  }

  remove(table: string, row: Row): void {
    const rows = this.#tableNamed(table)
    rows.remove(row)
    this.#undo.push(() => rows.insert(row))
  }

  /** The next free number of an attribute that numbers its records by itself. */
  autoNumber(table: string, attribute: string): string {
    const counter = `${table}.${attribute}`
    let number = this.#lastNumbers.get(counter) ?? FIRST_NUMBER - 1
    do number += 1
    while (this.find(table, attribute, String(number)).length > 0)
    this.#lastNumbers.set(counter, number)
    return String(number)
  }

  /** Runs writes as one: when `work` throws, everything it wrote is taken back. Row stamps and ids are never reused. */
  transact<T>(work: () => T): T {
    const mark = this.#undo.length
    this.#depth += 1
    try {
      return work()
    } catch (error) {
      while (this.#undo.length > mark) this.#undo.pop()?.()
      throw error
    } finally {
      this.#depth -= 1
      if (this.#depth === 0) this.#undo = []
    }
  }

  #tableNamed(name: string): Table {
    const known = this.#tables.get(name)
    if (known !== undefined) return known
    const made = new Table([])
    this.#tables.set(name, made)
    return made
  }

  #nextStamp(): string {
    this.#rowstamp += 1
    return String(this.#rowstamp)
  }

  #nextId(table: string): number {
    const last = this.#lastIds.get(table) ?? highestId(this.rows(table), mboNamed(table).uniqueId)
    this.#lastIds.set(table, last + 1)
    return last + 1
  }
}

const FIRST_NUMBER = 2001

const highestId = (rows: readonly Row[], name: string): number =>
  rows.reduce((highest, row) => Math.max(highest, Number(row[name])), 1000)
