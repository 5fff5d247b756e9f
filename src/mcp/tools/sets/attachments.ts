import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Attachment, AttachmentFile } from '../../../maximo/contract.ts'
import { plainText } from '../../../maximo/records/long-text.ts'
import { originOf } from '../result/as-of.ts'
import { maxTokens, objectName } from '../query/inputs.ts'
import { noRecord, queryProblem } from '../read/problems.ts'
import { findSchema } from '../read/object-schema.ts'
import { plainOutput, tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { visible, visibleJson } from '../result/visible.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolFacts, READS_MAXIMO } from '../tool.ts'

const FACTS: Omit<ToolFacts, 'name' | 'title' | 'description'> = {
  toolset: 'attachments',
  isOnRequest: true,
  ...READS_MAXIMO,
}

const id = z.string().min(1).max(400).describe('key of the record, e.g. BEDFORD/1001, or a resource id')
const COLUMNS = [
  'attachment_id',
  'kind',
  'file',
  'title',
  'description',
  'folder',
  'type',
  'bytes',
  'by',
  'created',
]
/** What people typed, and what their programs say that a file is. */
export const ATTACHMENT_TEXTS = ['file', 'title', 'description', 'folder', 'type']

export const listAttachments = defineTool({
  ...FACTS,
  name: 'list_attachments',
  title: 'List attachments',
  description: 'Files and links at a record, without their content.',
  input: z.strictObject({ object: objectName, id }),
  output: tableOutput,
  async run({ object, id: key }, context) {
    const schema = await findSchema(object, context)
    if (!schema.ok) return schema
    const ref = { objectStructure: schema.value.resource, id: key }
    const found = await context.maximo.attachments(ref, context.call)
    if (!found.ok) return err(queryProblem(found.error, schema.value.resource))
    if (found.value === null) return err(noRecord(key, schema.value))
    const rows = found.value.map(cells)
    return ok(
      tableAnswer(
        { columns: COLUMNS, rows, untrusted: ATTACHMENT_TEXTS, whenCut: 'the first are shown.' },
        context,
      ),
    )
  },
})

const cells = (one: Attachment): readonly unknown[] => [
  ...[one.id, one.kind, one.fileName, one.title, one.description],
  ...[one.docType, one.mediaType, one.sizeBytes, one.createdBy, one.created],
]

const CHARACTERS_PER_TOKEN = 3
/** What a text that is cut at the largest max_tokens can have. */
const MAX_BYTES = 1_000_000

export const getAttachment = defineTool({
  ...FACTS,
  name: 'get_attachment',
  title: 'Read an attachment',
  description:
    'One attachment of a record: its facts and, where the file is text, CSV, JSON, XML or HTML, its text.',
  input: z.strictObject({
    object: objectName,
    id,
    attachment_id: z
      .string()
      .regex(/^\d{1,19}$/, 'is not a number')
      .describe('from list_attachments'),
    max_tokens: maxTokens,
  }),
  output: plainOutput,
  async run({ object, id: key, attachment_id: number, max_tokens: tokens }, context) {
    const schema = await findSchema(object, context)
    if (!schema.ok) return schema
    const ref = { objectStructure: schema.value.resource, id: key }
    const found = await context.maximo.attachment(ref, number, context.call)
    if (!found.ok) return err(queryProblem(found.error, schema.value.resource))
    if (found.value === null) return err(noAttachment(number, key))
    const head = { ...originOf(context), attachment: attachmentFacts(found.value) }
    if (!isText(found.value))
      return ok({
        text: visibleJson({ ...head, notes: [NOT_TEXT], untrusted: ATTACHMENT_TEXTS }),
        recordCount: 1,
      })
    const file = await context.maximo.attachmentFile(ref, number, context.call)
    if (!file.ok) return err(queryProblem(file.error, schema.value.resource))
    if (file.value === null) return err(noAttachment(number, key))
    const text = await textOf(file.value)
    if (!text.ok) return text
    const shown = text.value.slice(0, tokens * CHARACTERS_PER_TOKEN)
    const isCut = shown.length < text.value.length
    const notes = isCut ? [`Cut to fit: ${shown.length} of ${text.value.length} characters.`] : []
    const body = {
      ...head,
      complete: !isCut,
      ...(isCut && { notes }),
      untrusted: [...ATTACHMENT_TEXTS, 'text'],
      text: shown,
    }
    return ok({ text: visibleJson(body), recordCount: 1 })
  },
})

/** What Maximo says of a file, by the names of the columns. */
export function attachmentFacts(one: Attachment): Readonly<Record<string, unknown>> {
  const values = cells(one)
  return Object.fromEntries(COLUMNS.map((name, at) => [name, values[at]]))
}

const NOT_TEXT = 'The file is no text: its content cannot be shown here.'

export const isText = ({ kind, mediaType, fileName }: Attachment): boolean =>
  kind === 'file' &&
  (/^text\/|[/+](?:json|xml|csv)$/i.test(mediaType ?? '') ||
    /\.(?:txt|csv|json|xml|html?|log|md)$/i.test(fileName ?? ''))

/** UTF-8, or what it is not marked as such; HTML without its markup. */
async function textOf(file: AttachmentFile): Promise<Result<string, ToolProblem>> {
  const bytes = await readBytes(file, MAX_BYTES)
  if (!bytes.ok) return bytes
  const text = new TextDecoder().decode(bytes.value)
  const { mediaType, fileName } = file.attachment
  const isHtml = /html/i.test(mediaType ?? '') || /\.html?$/i.test(fileName ?? '')
  return ok(isHtml ? plainText(text) : text)
}

/** A file whole; no more of one that is too large than was read until then. */
export async function readBytes(
  { bytes }: AttachmentFile,
  atMost: number,
): Promise<Result<Buffer, ToolProblem>> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of bytes) {
    size += chunk.byteLength
    if (size > atMost) return err(tooLarge(atMost))
    chunks.push(chunk)
  }
  return ok(Buffer.concat(chunks))
}

export const tooLarge = (atMost: number): ToolProblem => ({
  kind: 'too_large',
  what: `The file has more than ${atMost} bytes.`,
  why: null,
  next: 'Open it in Maximo.',
})

export const noAttachment = (number: string, key: string): ToolProblem => ({
  kind: 'not_found',
  what: `There is no attachment ${number} at "${visible(key.slice(0, 100))}" that you may see.`,
  why: null,
  next: 'list_attachments names the attachments of a record.',
})
