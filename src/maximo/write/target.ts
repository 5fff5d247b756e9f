import type { MaximoRecord, RecordRef } from '../contract.ts'
import { MaximoFault } from '../fault.ts'
import type { Select } from '../query/query.ts'
import { isResourceId } from '../records/addresses.ts'
import type { Existing, WriteCall } from './contract.ts'
import type { Failure } from './failure.ts'
import { badReference } from './problems.ts'
import type { Tools } from './send.ts'

/** The segments of a record below the API root. */
export const segmentsOf = (objectStructure: string, id: string): readonly string[] => [
  'os',
  objectStructure.toLowerCase(),
  id,
]

interface Located {
  readonly kind: 'located'
  readonly id: string
}

/** A record by resource id; one that is named otherwise is looked up. */
export const locate = async (ref: RecordRef, tools: Tools, call: WriteCall): Promise<Located | Failure> => {
  if (isResourceId(ref.id)) return { kind: 'located', id: ref.id }
  const found = await lookUp(ref, { select: { fields: [] }, tools }, call)
  return found.kind === 'found' ? { kind: 'located', id: found.id } : found
}

interface Found {
  readonly kind: 'found'
  readonly id: string
  readonly record: MaximoRecord
}

/** A record as it is now. */
const lookUp = async (
  ref: RecordRef,
  { select, tools }: { readonly select: Select; readonly tools: Tools },
  call: WriteCall,
): Promise<Found | Failure> => {
  const found = await tools.client.findRecord(ref, select, call)
  if (!found.ok) return badReference(found.error)
  if (found.value === null) return { kind: 'missing', what: 'record' }
  const { record } = found.value
  if (record.id === null)
    throw new MaximoFault('bad_upstream', {
      detail: 'foreign_address',
      objectStructure: ref.objectStructure.toUpperCase(),
    })
  return { kind: 'found', id: record.id, record }
}

/** A record that is still the one its row stamp was read from. */
export const lookUpUnchanged = async (
  existing: Existing,
  at: { readonly select: Select; readonly tools: Tools },
  call: WriteCall,
): Promise<Found | Failure> => {
  const found = await lookUp(existing, at, call)
  if (found.kind !== 'found' || found.record.rowstamp === existing.rowstamp) return found
  return { kind: 'conflict', code: null }
}
