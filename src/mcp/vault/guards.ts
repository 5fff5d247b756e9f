import type { FastifyRequest } from 'fastify'
import { err, ok, type Result } from '../../kernel/result.ts'

/** Why a request to the vault is not what the vault's own pages, or the portal's button, would send. */
export type GuardRefusal = 'origin' | 'fetch_metadata' | 'no_visit' | 'form_token'

/** A handle comes from a button of the portal, as a navigation of the whole window. */
export function checkFromPortal(request: FastifyRequest, portalUrl: string): Result<void, GuardRefusal> {
  if (request.headers.origin !== portalUrl) return err('origin')
  return isNavigation(request, ['same-site', 'cross-site']) ? ok(undefined) : err('fetch_metadata')
}

/** Everything later comes from a page of our own. */
export function checkFromOurselves(request: FastifyRequest, mcpUrl: string): Result<void, GuardRefusal> {
  if (request.headers.origin !== mcpUrl) return err('origin')
  return isNavigation(request, ['same-origin']) ? ok(undefined) : err('fetch_metadata')
}

/** Reading the owner's list: a link on our pages, or an address typed by hand. */
export const isOwnReading = (request: FastifyRequest): boolean =>
  isNavigation(request, ['same-origin', 'none'])

/**
 * Fetch metadata, where the browser sends it (all current ones do). What a script fetched, or a frame loaded, is no
 * person at our page. Absent headers decide nothing: `Origin` and the visit do.
 */
function isNavigation(request: FastifyRequest, sites: readonly string[]): boolean {
  const expected: readonly (readonly [header: string, values: readonly string[]])[] = [
    ['sec-fetch-site', sites],
    ['sec-fetch-mode', ['navigate']],
    ['sec-fetch-dest', ['document']],
  ]
  return expected.every(([header, values]) => {
    const sent = request.headers[header]
    return sent === undefined || (typeof sent === 'string' && values.includes(sent))
  })
}
