import type { ClerkInstance } from '../clerk/instance.ts'

/** The cookies of a request that belong to the session; values as they came. */
export interface SessionCookies {
  /** Suffixed before plain; at most two. */
  readonly tokens: readonly string[]
  readonly refresh: string | null
  readonly devBrowser: string | null
}

export function readSessionCookies(
  header: string | string[] | undefined,
  instance: ClerkInstance,
): SessionCookies {
  const cookies = new Map(
    (typeof header === 'string' ? header : '').split(';').map((pair) => {
      const [name = '', ...rest] = pair.trim().split('=')
      return [name, rest.join('=')] as const
    }),
  )
  const found = (name: string): string | null => {
    const value = cookies.get(name)
    return value === undefined || value === '' ? null : value
  }
  const suffixed = (name: string): string => `${name}_${instance.cookieSuffix}`
  return {
    tokens: [found(suffixed('__session')), found('__session')].filter((token) => token !== null),
    refresh: found(suffixed('__refresh')),
    devBrowser: found(suffixed('__clerk_db_jwt')) ?? found('__clerk_db_jwt'),
  }
}

/**
 * Set-Cookie values from Clerk, made as strict as a portal without Clerk's JavaScript allows: never readable by
 * scripts, `Secure` where the portal is https, `SameSite=Lax` (Strict would lose them in the redirects of a sign-in),
 * and only Clerk's own names, so that nothing of ours can be overwritten.
 */
export function hardened(directives: readonly string[], publicOrigin: string): string[] {
  const isHttps = publicOrigin.startsWith('https:')
  return directives.filter(isClerkCookie).map((directive) => {
    const attributes = directive.split(';').map((part) => part.trim().toLowerCase())
    const lacks = (name: string): boolean =>
      !attributes.some((part) => part === name || part.startsWith(`${name}=`))
    return [
      directive,
      lacks('httponly') ? '; HttpOnly' : '',
      isHttps && lacks('secure') ? '; Secure' : '',
      lacks('samesite') ? '; SameSite=Lax' : '',
    ].join('')
  })
}

/** Forgets the session on this host; the browser's identity stays, as at Clerk. */
export function clearedCookies(instance: ClerkInstance, publicOrigin: string): string[] {
  const suffixed = (name: string): string => `${name}_${instance.cookieSuffix}`
  const gone = ['__session', suffixed('__session'), suffixed('__refresh')].map(
    (name) => `${name}=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT`,
  )
  const signedOut = ['__client_uat', suffixed('__client_uat')].map(
    (name) => `${name}=0; Path=/; Max-Age=31536000`,
  )
  return hardened([...gone, ...signedOut], publicOrigin)
}

const isClerkCookie = (directive: string): boolean =>
  /^__(session|refresh|client|clerk)[\w-]*=/.test(directive)
