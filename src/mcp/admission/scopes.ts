import { IMPLIED_SCOPES, SCOPE_NAMES, type ScopeName } from '../../crypto/scopes.ts'

/** Scopes a token may carry at the MCP server. */
export const SCOPES = SCOPE_NAMES
export type Scope = ScopeName

/** Names that other products gave to the same rights; accepted wherever a scope is read. */
const ALIASES: Readonly<Record<string, Scope>> = {
  maximo_read: 'maximo:read',
  maximo_write: 'maximo:write',
  maximo_admin: 'maximo:admin',
  monitor_read: 'maximo:apm',
  health_read: 'maximo:apm',
  predict_read: 'maximo:apm',
}

export const isScope = (name: string): name is Scope => (SCOPES as readonly string[]).includes(name)

/** Everything that a space-separated scope string allows, by the hierarchy. Unknown names allow nothing. */
export function allowedScopes(scope: string): ReadonlySet<Scope> {
  const named = scope
    .split(' ')
    .map((name) => (Object.hasOwn(ALIASES, name) ? ALIASES[name] : name))
    .filter((name): name is Scope => name !== undefined && isScope(name))
  return new Set(named.flatMap((name) => [name, ...IMPLIED_SCOPES[name]]))
}

/** Whether a scope name means something to this product, the portal's own `offline_access` included. */
export const isKnownScope = (name: string): boolean =>
  isScope(name) || Object.hasOwn(ALIASES, name) || name === 'offline_access'

/** The demanded scopes that are not allowed, in the order of {@link SCOPES}. */
export const missingScopes = (allowed: ReadonlySet<Scope>, demanded: readonly Scope[]): readonly Scope[] =>
  SCOPES.filter((scope) => demanded.includes(scope) && !allowed.has(scope))

/** What a client without a token asks for: the least that shows anything. It asks for more when a tool says so. */
export const DEFAULT_SCOPE: Scope = 'maximo:read'
