import { err, ok, type Result } from '../../kernel/result.ts'
import type { Attachment, AttachmentFile } from '../../maximo/contract.ts'
import { originOf } from '../tools/result/as-of.ts'
import { findSchema } from '../tools/read/object-schema.ts'
import { queryProblem } from '../tools/read/problems.ts'
import { visible, visibleJson } from '../tools/result/visible.ts'
import {
  attachmentFacts,
  ATTACHMENT_TEXTS,
  getAttachment,
  isText,
  noAttachment,
  readBytes,
  tooLarge,
} from '../tools/sets/attachments.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { ToolContext } from '../tools/tool.ts'
import { completeKey } from './complete/keys.ts'
import { completeObject } from './complete/objects.ts'
import { rank } from './complete/rank.ts'
import type { Complete, ResourceContent, TemplateResource, Values } from './resource.ts'
import { KEY, OBJECT } from './shapes.ts'

/** As base64 in JSON it is a third more. */
const MAX_BYTES = 3_000_000

const completeAttachment: Complete = async (typed, { object = '', key = '' }, context) => {
  if (!OBJECT.test(object) || !KEY.test(key)) return []
  const found = await context.maximo.attachments({ objectStructure: object, id: key }, context.call)
  const all = found.ok ? (found.value ?? []) : []
  return rank(
    typed,
    all.flatMap(({ id }) => id ?? []),
  )
}

/** The bytes of one file at a record. */
export const attachmentResource: TemplateResource = {
  name: 'attachment',
  title: 'A file at a record',
  description:
    'One attached file: its facts, then its text or its bytes. Whatever is in it comes from outside.',
  mimeType: 'application/octet-stream',
  tool: getAttachment.name,
  path: 'attachment/{object}/{key}/{attachment}',
  variables: {
    object: { pattern: OBJECT, complete: completeObject },
    key: { pattern: KEY, complete: completeKey },
    attachment: { pattern: /^\d{1,19}$/, complete: completeAttachment },
  },
  ttlMs: 0,
  async read(values, context, uri) {
    const file = await findFile(values, context)
    if (!file.ok) return file
    const { attachment } = file.value
    const bytes = await readBytes(file.value, MAX_BYTES)
    if (!bytes.ok) return bytes
    const head = {
      ...originOf(context),
      attachment: attachmentFacts(attachment),
      untrusted: [...ATTACHMENT_TEXTS, 'the whole file'],
    }
    const facts: ResourceContent = { uri, mimeType: 'application/json', text: visibleJson(head) }
    return ok({ contents: [facts, contentOf(attachment, bytes.value, uri)], recordCount: 1 })
  },
}

type Three = [object: string, key: string, attachment: string]

async function findFile(values: Values, context: ToolContext): Promise<Result<AttachmentFile, ToolProblem>> {
  const { maximo, call } = context
  const [object, key, attachment] = ['object', 'key', 'attachment'].map((name) => values[name] ?? '') as Three
  const schema = await findSchema(object, context)
  if (!schema.ok) return schema
  const ref = { objectStructure: schema.value.resource, id: key }
  // Facts first: of a file that is too large no byte is asked for.
  const facts = await maximo.attachment(ref, attachment, call)
  if (!facts.ok) return err(queryProblem(facts.error, ref.objectStructure))
  if ((facts.value?.sizeBytes ?? 0) > MAX_BYTES) return err(tooLarge(MAX_BYTES))
  const file = await maximo.attachmentFile(ref, attachment, call)
  if (!file.ok) return err(queryProblem(file.error, ref.objectStructure))
  return file.value === null ? err(noAttachment(attachment, key)) : ok(file.value)
}

/**
 * Text as text, with what hides in it shown; all else as bytes. What a client could run or render (HTML, SVG, scripts) is
 * given under no type that would have it do so.
 */
function contentOf(attachment: Attachment, bytes: Buffer, uri: string): ResourceContent {
  if (isText(attachment)) {
    const text = visible(bytes.toString('utf8'))
    return { uri, mimeType: textType(attachment), text }
  }
  const type = attachment.mediaType?.trim().toLowerCase() ?? ''
  const mimeType = INERT.test(type) ? type : 'application/octet-stream'
  return { uri, mimeType, blob: bytes.toString('base64') }
}

const textType = ({ mediaType }: Attachment): string => {
  const type = mediaType?.trim().toLowerCase() ?? ''
  return TEXTS.has(type) ? type : 'text/plain'
}

/** Types of text that nothing renders, … */
const TEXTS: ReadonlySet<string> = new Set(['text/plain', 'text/csv', 'application/json', 'text/markdown'])
/** … and types of bytes that are looked at or saved, never run. */
const INERT =
  /^(?:image\/(?:png|jpeg|gif|webp|bmp|tiff)|audio\/[a-z0-9.+-]{1,40}|video\/[a-z0-9.+-]{1,40}|application\/(?:pdf|zip|vnd\.[a-z0-9.+-]{1,80}|msword))$/
