import { err, ok, type Result } from '../../kernel/result.ts'
import { EXPORT_LIFE_MS, type Export } from '../exports/exports.ts'
import { EXPORT_PATH, EXPORT_TOOL, mimeTypeOf } from '../exports/offer.ts'
import { FIRST_PART, readPart, type Part, type PartStart } from '../exports/read-part.ts'
import { originOf } from '../tools/result/as-of.ts'
import type { Question } from '../tools/run/cursors.ts'
import { instantText } from '../tools/result/answer-text.ts'
import { untrustedColumns } from '../tools/result/columns.ts'
import { visibleJson } from '../tools/result/visible.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { ResourceAnswer, TemplateResource, Values } from './resource.ts'
import { OWN_ID } from './shapes.ts'
import { expand } from './uri.ts'

const FACTS = {
  mimeType: 'text/csv',
  tool: EXPORT_TOOL,
  ttlMs: 0,
} as const

/** An export from its first row. */
export const exportResource: TemplateResource = {
  ...FACTS,
  name: 'export',
  title: 'Rows of an export',
  description:
    'All rows of a query as CSV or JSON lines, by the address that export_records gave. It names the next part.',
  path: EXPORT_PATH,
  variables: { id: { pattern: OWN_ID } },
  read: (values, context, uri) => answer(values, context, uri),
}

/** An export from where the part before ended. */
export const exportPartResource: TemplateResource = {
  ...FACTS,
  name: 'export_part',
  title: 'Further rows of an export',
  description: 'The next part of an export, by the address that the part before it gave.',
  path: `${EXPORT_PATH}/{part}`,
  variables: { id: { pattern: OWN_ID }, part: { pattern: /^[A-Za-z0-9._-]{1,600}$/ } },
  read: (values, context, uri) => answer(values, context, uri),
}

async function answer(
  { id = '', part }: Values,
  context: ToolContext,
  uri: string,
): Promise<Result<ResourceAnswer, ToolProblem>> {
  const owner = context.admitted.caller.facts
  const found = await context.exports.find(id, owner)
  if (found === null) return err(noExport(id))
  const start = part === undefined ? ok(FIRST_PART) : await startOf(part, found, context)
  if (!start.ok) return start
  const schema = await context.maximo.schema(found.query.objectStructure, context.call)
  const read = await context.exports.reading(owner, () => readPart(found, start.value, { schema, context }))
  if (read === 'busy') return err(BUSY)
  if (!read.ok) return read
  const shown = { found, start: start.value, part: read.value, uniqueId: schema.uniqueId }
  const head = {
    ...(await headOf(shown, context)),
    untrusted: untrustedColumns(found.columns, schema),
  }
  return ok({
    // What is said about the rows comes before them, so that no cut can lose it.
    contents: [
      { uri, mimeType: 'application/json', text: visibleJson(head) },
      { uri, mimeType: mimeTypeOf(found.format), text: read.value.text },
    ],
    recordCount: read.value.rows,
  })
}

interface Shown {
  readonly found: Export
  readonly start: PartStart
  readonly part: Part
  /** What the rows follow each other by; null: the order that was asked for. */
  readonly uniqueId: string | null
}

async function headOf(shown: Shown, context: ToolContext): Promise<object> {
  const { found, start, part } = shown
  const next = part.next === null ? null : await nextUri(found, part.next, context)
  const until = start.given + part.rows
  return {
    ...originOf(context),
    object: found.query.objectStructure.toLowerCase(),
    format: found.format,
    returned: part.rows,
    rows: part.rows === 0 ? 'none' : `${start.given + 1} to ${until}`,
    total: part.total,
    /** This part ends with the last of all rows. */
    complete: next === null && !part.isCut,
    next,
    expires: instantText(found.endsMs),
    notes: [...part.notes, ...orderNotes(shown), ...cutNotes(part, found)],
  }
}

/** An order would let rows that are inserted meanwhile shift others. */
const orderNotes = ({ found, uniqueId }: Shown): readonly string[] =>
  uniqueId === null || (found.query.orderBy ?? []).length === 0
    ? []
    : [`The rows come by ${uniqueId}, not in the order that was asked for.`]

const cutNotes = ({ isCut }: Part, { maxRows }: Export): readonly string[] =>
  isCut ? [`Cut at max_rows=${maxRows}: there are more rows. Narrow the filters or ask for more.`] : []

const questionOf = ({ id, sub, env }: Export): Question => ({
  subject: sub,
  environment: env,
  tool: 'export',
  query: id,
})

async function nextUri(
  found: Export,
  { page, given, total }: PartStart,
  { cursors, clock }: ToolContext,
): Promise<string> {
  const place = {
    ...{ page: page.page, skip: 0, pageSize: 1, atMs: clock.nowMs(), given },
    ...(page.after !== undefined && { after: page.after }),
    ...(total !== null && { total }),
  }
  const part = await cursors.seal(place, questionOf(found))
  return expand(found.env, exportPartResource.path, { id: found.id, part })
}

async function startOf(
  part: string,
  found: Export,
  { cursors }: ToolContext,
): Promise<Result<PartStart, ToolProblem>> {
  const opened = await cursors.open(part, questionOf(found))
  if (!opened.ok) return err({ ...opened.error, next: NEXT_FIRST })
  const { page, after, given = 0, total = null } = opened.value
  return ok({ page: { page, ...(after !== undefined && { after }) }, given, total })
}

const NEXT_FIRST = 'Read the export again from its first part: its address without the last segment.'

/** The same for one that never was, that is over and that is somebody else's. */
const noExport = (id: string): ToolProblem => ({
  kind: 'not_found',
  what: `There is no export "${id}" that you may read.`,
  why: `Exports live for ${EXPORT_LIFE_MS / 60_000} minutes and belong to the connection that asked for them.`,
  next: 'Call export_records again.',
})

const BUSY: ToolProblem = {
  kind: 'rate_limited',
  what: 'This server is reading as many exports as it can at a time, of yours or of all.',
  why: null,
  next: 'Wait a few seconds, then read the same address again.',
}
