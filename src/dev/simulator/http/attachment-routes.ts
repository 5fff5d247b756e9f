import { assertMayWrite } from '../auth/rights.ts'
import { BmxError, methodNotSupported, noSuchResource } from '../errors.ts'
import type { Row } from '../plant/plant.ts'
import { namespaced, type JsonObject } from '../render/json.ts'
import { formatInstant } from '../time-zone.ts'
import { addAttachment, attachmentsOf, bytesOf, readUpload } from '../write/attachments.ts'
import { deleteRecord } from '../write/delete-record.ts'
import { mboNamed } from '../schema/catalog.ts'
import { hrefsOf, type Answer, type Exchange } from './exchange.ts'
import type { Operation } from './operation.ts'
import { savingOf, transacted } from './write-context.ts'
import type { WriteTarget } from './write-routes.ts'

interface AttachmentRequest {
  readonly target: WriteTarget
  /** The record the attachments are on. */
  readonly row: Row
  /** Segments below `doclinks`: none, `{id}`, or `meta/{id}`. */
  readonly rest: readonly string[]
  readonly operation: Operation
}

/** `{record}/doclinks`, `{record}/doclinks/{id}`, `{record}/doclinks/meta/{id}` (maximo-api §5). */
export function answerAttachments(exchange: Exchange, request: AttachmentRequest): Answer {
  const { rest, operation } = request
  const [first, second, ...more] = rest
  if (first === undefined) return answerList(exchange, request)
  const isMeta = first === 'meta'
  if (more.length > 0 || isMeta === (second === undefined)) throw noSuchResource(rest.join('/'))
  const row = attachmentNamed(exchange, request, isMeta ? second : first)
  if (operation === 'delete' && !isMeta) return remove(exchange, request, row)
  if (operation !== 'read') throw methodNotSupported(`${operation} on an attachment`)
  return isMeta ? recordAnswer(exchange, describe(exchange, request, row)) : download(exchange, request, row)
}

function answerList(exchange: Exchange, request: AttachmentRequest): Answer {
  if (request.operation === 'read') return listAttachments(exchange, request)
  if (request.operation === 'post') return upload(exchange, request)
  throw methodNotSupported(`${request.operation} on attachments`)
}

const download = (exchange: Exchange, request: AttachmentRequest, row: Row): Answer => ({
  status: 200,
  file: {
    contentType: String(row['contenttype'] ?? 'application/octet-stream'),
    bytes: bytesOf(exchange.instance.files, row),
  },
  headers: { link: addressOf(exchange, request, `meta/${String(row['doclinksid'])}`) },
})

const basePath = ({ target, row }: AttachmentRequest): string =>
  `${target.collection.levelOf(row, 0).path}/doclinks`

const addressOf = (exchange: Exchange, request: AttachmentRequest, rest: string): string =>
  hrefsOf(exchange).to(rest === '' ? basePath(request) : `${basePath(request)}/${rest}`)

function attachmentNamed(exchange: Exchange, request: AttachmentRequest, id: string | undefined): Row {
  const rows = attachmentsOf(exchange.instance.plant, request.target.collection.mbo, request.row)
  const row = rows.find((one) => String(one['doclinksid']) === id)
  if (row === undefined) throw noSuchResource(id ?? 'meta')
  return row
}

const recordAnswer = (exchange: Exchange, record: JsonObject): Answer => ({
  status: 200,
  body: exchange.isLean ? record : namespaced(record),
})

function listAttachments(exchange: Exchange, request: AttachmentRequest): Answer {
  const rows = attachmentsOf(exchange.instance.plant, request.target.collection.mbo, request.row)
  const member = rows.map((row, index) => {
    const id = String(row['doclinksid'])
    return {
      href: addressOf(exchange, request, id),
      localref: addressOf(exchange, request, `${index}-${id}`),
      describedBy: describe(exchange, request, row),
    }
  })
  const href = addressOf(exchange, request, '')
  if (exchange.isLean) return { status: 200, body: { href, member } }
  return { status: 200, body: { 'rdf:about': href, 'rdfs:member': member.map(namespaced) } }
}

function describe(exchange: Exchange, request: AttachmentRequest, row: Row): JsonObject {
  const id = String(row['doclinksid'])
  const type = String(row['contenttype'] ?? 'application/octet-stream')
  const at = (name: string): string => formatInstant(Number(row[name]), exchange.user.timezone)
  return {
    identifier: id,
    fileName: String(row['urlname']),
    upload: true,
    docType: String(row['doctype']),
    created: at('createdate'),
    modified: at('changedate'),
    createby: String(row['createby']),
    changeby: String(row['changeby']),
    format: { href: `http://purl.org/NET/mediatypes/${type}`, label: type },
    show: false,
    description: String(row['description'] ?? ''),
    ownerid: Number(row['ownerid']),
    ownertable: String(row['ownertable']),
    title: String(row['document']),
    docinfoid: Number(row['docinfoid']),
    urlType: String(row['urltype']),
    attachmentSize: Number(row['attachmentsize']),
    getlatestversion: true,
    printthrulink: false,
    copylinktowo: false,
    addinfo: true,
    href: addressOf(exchange, request, `meta/${id}`),
  }
}

function upload(exchange: Exchange, request: AttachmentRequest): Answer {
  assertMayWrite(exchange.user, request.target.structure, 'ADDATTACHMENT')
  const { maxAttachmentBytes } = exchange.instance.rules
  const sent = readUpload(exchange.header, { body: exchange.body, contentType: exchange.contentType })
  if (sent.bytes.length > maxAttachmentBytes) {
    throw new BmxError(
      413,
      'BMXAA2249E',
      `The attachment is larger than the maximum of ${maxAttachmentBytes} bytes.`,
    )
  }
  return transacted(exchange, () => {
    const owner = { mbo: request.target.collection.mbo, row: request.row }
    const row = addAttachment(exchange.instance.files, owner, sent, savingOf(exchange))
    const id = String(row['doclinksid'])
    return {
      status: 201,
      headers: {
        location: addressOf(exchange, request, id),
        link: addressOf(exchange, request, `meta/${id}`),
      },
    }
  })
}

function remove(exchange: Exchange, request: AttachmentRequest, row: Row): Answer {
  assertMayWrite(exchange.user, request.target.structure, 'DELETEATTACHMENT')
  return transacted(exchange, () => {
    deleteRecord(mboNamed('DOCLINKS'), row, savingOf(exchange))
    return { status: 200 }
  })
}
