import { BmxError } from '../errors.ts'
import { parseWhere, type Term } from '../where/parse-where.ts'

/** A request as it stood on the wire. */
export interface WireRequest {
  readonly method: string
  /** Path and query as sent. */
  readonly target: string
  /** Names and values by turns, as they came. */
  readonly rawHeaders: readonly string[]
}

/**
 * What a careful client never does, whatever is asked of it:
 * - `proof` two credentials at once, or one twice; a key in an address
 * - `cookie` a cookie beside a credential, since Maximo prefers a session without a user to the key beside it (maximo-api
 *   §1.2), or anywhere but in a walk through an answer that Maximo keeps with the session, and at its end
 * - `merge` a PATCH, SYNC or BULK that does not merge: child rows that it leaves out could go (maximo-api §4.2)
 * - `host` a request to another host than that of the environment, which `x-public-uri` names
 * - `escape` a byte in the address that could end a value, or a parameter twice
 * - `clause` a where clause that a strict parser refuses, or a value in it that means something to the server
 * - `probe` the mark of a hand-made request on one of the product's own
 */
export type WireRule = 'proof' | 'cookie' | 'merge' | 'host' | 'escape' | 'clause' | 'probe'

export interface Breach {
  readonly rule: WireRule
  /** Which request, without its credential. */
  readonly request: string
}

/** What a request breaks; hand-made ones of a test say so by `x-simulator-probe` and break nothing. */
export function breachesOf(request: WireRequest): readonly Breach[] {
  const headers = new SentHeaders(request.rawHeaders)
  if (headers.has('x-simulator-probe') && !headers.isOfProduct()) return []
  const broken = RULES.filter(([, isBroken]) => isBroken(request, headers))
  return broken.map(([rule]) => ({ rule, request: `${request.method} ${withoutKey(request.target)}` }))
}

type Check = (request: WireRequest, headers: SentHeaders) => boolean

const RULES: readonly (readonly [WireRule, Check])[] = [
  ['proof', ({ target }, headers) => headers.count(...PROOFS) > 1 || /[?&]apikey=/i.test(target)],
  [
    'cookie',
    ({ target }, headers) =>
      headers.has('cookie') && (headers.count(...PROOFS) > 0 || !NEEDS_SESSION.test(target)),
  ],
  ['merge', ({ method }, headers) => losesRows(method, headers)],
  ['host', (_, headers) => !headers.isAtHome()],
  ['escape', ({ target }) => !ADDRESS.test(target) || repeatsParameter(target)],
  ['clause', ({ target }) => clausesIn(target).some(isUnsafe)],
  ['probe', (_, headers) => headers.has('x-simulator-probe')],
]

const NEEDS_SESSION = /[?&]stableId=|^\/maximo\/oslc\/logout\?/
const PROOFS = ['apikey', 'maxauth', 'authorization']

class SentHeaders {
  readonly #all: readonly (readonly [name: string, value: string])[]

  constructor(raw: readonly string[]) {
    this.#all = raw.flatMap((name, at) =>
      at % 2 === 0 ? [[name.toLowerCase(), raw[at + 1] ?? ''] as const] : [],
    )
  }

  /** How often headers of these names came. */
  count(...names: readonly string[]): number {
    return this.#all.filter(([name]) => names.includes(name)).length
  }

  has(name: string): boolean {
    return this.count(name) > 0
  }

  /** In upper case; null when absent or repeated. */
  only(name: string): string | null {
    const values = this.#all.filter((header) => header[0] === name)
    return values.length === 1 ? (values[0]?.[1].toUpperCase() ?? null) : null
  }

  isOfProduct(): boolean {
    return this.only('user-agent') === 'MAXIMO-MCP'
  }

  isAtHome(): boolean {
    const home = this.only('x-public-uri')
    if (home === null || !URL.canParse(home)) return false
    return new URL(home).host === this.only('host')?.toLowerCase()
  }
}

function losesRows(method: string, headers: SentHeaders): boolean {
  const override = headers.only('x-method-override')
  if (headers.has('x-method-override') && override === null) return true
  const changes = method === 'PATCH' || override === 'PATCH' || override === 'SYNC' || override === 'BULK'
  return changes && headers.only('patchtype') !== 'MERGE'
}

/** Plain segments, and lookups; names and values of unreserved characters (RFC 3986 §2.3), `*`, and percent escapes alone. */
const ADDRESS =
  /^(\/(getlist~)?[A-Za-z0-9_=-]*)+(\?([\w.:~*-]+=([\w.~*-]|%[0-9A-F]{2})*(&[\w.:~*-]+=([\w.~*-]|%[0-9A-F]{2})*)*)?)?$/

const parametersIn = (target: string): URLSearchParams =>
  new URLSearchParams(target.split('?').slice(1).join('?'))

const repeatsParameter = (target: string): boolean => {
  const names = [...parametersIn(target).keys()]
  return new Set(names).size < names.length
}

const clausesIn = (target: string): readonly string[] =>
  [...parametersIn(target)].filter(([name]) => /(^oslc|\.)\.?where$/.test(name)).map(([, clause]) => clause)

function isUnsafe(clause: string): boolean {
  try {
    return parseWhere(clause).some(hasUnsafeText)
  } catch (error) {
    if (error instanceof BmxError) return true
    throw error
  }
}

function hasUnsafeText(term: Term): boolean {
  if (term.kind === 'nested') return term.terms.some(hasUnsafeText)
  const literals = term.kind === 'in' ? term.literals : [term.literal]
  return literals.some(({ kind, value }) => kind === 'text' && UNSAFE.test(value))
}

/** Controls, what may be an escape, and a server variable such as `&USERNAME&` (maximo-api §2.2). */
const UNSAFE = /[\p{Cc}\p{Cs}\\]|&\s*\w+\s*&/u

const withoutKey = (target: string): string => target.replaceAll(/(apikey=)[^&]*/gi, '$1…')
