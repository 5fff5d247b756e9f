import type { ClerkInstance } from '../clerk/instance.ts'
import type { PageRequest } from './sessions.ts'

/**
 * The request as Clerk's library may see it.
 *
 * - The origin is the configured one: the library would believe `Host` and `X-Forwarded-*`, and a stranger's value
 *   would become the address to which the handshake sends the session.
 * - `Authorization` is not passed: it would beat the cookies. Nor is `Referer`, which only matters to satellite
 *   domains and would cost everybody who comes from an MCP client one more round trip.
 * - `__clerk_redirect_url`, a part of the satellite protocol too, is an open redirect that appends the browser's
 *   identity. Handshake results ride in the query of a GET to a development instance only: elsewhere, a link or a form
 *   could sign somebody in as another person.
 */
export function clerkRequest(
  request: PageRequest,
  context: {
    readonly publicOrigin: string
    readonly instance: ClerkInstance
    readonly withoutSession?: boolean
  },
): Request {
  const headers = new Headers()
  for (const name of PASSED_HEADERS) {
    const value = request.headers[name]
    if (typeof value === 'string') headers.set(name, value)
  }
  if (context.withoutSession === true)
    headers.set('cookie', withoutSessionCookies(headers.get('cookie') ?? ''))
  const mayCarryResult = request.method === 'GET' && context.instance.kind === 'development'
  const url = ownUrl(request.url, context.publicOrigin)
  dropParameters(url, mayCarryResult ? SATELLITE_PARAMETERS : [...SATELLITE_PARAMETERS, ...RESULT_PARAMETERS])
  return new Request(url, { method: request.method, headers })
}

/** Path and query on our own origin. Concatenation, so that `//evil.example` stays a path; anything else becomes `/`. */
export function ownUrl(pathAndQuery: string, publicOrigin: string): URL {
  return new URL(publicOrigin + (pathAndQuery.startsWith('/') ? pathAndQuery : '/'))
}

/** Only where one is present: touching the parameters writes the whole query anew (`%20` becomes `+`). */
function dropParameters(url: URL, names: readonly string[]): void {
  for (const name of names) if (url.searchParams.has(name)) url.searchParams.delete(name)
}

function withoutSessionCookies(header: string): string {
  return header
    .split(';')
    .filter((pair) => !pair.trim().startsWith('__session'))
    .join(';')
}

const PASSED_HEADERS = ['accept', 'cookie', 'user-agent', 'sec-fetch-dest', 'sec-fetch-site']
const SATELLITE_PARAMETERS = ['__clerk_redirect_url', '__clerk_synced']
const RESULT_PARAMETERS = ['__clerk_handshake', '__clerk_handshake_nonce', '__clerk_db_jwt', '__dev_session']
