/** Scopes of the product (design §8), in the order in which they are always written. `offline_access` is the portal's alone. */
export const SCOPE_NAMES = [
  'maximo:read',
  'maximo:write',
  'maximo:finance',
  'maximo:apm',
  'maximo:admin',
] as const
export type ScopeName = (typeof SCOPE_NAMES)[number]

/**
 * The hierarchy, whole: who may write may read; finance, APM and administration see what reading sees; administration
 * does not write. Nothing else is implied.
 */
export const IMPLIED_SCOPES: Readonly<Record<ScopeName, readonly ScopeName[]>> = {
  'maximo:read': [],
  'maximo:write': ['maximo:read'],
  'maximo:finance': ['maximo:read'],
  'maximo:apm': ['maximo:read'],
  'maximo:admin': ['maximo:read'],
}
