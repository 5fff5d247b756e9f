import { expand } from '../resources/uri.ts'
import type { ResourceLink, ToolContext } from '../tools/tool.ts'
import { MAX_EXPORT_ROWS, type Export, type ExportWish } from './exports.ts'

/** The tool that makes exports: who may not call it is offered none. */
export const EXPORT_TOOL = 'export_records'
/** Below the environment. */
export const EXPORT_PATH = 'export/{id}'

/** An export as the answer of a tool links to it. */
export const exportLink = ({ id, env, format, query }: Export): ResourceLink => ({
  uri: expand(env, EXPORT_PATH, { id }),
  name: `${query.objectStructure.toLowerCase()}.${format}`,
  title: 'All rows',
  mimeType: mimeTypeOf(format),
})

export const mimeTypeOf = (format: Export['format']): string =>
  format === 'csv' ? 'text/csv' : 'application/jsonl'

/** All rows of an answer that did not fit, as an export. Null: this caller gets none, or has too many. */
export async function offerExport(
  { query, columns }: Pick<ExportWish, 'query' | 'columns'>,
  { access, admitted, exports }: ToolContext,
): Promise<ResourceLink | null> {
  const tool = access.find(EXPORT_TOOL)
  if (tool === undefined || !access.decide(tool).ok) return null
  const asked = { query, columns, format: 'csv', maxRows: MAX_EXPORT_ROWS } as const
  const kept = await exports.keep(asked, admitted.caller.facts)
  return typeof kept === 'string' ? null : exportLink(kept)
}
