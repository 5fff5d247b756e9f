import { isPlainHostName, isWebPort } from '../../../kernel/egress/host.ts'

/** A client id that looks like an address is one: it is never looked for among the registered ones. */
export const isDocumentId = (clientId: string): boolean => clientId.startsWith('https:')

/**
 * The address of a client id metadata document, or `null` where it is none. It must be written exactly as a URL parser
 * writes it, so that numeric hosts, dot segments, backslashes, tabs, default ports and other letter cases never reach the
 * network. `.localhost` names and IP literals are no plain host names.
 */
export function readDocumentUrl(clientId: string): URL | null {
  const url = readRemoteUrl(clientId)
  return url !== null && !clientId.includes('?') && url.pathname !== '/' ? url : null
}

/** The same for a key set, which may have a query. */
export function readRemoteUrl(text: string): URL | null {
  if (text.length > MAX_CHARS || !WRITTEN_PLAINLY.test(text)) return null
  const url = URL.parse(text)
  return url?.href === text && isPublicLooking(url) ? url : null
}

function isPublicLooking({ hostname, port }: URL): boolean {
  return (
    isPlainHostName(hostname) &&
    !hostname.endsWith('.localhost') &&
    isWebPort(port === '' ? 443 : Number(port))
  )
}

/** `https://`, a host without user info, a path: printable ASCII with neither backslash nor fragment. */
const WRITTEN_PLAINLY = /^https:\/\/[^@/?#\\]+\/[\x21-\x22\x24-\x5B\x5D-\x7E]*$/
const MAX_CHARS = 512
