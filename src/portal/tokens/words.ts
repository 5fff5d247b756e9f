import {
  type Access,
  type Preset,
  readObjects,
  type RateProfile,
  type Risk,
} from '../../crypto/restrictions.ts'

/** What each choice means, in the words of the pages. The rules themselves stand at the MCP server. */
export const PRESET_WORDS: Readonly<Record<Preset, string>> = {
  'erp-readonly': 'Read purchase orders, invoices and the general ledger',
  'erp-write': 'Read and change purchase orders and receipts',
  'iot-ingest': 'Write meter readings and asset condition, read nothing',
  reporting: 'Read every object, change none',
  mobile: 'Read and change work orders, service requests and labor',
}

export const ACCESS_WORDS: Readonly<Record<Access, string>> = {
  r: 'Read',
  w: 'Write',
  rw: 'Read and write',
}

export const PROFILE_WORDS: Readonly<Record<RateProfile, string>> = {
  interactive: 'Interactive: 200 calls a minute',
  sync: 'Synchronisation: 60 calls a minute',
  reporting: 'Reporting: 30 calls a minute',
  batch: 'Batch: 10 calls a minute',
  webhook: 'Webhook: 500 calls a minute',
}

export const RISK_WORDS: Readonly<Record<Risk, { readonly name: string; readonly means: string }>> = {
  low: { name: 'Low', means: 'Changes of medium or high risk are refused' },
  medium: { name: 'Medium', means: 'Also changes that a person would be asked about' },
  high: { name: 'High', means: 'Every change, without anybody being asked' },
}

/** What a token may touch, for its owner's list. */
export function objectsInWords(code: string | undefined): string {
  if (code === undefined) return 'everything that scopes and Maximo allow'
  const fixed = readObjects(code)
  if (fixed.kind === 'preset')
    return `${fixed.preset}, version ${fixed.version}: ${PRESET_WORDS[fixed.preset]}`
  return fixed.rules
    .map(({ object, access }) => `${object} (${ACCESS_WORDS[access].toLowerCase()})`)
    .join(', ')
}

/** The part of a token that made it too long, by the name of its field and in words. */
export const TOO_LONG_PARTS: Readonly<Record<string, { readonly field: string; readonly words: string }>> = {
  obj: { field: 'objects', words: 'the list of objects' },
  net: { field: 'net', words: 'the networks' },
  scp: { field: 'scope', words: 'the scopes' },
  c_k: { field: 'env', words: 'the key of this environment' },
  c_u: { field: 'env', words: 'the address of this environment' },
}
