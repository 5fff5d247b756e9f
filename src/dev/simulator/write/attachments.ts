import { BmxError } from '../errors.ts'
import type { Plant, Row } from '../plant/plant.ts'
import { isList, type Json } from '../render/json.ts'
import type { Mbo } from '../schema/mbo.ts'
import { isRecord, textIn } from './payload.ts'
import type { Saving } from './saving.ts'

/** The files behind attachments, by document id. */
export type Files = Map<number, Buffer>

/** What was uploaded. */
export interface Upload {
  readonly fileName: string
  readonly description: string | undefined
  readonly doctype: string
  readonly urltype: string
  readonly contentType: string
  readonly bytes: Buffer
}

/** The attachments of a record, oldest first. */
export const attachmentsOf = (plant: Plant, mbo: Mbo, row: Row): Row[] =>
  plant
    .find('DOCLINKS', 'ownerid', row[mbo.uniqueId] ?? 0)
    .filter((one) => one['ownertable'] === mbo.name)
    .toSorted((a, b) => Number(a['doclinksid']) - Number(b['doclinksid']))

/** The bytes of an attachment; one that came with the plant says its own name. */
export const bytesOf = (files: Files, row: Row): Buffer =>
  files.get(Number(row['docinfoid'])) ?? Buffer.from(plantedText(String(row['urlname'])))

export const plantedText = (urlname: string): string => `This is ${urlname}.\n`

/**
 * Reads an upload: raw bytes, described by headers (maximo-api §5). `x-document-meta: URL/…` stores an address.
 *
 * @throws BmxError BMXAA4195E without a name.
 */
export function readUpload(
  header: (name: string) => string | null,
  sent: { readonly body: Buffer; readonly contentType: string },
): Upload {
  const [urltype = 'FILE', doctype = 'Attachments'] = (header('x-document-meta') ?? '').split('/')
  const kind = urltype === '' ? 'FILE' : urltype.toUpperCase()
  const fileName = nameSent(header, kind)
  if (fileName === null || fileName === '') {
    throw new BmxError(400, 'BMXAA4195E', 'A value is required for the name of the attachment.')
  }
  return {
    fileName,
    description:
      header('x-document-description') ?? decoded(header('x-document-encdescription')) ?? undefined,
    doctype,
    urltype: kind,
    contentType: sent.contentType === '' ? UNKNOWN_TYPE : sent.contentType,
    bytes: bytesSent(header('custom-encoding'), sent.body),
  }
}

function nameSent(header: (name: string) => string | null, kind: string): string | null {
  if (kind === 'URL') return header('content-location')
  return header('slug') ?? decoded(header('encslug'))
}

const UNKNOWN_TYPE = 'application/octet-stream'

const bytesSent = (encoding: string | null, body: Buffer): Buffer =>
  encoding?.toLowerCase() === 'base64' ? Buffer.from(body.toString('utf8'), 'base64') : body

const decoded = (text: string | null): string | null =>
  text === null ? null : Buffer.from(text, 'base64').toString('utf8')

export function addAttachment(
  files: Files,
  owner: { readonly mbo: Mbo; readonly row: Row },
  sent: Upload,
  { db, user, clock }: Saving,
): Row {
  const now = clock.nowMs()
  const docinfoid = Number(db.autoNumber('DOCLINKS', 'docinfoid'))
  files.set(docinfoid, sent.bytes)
  return db.insert('DOCLINKS', {
    docinfoid,
    document: sent.fileName.slice(0, DOCUMENT_CHARACTERS),
    description: sent.description,
    doctype: sent.doctype,
    ownertable: owner.mbo.name,
    ownerid: owner.row[owner.mbo.uniqueId],
    urltype: sent.urltype,
    urlname: sent.fileName,
    contenttype: sent.contentType,
    attachmentsize: sent.bytes.length,
    createby: user.userId,
    createdate: now,
    changeby: user.userId,
    changedate: now,
  })
}

const DOCUMENT_CHARACTERS = 20

/**
 * Attachments inside a payload: `doclinks: [{urltype, documentdata, doctype, urlname}]`, the data in base64.
 *
 * @throws BmxError BMXAA4195E without a name or data.
 */
export function addInlineAttachments(
  files: Files,
  owner: { readonly mbo: Mbo; readonly row: Row },
  sent: Json | undefined,
  saving: Saving,
): void {
  if (sent === undefined || !isList(sent)) return
  for (const entry of sent) {
    const record = isRecord(entry) ? entry : {}
    const [fileName, data] = [textIn(record, 'urlname'), textIn(record, 'documentdata')]
    if (fileName === null || data === null) {
      throw new BmxError(400, 'BMXAA4195E', 'An attachment needs urlname and documentdata.', {
        object: 'doclinks',
      })
    }
    const upload = {
      fileName,
      description: textIn(record, 'description') ?? undefined,
      doctype: textIn(record, 'doctype') ?? 'Attachments',
      urltype: textIn(record, 'urltype') ?? 'FILE',
      contentType: UNKNOWN_TYPE,
      bytes: Buffer.from(data, 'base64'),
    }
    addAttachment(files, owner, upload, saving)
  }
}
