import type { SimulatorRules } from '../rules.ts'

/** Makes the addresses of one answer. */
export interface Hrefs {
  /** `os/mxapiasset/_MTE…` below the prefix this answer uses. */
  readonly to: (path: string) => string
}

/**
 * Relative addresses have neither host nor `/maximo`; absolute ones use `x-public-uri` when the caller sent it, else
 * the configured address with the `/oslc` context, whichever context was called (maximo-api §1.1).
 */
export function hrefsFor(
  request: {
    readonly context: 'oslc' | 'api'
    readonly isRelative: boolean
    readonly publicUri: string | null
    readonly origin: string
  },
  rules: SimulatorRules,
): Hrefs {
  const prefix = request.isRelative
    ? relativePrefix(request.context, rules)
    : (request.publicUri ?? rules.webAppUrl ?? `${request.origin}/maximo/oslc`).replace(/\/$/, '')
  return { to: (path) => (path === '' ? prefix : `${prefix}/${path}`) }
}

const relativePrefix = (context: 'oslc' | 'api', rules: SimulatorRules): string =>
  rules.relativePrefix === 'called' ? context : 'oslc'
