import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'
import type { Attachment, AttachmentFile, MaximoCall } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import { problem } from '../query/fields.ts'
import type { QueryProblem } from '../query/query.ts'
import { question, readAttachment, readAttachments } from './attachments.ts'
import type { FindRequest } from './find-record.ts'
import { locateRecord } from './find-record.ts'

type Found<T> = Result<T | null, readonly QueryProblem[]>

/** What is attached to a record that is named like any other; null: there is no such record. */
export const attachmentsOf = async (
  request: FindRequest,
  call: MaximoCall,
): Promise<Found<readonly Attachment[]>> => {
  const owner = await locateRecord(request, call)
  if (!owner.ok) return err(owner.error)
  if (owner.value === null) return ok(null)
  return ok(await unlessMissing(readAttachments(owner.value, request.session, call)))
}

/** One of them, by its id. */
export const attachmentOf = async (
  request: FindRequest,
  attachmentId: string,
  call: MaximoCall,
): Promise<Found<Attachment>> => {
  const owner = await locateRecord(request, call)
  if (!owner.ok) return err(owner.error)
  if (owner.value === null) return ok(null)
  return ok(await readAttachment(owner.value, attachmentId, { session: request.session, call }))
}

/** One of them with its bytes; an address has none. */
export const attachmentFileOf = async (
  request: FindRequest,
  attachmentId: string,
  call: MaximoCall,
): Promise<Found<AttachmentFile>> => {
  const owner = await locateRecord(request, call)
  if (!owner.ok) return err(owner.error)
  if (owner.value === null) return ok(null)
  const { session } = request
  const attachment = await readAttachment(owner.value, attachmentId, { session, call })
  if (attachment === null) return ok(null)
  if (attachment.kind === 'url')
    return err([problem('not_supported', 'id', 'This attachment is an address: there is no file to read.')])
  const asked = question(owner.value, [attachmentId])
  const { bytes } = await session.download(asked, attachment.mediaType, call)
  return ok({ attachment, bytes })
}

const unlessMissing = async <T>(asked: Promise<T>): Promise<T | null> => {
  try {
    return await asked
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_found' && error.code === 'BMXAA8727E') return null
    throw error
  }
}
