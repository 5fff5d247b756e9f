import type { PageRequest } from './sessions.ts'

/**
 * Whether a form post came from a page of ours: `Origin` must be exactly the configured origin, and `Sec-Fetch-Site`,
 * which every current browser sends, `same-origin`. A missing `Origin` is a refusal.
 */
export function isOwnForm(request: PageRequest, publicOrigin: string): boolean {
  const site = request.headers['sec-fetch-site']
  return request.headers.origin === publicOrigin && (site === undefined || site === 'same-origin')
}
