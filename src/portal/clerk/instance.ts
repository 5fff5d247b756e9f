import { createHash } from 'node:crypto'

/** What a publishable key says about its Clerk instance. */
export interface ClerkInstance {
  readonly kind: 'development' | 'production'
  /** Host (and port) of the instance's frontend API, e.g. `clerk.example.com`. */
  readonly frontendApi: string
  /** `iss` of every session token of the instance. */
  readonly issuer: string
  /** Where browsers reach the frontend API: the proxy, if there is one. Belongs into the CSP's `form-action`. */
  readonly frontendOrigin: string
  /** Base address of the frontend API, without a trailing slash. */
  readonly frontendUrl: string
  /** The cookies `__session_<suffix>` and so on belong to this instance alone. */
  readonly cookieSuffix: string
  readonly accountPortalSignInUrl: string
}

/**
 * Reads `pk_test_` or `pk_live_` followed by base64 of `<frontend API>$`.
 *
 * @throws on a key that is not one; the message does not carry it.
 */
export function readInstance(publishableKey: string, proxyUrl?: string): ClerkInstance {
  const [, kind, encoded, ...rest] = publishableKey.split('_')
  const decoded = Buffer.from(encoded ?? '', 'base64').toString('utf8')
  const frontendApi = decoded.slice(0, -1)
  if (
    (kind !== 'test' && kind !== 'live') ||
    rest.length > 0 ||
    !FRONTEND_API.test(frontendApi) ||
    !decoded.endsWith('$')
  )
    throw new Error('CLERK_PUBLISHABLE_KEY is not a publishable key')
  const frontendUrl = (proxyUrl ?? `https://${frontendApi}`).replace(/\/+$/, '')
  return {
    kind: kind === 'test' ? 'development' : 'production',
    frontendApi,
    issuer: `https://${frontendApi}`,
    frontendOrigin: new URL(frontendUrl).origin,
    frontendUrl,
    cookieSuffix: cookieSuffix(publishableKey),
    accountPortalSignInUrl: `${accountPortal(frontendApi)}/sign-in`,
  }
}

/** First eight characters of the key's SHA-1, as Clerk's own libraries name their cookies. Not a security measure. */
function cookieSuffix(publishableKey: string): string {
  return createHash('sha1')
    .update(publishableKey)
    .digest('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 8)
}

/** Development instances have `<name>.clerk.accounts.dev` and `<name>.accounts.dev`, production `clerk.` and `accounts.`. */
function accountPortal(frontendApi: string): string {
  if (frontendApi.endsWith('.clerk.accounts.dev')) return `https://${frontendApi.replace('.clerk.', '.')}`
  return `https://${frontendApi.replace(/^clerk\./, 'accounts.')}`
}

const FRONTEND_API = /^[a-z0-9-]+(\.[a-z0-9-]+)+(:\d{1,5})?$/i
