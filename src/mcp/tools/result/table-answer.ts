import { originOf } from './as-of.ts'
import { DEFAULT_TOKENS, type Format } from '../query/inputs.ts'
import type { ToolAnswer, ToolContext } from '../tool.ts'
import { fitRows, tableText, type Cells } from './answer-text.ts'

/** Rows that are all there is, or whose rest cannot be paged to. */
export interface WholeTable {
  readonly columns: readonly string[]
  readonly rows: readonly Cells[]
  /** Of all there are; absent: as many as the rows. Null: not known. */
  readonly total?: number | null
  readonly site?: string | null
  readonly reading?: string
  readonly notes?: readonly string[]
  readonly untrusted?: readonly string[]
  readonly format?: Format
  readonly maxTokens?: number
  /** What to do when the rows do not fit. */
  readonly whenCut: string
}

/** A table without a cursor: computed rows, lists of names. What does not fit is said. */
export function tableAnswer(table: WholeTable, context: ToolContext): ToolAnswer {
  const { columns, rows, format = 'compact', maxTokens = DEFAULT_TOKENS } = table
  const fitted = fitRows(rows, columns, { format, maxTokens })
  const { returned, isCut } = fitted
  const total = table.total === undefined ? rows.length : table.total
  const notes = [...(table.notes ?? []), ...(isCut ? [`Cut to fit: ${table.whenCut}`] : [])]
  const envelope = {
    ...originOf(context),
    ...about(table),
    ...{ returned, total, complete: !isCut && total === returned, cursor: null },
    ...(notes.length > 0 && { notes }),
    ...untrustedIn(table),
  }
  return { text: tableText(envelope, columns, fitted, format), recordCount: returned }
}

const about = ({
  site = null,
  reading,
}: WholeTable): { readonly site?: string; readonly reading?: string } => ({
  ...(site !== null && { site }),
  ...(reading !== undefined && { reading }),
})

const untrustedIn = ({ untrusted = [] }: WholeTable): { readonly untrusted?: readonly string[] } =>
  untrusted.length === 0 ? {} : { untrusted }
