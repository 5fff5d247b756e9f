import { IMPLIED_SCOPES, type ScopeName } from '../../crypto/scopes.ts'

/** A scope that a tool reads today, in the words of the consent page. */
export interface ScopeRow {
  readonly scope: ScopeName
  readonly aliases: readonly string[]
  readonly means: string
}

/** Only what does something now is here, and only what is here is advertised, granted or shown. */
const SCOPES: readonly ScopeRow[] = [
  {
    scope: 'maximo:read',
    aliases: ['maximo_read'],
    means: 'Read what your Maximo user may read: work orders, assets, locations and other records',
  },
  {
    scope: 'maximo:write',
    aliases: ['maximo_write'],
    means:
      'Plan changes in Maximo, and write them: notes and readings at once, everything else when a person has agreed',
  },
  {
    scope: 'maximo:finance',
    aliases: [],
    means:
      'Read purchasing: requisitions, orders, invoices; where changes are allowed, plan changes of these too',
  },
]
const OFFLINE_ACCESS = 'offline_access'
const DEFAULT_SCOPE = 'maximo:read'

/** `scopes_supported` of the metadata. */
export const ADVERTISED_SCOPES: readonly string[] = [...SCOPES.map((row) => row.scope), OFFLINE_ACCESS]

/** What an owner can give a token by hand. */
export const GRANTABLE_SCOPES: readonly Pick<ScopeRow, 'scope' | 'means'>[] = SCOPES

export interface AskedScopes {
  /** Scopes of a token, space separated, in the order of our own table. */
  readonly scope: string
  /** The client asked to stay connected in so many words; it is told so in the answer's `scope`. */
  readonly offline: boolean
}

/**
 * Unknown scopes are dropped (RFC 6749 §3.3 lets the server narrow; the answer says what was granted). Nothing known
 * left means the default, because many clients ask for nothing. What a scope implies is granted and shown with it, so
 * that a client which asks for more after a challenge never ends up with less.
 */
export function readScopes(raw: string | undefined, rows: readonly ScopeRow[] = SCOPES): AskedScopes {
  const asked = new Set((raw ?? '').split(' '))
  const known = rows.filter((row) => [row.scope, ...row.aliases].some((name) => asked.has(name)))
  const held = withImplied(known.map((row) => row.scope))
  const scopes = rows.map((row) => row.scope).filter((scope) => held.has(scope))
  return {
    scope: scopes.length === 0 ? DEFAULT_SCOPE : scopes.join(' '),
    offline: asked.has(OFFLINE_ACCESS),
  }
}

const withImplied = (scopes: readonly string[]): ReadonlySet<string> =>
  new Set(scopes.flatMap((scope) => [scope, ...(isScopeName(scope) ? IMPLIED_SCOPES[scope] : [])]))

const isScopeName = (name: string): name is ScopeName => Object.hasOwn(IMPLIED_SCOPES, name)

/** What a code or a refresh token stands for, in one string: `offline_access` last where it was asked for. */
export const joinOffline = (asked: AskedScopes): string =>
  asked.offline ? `${asked.scope} ${OFFLINE_ACCESS}` : asked.scope

/** The way back from {@link joinOffline}. */
export function splitOffline(joined: string): AskedScopes {
  const scopes = joined.split(' ')
  return {
    scope: scopes.filter((name) => name !== OFFLINE_ACCESS).join(' '),
    offline: scopes.includes(OFFLINE_ACCESS),
  }
}

/** Whether a client gets a refresh token: it asked for it by scope, or it registered the grant type. */
export const staysConnected = (client: { readonly grantTypes: readonly string[] }, joined: string): boolean =>
  splitOffline(joined).offline || client.grantTypes.includes('refresh_token')

/** A narrower scope for one access token (RFC 6749 §6), or `null` when it asks for more than was granted. */
export function narrowScope(raw: string | undefined, granted: string): string | null {
  if (raw === undefined || raw.trim() === '') return granted
  const held = new Set(granted.split(' '))
  const asked = raw.split(' ').filter((name) => name !== '' && name !== OFFLINE_ACCESS)
  const canonical = asked.map((name) => SCOPES.find((row) => row.aliases.includes(name))?.scope ?? name)
  if (canonical.some((name) => !held.has(name))) return null
  return canonical.length === 0 ? granted : [...new Set(canonical)].join(' ')
}

/** What the consent page says about each scope. */
export const scopesInWords = (scope: string): readonly string[] => {
  const held = new Set(scope.split(' '))
  return SCOPES.filter((row) => held.has(row.scope)).map((row) => row.means)
}
