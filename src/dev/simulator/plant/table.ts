import type { Range, Row, Value } from './plant.ts'
import { columnOf, type Column, type RowSource } from './row-source.ts'
import { SortedIndex } from './sorted-index.ts'

type Index = Map<Value, Row[]>

/** The rows of one object, by position and by the value of any attribute that was ever asked for. */
export class Table implements RowSource {
  readonly rows: Row[]
  readonly #positions = new Map<Row, number>()
  readonly #columns = new Map<string, (Value | undefined)[]>()
  readonly #indexes = new Map<string, Index>()
  readonly #sorted = new Map<string, SortedIndex>()

  constructor(rows: Row[]) {
    this.rows = rows
    for (const [position, row] of rows.entries()) this.#positions.set(row, position)
  }

  column(attribute: string): Column {
    const known = this.#columns.get(attribute) ?? columnOf(this.rows, attribute)
    this.#columns.set(attribute, known)
    return known
  }

  find(attribute: string, value: Value): readonly Row[] {
    return this.#indexOf(attribute).get(value) ?? []
  }

  range(attribute: string, { from, to }: Range): readonly Row[] {
    const known = this.#sorted.get(attribute) ?? new SortedIndex(attribute, this.rows)
    this.#sorted.set(attribute, known)
    return known.range(from, to)
  }

  insert(row: Row): void {
    this.#positions.set(row, this.rows.length)
    this.rows.push(row)
    for (const [attribute, column] of this.#columns) column.push(row[attribute])
    for (const [attribute, index] of this.#indexes) put(index, row[attribute], row)
    for (const index of this.#sorted.values()) index.put(row)
  }

  /** @throws when the old row is not stored: a stale reference, hence a bug of the simulator. */
  replace(old: Row, row: Row): void {
    const position = this.#positionOf(old)
    this.#positions.delete(old)
    this.#positions.set(row, position)
    this.rows[position] = row
    for (const [attribute, column] of this.#columns) column[position] = row[attribute]
    for (const index of this.#sorted.values()) {
      index.take(old)
      index.put(row)
    }
    for (const [attribute, index] of this.#indexes) {
      if (old[attribute] === row[attribute]) swap(index, old[attribute], { old, row })
      else {
        take(index, old[attribute], old)
        put(index, row[attribute], row)
      }
    }
  }

  /** The last row moves to the free position. */
  remove(row: Row): void {
    const position = this.#positionOf(row)
    const last = this.rows.pop()
    this.#positions.delete(row)
    if (last !== undefined && last !== row) {
      this.rows[position] = last
      this.#positions.set(last, position)
    }
    for (const [attribute, column] of this.#columns) {
      column.pop()
      if (last !== undefined && last !== row) column[position] = last[attribute]
    }
    for (const [attribute, index] of this.#indexes) take(index, row[attribute], row)
    for (const index of this.#sorted.values()) index.take(row)
  }

  #positionOf(row: Row): number {
    const position = this.#positions.get(row)
    if (position === undefined) throw new Error('the row is not stored')
    return position
  }

  #indexOf(attribute: string): Index {
    const known = this.#indexes.get(attribute)
    if (known !== undefined) return known
    const made: Index = new Map()
    for (const row of this.rows) put(made, row[attribute], row)
    this.#indexes.set(attribute, made)
    return made
  }
}

function put(index: Index, value: Value | undefined, row: Row): void {
  if (value === undefined) return
  const bucket = index.get(value)
  if (bucket === undefined) index.set(value, [row])
  else bucket.push(row)
}

function take(index: Index, value: Value | undefined, row: Row): void {
  const bucket = value === undefined ? undefined : index.get(value)
  if (bucket === undefined || value === undefined) return
  bucket.splice(bucket.indexOf(row), 1)
  if (bucket.length === 0) index.delete(value)
}

function swap(index: Index, value: Value | undefined, pair: { old: Row; row: Row }): void {
  const bucket = value === undefined ? undefined : index.get(value)
  if (bucket !== undefined) bucket[bucket.indexOf(pair.old)] = pair.row
}
