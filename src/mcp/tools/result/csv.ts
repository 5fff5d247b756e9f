import { cellText } from './cell-text.ts'
import { visible } from './visible.ts'

/** RFC 4180: fields with a comma, a quote or a line break are quoted, quotes are doubled. */
const NEEDS_QUOTES = /[",\r\n]/
/** A spreadsheet runs what starts like this, also after white space; numbers are ours and stay as they are. */
const FORMULA = /^\s*[=+\-@|%\t]/

/** One CSV line, without its line break. Text that a spreadsheet would run as a formula gets a leading apostrophe. */
export const csvLine = (cells: readonly unknown[]): string => cells.map(csvCell).join(',')

function csvCell(cell: unknown): string {
  if (cell === null || cell === undefined) return ''
  if (typeof cell === 'number' || typeof cell === 'boolean') return String(cell)
  const text = visible(cellText(cell))
  const harmless = FORMULA.test(text) ? `'${text}` : text
  return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless
}
