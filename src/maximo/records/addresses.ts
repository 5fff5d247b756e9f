import type { BaseUrl } from '../egress/rules.ts'

/** A record's address, taken apart. */
export interface RecordAddress {
  /** Upper case. */
  readonly objectStructure: string
  readonly id: string
}

/** Null for an address outside this environment, or one that is no record's: never a reason to go there. */
export const parseRecordAddress = (address: string, base: BaseUrl): RecordAddress | null => {
  const path = pathBelow(address, base)
  const found = path === null ? null : RECORD_PATH.exec(path)
  if (found === null) return null
  const [, name = '', id = ''] = found
  return { objectStructure: name.toUpperCase(), id }
}

/** The number of the page that an answer calls the next (none is the first); null when it leaves this environment. */
export const pageOfAddress = (address: string, base: BaseUrl): number | null => {
  const path = pathBelow(address, base)
  if (path === null) return null
  const query = path.indexOf('?')
  const page = query < 0 ? null : new URLSearchParams(path.slice(query)).get('pageno')
  return page === null ? 1 : Number(/^\d{1,9}$/.exec(page)?.[0] ?? 0)
}

/** The query of an address below `path` of this environment (`os/mxapiasset`), ready to be sent; null for any other. */
export const queryOfAddress = (
  address: string,
  { base, path }: { readonly base: BaseUrl; readonly path: string },
): string | null => {
  const [called = '', query = ''] = pathBelow(address, base)?.split(/\?(.*)/s) ?? []
  const isIt = called.toLowerCase() === path && QUERY.test(query) && /(^|&)lean=(1|true)(&|$)/.test(query)
  return isIt ? query : null
}

/** Maximo's passing name for a place where a workflow waits (`wf/{name}`); null for any other address. */
export const workflowNodeOf = (address: string, base: BaseUrl): string | null =>
  WORKFLOW_PATH.exec(pathBelow(address, base) ?? '')?.[1] ?? null

/** The number in an attachment's own address; null for any other address. */
export const attachmentIdOf = (address: string, base: BaseUrl): string | null =>
  ATTACHMENT_PATH.exec(pathBelow(address, base) ?? '')?.[1] ?? null

export const isResourceId = (text: string): boolean => RESOURCE_ID.test(text)

/**
 * What follows `/maximo/api/` or `/maximo/oslc/`. Absolute addresses must have the environment's origin and path;
 * relative ones come as `oslc/os/…` (`relativeuri=1`, IBM's apps). No `..`, no `//`, no backslash.
 */
const pathBelow = (address: string, base: BaseUrl): string | null => {
  if (/[\\\s]|\.\.|%2e%2e/i.test(address.split('?', 1)[0] ?? '')) return null
  const root = `${base.href}/`
  const rootPath = `${base.path}/`
  const below = address.startsWith(root)
    ? address.slice(root.length)
    : address.startsWith(rootPath)
      ? address.slice(rootPath.length)
      : address
  const found = /^(?:api|oslc)\/(.*)$/s.exec(below)
  return found?.[1] ?? null
}

/** `_` and base64 with its `+/=` replaced, or the numeric unique id (maximo-api §3.1). */
const RESOURCE_ID = /^_[A-Za-z0-9_=-]{2,400}$/
const RECORD_PATH = /^os\/([A-Za-z0-9_]{1,30})\/(_[A-Za-z0-9_=-]{2,400}|\d{1,19})(?:\?.*)?$/s
/** Characters that may stand in a query (RFC 3986 §3.4); what is no ASCII is escaped. */
const QUERY = /^[A-Za-z0-9._~%!$&'()*+,;=:@/?-]{1,7500}$/
const WORKFLOW_PATH = /^wf\/([A-Za-z0-9_]{1,80})(?:\?.*)?$/s
const ATTACHMENT_PATH = /^os\/[A-Za-z0-9_]{1,30}\/[A-Za-z0-9_=-]{1,400}\/doclinks\/(\d{1,19})(?:\?.*)?$/is
