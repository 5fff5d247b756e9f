import type { Attachment, MaximoCall, MaximoClient, RecordRef } from '../../../maximo/contract.ts'
import type { Wanted } from '../plan.ts'

type AttachWanted = Extract<Wanted, { readonly op: 'attach' }>

/** What Maximo calls it: the name of a file, the address of a link. */
export const attachmentName = ({ url, file }: AttachWanted): string => file?.name ?? url ?? ''

/**
 * How many attachments of a record are called and described like the one that a change adds: before it, what must not be
 * taken for it; after an answer that was lost, whether it came. Null: they cannot be read.
 */
export async function countAttachedLike(
  wanted: AttachWanted,
  ref: RecordRef,
  { client, call }: { readonly client: Pick<MaximoClient, 'attachments'>; readonly call: MaximoCall },
): Promise<number | null> {
  const found = await client.attachments(ref, call)
  return found.ok && found.value !== null ? found.value.filter((one) => isLike(one, wanted)).length : null
}

const isLike = ({ fileName, description }: Attachment, wanted: AttachWanted): boolean =>
  fileName === attachmentName(wanted) && (description ?? '') === (wanted.description ?? '')

/** The place of this count in a plan. */
export const ATTACHED = 'doclinks'
