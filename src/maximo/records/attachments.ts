import type { Attachment, MaximoCall } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { JsonObject } from '../json.ts'
import { isObject, textOf, wholeNumberOf } from '../json.ts'
import { renderParameters } from '../query/parameters.ts'
import type { MaximoSession, Question } from '../session.ts'

/** A record whose attachments are asked for, by resource id. */
export interface Owner {
  readonly objectStructure: string
  readonly id: string
}

/** What is attached to a record, without the bytes (REST guide, attachments). @throws MaximoFault */
export const readAttachments = async (
  owner: Owner,
  session: MaximoSession,
  call: MaximoCall,
): Promise<readonly Attachment[]> => {
  const body = await session.get(question(owner, []), call)
  const members = isObject(body) ? (body['member'] ?? body['rdfs:member']) : undefined
  if (!Array.isArray(members)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
  return (members as readonly unknown[]).map((member) => {
    if (!isObject(member)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
    return toAttachment(isObject(member['describedBy']) ? member['describedBy'] : member, member)
  })
}

/** One attachment's metadata; null: there is none of that number. @throws MaximoFault */
export const readAttachment = async (
  owner: Owner,
  number: string,
  { session, call }: { readonly session: MaximoSession; readonly call: MaximoCall },
): Promise<Attachment | null> => {
  if (!NUMBER.test(number)) return null
  try {
    const body = await session.get(question(owner, ['meta', number]), call)
    if (!isObject(body)) throw new MaximoFault('bad_upstream', { detail: 'shape' })
    return toAttachment(isObject(body['describedBy']) ? body['describedBy'] : body, body)
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_found') return null
    throw error
  }
}

/** What is asked below a record's attachments. */
export const question = ({ objectStructure, id }: Owner, more: readonly string[]): Question => ({
  segments: ['os', objectStructure.toLowerCase(), id, 'doclinks', ...more],
  queryString: renderParameters([]),
  objectStructure,
})

const toAttachment = (facts: JsonObject, member: JsonObject): Attachment => {
  const isUrl = textOf(facts['urlType'])?.toUpperCase() === 'URL'
  return {
    id: textOf(facts['identifier']) ?? numberIn(member) ?? numberIn(facts),
    fileName: textOf(facts['fileName']),
    title: textOf(facts['title']),
    description: textOf(facts['description']),
    docType: textOf(facts['docType']),
    mediaType: isUrl ? null : mediaTypeOf(facts['format']),
    sizeBytes: wholeNumberOf(facts['attachmentSize']),
    kind: isUrl ? 'url' : 'file',
    createdBy: textOf(facts['createby']),
    created: textOf(facts['created']),
    changedBy: textOf(facts['changeby']),
    modified: textOf(facts['modified']),
    ownerTable: textOf(facts['ownertable']),
  }
}

/** `{"href":"http://purl.org/NET/mediatypes/image/png","label":"image/png"}`, or the label alone. */
const mediaTypeOf = (format: unknown): string | null => {
  const label = isObject(format) ? textOf(format['label']) : textOf(format)
  return label !== null && MEDIA_TYPE.test(label) ? label.toLowerCase() : null
}

/** The number at the end of an attachment's own address. */
const numberIn = (facts: JsonObject): string | null =>
  /\/doclinks\/(?:meta\/)?(\d{1,19})$/i.exec(textOf(facts['href']) ?? textOf(facts['about']) ?? '')?.[1] ??
  null

const NUMBER = /^\d{1,19}$/
const MEDIA_TYPE = /^[\w.+-]{1,80}\/[\w.+-]{1,80}$/
