import { isoTime } from '../../../kernel/clock.ts'
import type { Format } from '../query/inputs.ts'
import { csvLine } from './csv.ts'
import { visibleJson } from './visible.ts'

/** What is said about the rows, in the order in which it is written: before them, so that no cut can lose it. */
export interface Envelope {
  readonly env: string
  readonly env_id: string
  readonly as_of: string
  readonly cached_s?: number
  readonly site?: string
  readonly reading?: string
  readonly returned: number
  readonly total: number | null
  readonly complete: boolean
  readonly cursor: string | null
  /** Where all rows can be read, when they did not fit. */
  readonly export?: string
  readonly notes?: readonly string[]
  readonly untrusted?: readonly string[]
}

export type Cells = readonly unknown[]

/** Rows as text, as many as the budget allows. */
export interface Fitted {
  /** Separated as the format demands. */
  readonly text: string
  readonly returned: number
  readonly isCut: boolean
}

/** JSON of this kind has about three bytes per token; the estimate errs on the side of fewer rows. */
const BYTES_PER_TOKEN = 3
/** What the envelope takes. */
const ENVELOPE_TOKENS = 250
/** Clients cut or spill longer results; ours are cut where it is said. */
const MAX_CHARACTERS = 140_000

export function fitRows(
  rows: readonly Cells[],
  columns: readonly string[],
  wanted: { format: Format; maxTokens: number },
): Fitted {
  const forColumns = columns.join(',').length
  const budget = Math.min((wanted.maxTokens - ENVELOPE_TOKENS) * BYTES_PER_TOKEN, MAX_CHARACTERS) - forColumns
  if (wanted.format === 'compact') {
    // Nearly every page fits: all rows at once cost less than each by itself. The brackets around them count as one
    // separator more, as after the last row below.
    const text = visibleJson(rows)
    if (Buffer.byteLength(text) - 1 <= budget)
      return { text: text.slice(1, -1), returned: rows.length, isCut: false }
  }
  const lines: string[] = []
  let used = 0
  for (const row of rows) {
    const line = rowText(row, columns, wanted.format)
    used += Buffer.byteLength(line) + 1
    if (used > budget) break
    lines.push(line)
  }
  const separator = wanted.format === 'csv' ? '\n' : ','
  return { text: lines.join(separator), returned: lines.length, isCut: lines.length < rows.length }
}

function rowText(row: Cells, columns: readonly string[], format: Format): string {
  switch (format) {
    case 'compact':
      return visibleJson(row)
    case 'json':
      return visibleJson(namedRow(row, columns))
    case 'csv':
      return csvLine(row)
  }
}

/** A row by name; what Maximo does not have is left out. */
export const namedRow = (row: Cells, columns: readonly string[]): Record<string, unknown> =>
  Object.fromEntries(
    columns
      .map((column, index) => [column, row[index]] as const)
      .filter(([, cell]) => cell !== undefined && cell !== null),
  )

/** The whole answer; the rows are those that {@link fitRows} wrote in the same format. */
export function tableText(
  envelope: Envelope,
  columns: readonly string[],
  { text, returned }: Pick<Fitted, 'text' | 'returned'>,
  format: Format,
): string {
  const head = visibleJson(envelope)
  switch (format) {
    case 'compact':
      return `${head.slice(0, -1)},"cols":${visibleJson(columns)},"rows":[${text}]}`
    case 'json':
      return `${head.slice(0, -1)},"rows":[${text}]}`
    case 'csv':
      return [head, csvLine(columns), ...(returned === 0 ? [] : [text])].join('\n')
  }
}

/** An instant as the results write it, whole seconds in UTC. */
export const instantText = (ms: number): string => isoTime(ms).replace(/\.\d{3}Z$/, 'Z')
