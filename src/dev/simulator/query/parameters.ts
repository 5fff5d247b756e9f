import { badParameter, BmxError, notSimulated } from '../errors.ts'

/** The decoded parameters of a request, in the caller's order. Of a repeated one the first counts. */
export interface Parameters {
  /** As sent, without the API key: what `responseInfo.href` repeats. */
  readonly raw: string
  readonly entries: readonly (readonly [string, string])[]
  get(name: string): string | null
  /** `1` or `true`. */
  has(name: string): boolean
}

/**
 * Reads a query string. Parameter names are case-sensitive and unknown ones are ignored, as in Maximo.
 *
 * @throws BmxError for a broken percent escape, and 501 for documented parameters that are not simulated: ignoring them
 *   would answer the wrong rows.
 */
export function parseParameters(query: string): Parameters {
  const parts = query.split('&').filter((part) => part !== '')
  const entries = parts.map((part) => {
    const at = part.indexOf('=')
    return at === -1
      ? ([decode(part), ''] as const)
      : ([decode(part.slice(0, at)), decode(part.slice(at + 1))] as const)
  })
  for (const [name] of entries) if (NOT_SIMULATED.test(name)) throw notSimulated(`the parameter ${name}`)
  const values = new Map(entries.toReversed())
  const get = (name: string): string | null => values.get(name) ?? null
  return {
    raw: parts.filter((part) => !part.startsWith('apikey=')).join('&'),
    entries,
    get,
    has: (name) => get(name) === '1' || get(name) === 'true',
  }
}

const NOT_SIMULATED =
  /^(tlrange|tlattribute|attributesearch|querytemplate|fetchmodedelta|_fd|branchfilter|async|responseos|_format|ctx|querylocalized|\w+\.\w+\.tl\w+)$/

function decode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    throw new BmxError(400, null, 'The request contains a broken percent escape.')
  }
}

/** A whole number of at least one, or null when the parameter is absent. @throws BmxError for anything else. */
export function positiveNumber(parameters: Parameters, name: string): number | null {
  const text = parameters.get(name)
  if (text === null) return null
  if (!/^[1-9]\d{0,8}$/.test(text)) throw badParameter(name, text)
  return Number(text)
}
