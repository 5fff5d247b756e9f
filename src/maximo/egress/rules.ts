import { addressOfHost, isInRanges, isLoopback, isPublic } from '../../kernel/egress/address.ts'
import { isPlainHostName, isWebPort } from '../../kernel/egress/host.ts'
import type { Result } from '../../kernel/result.ts'
import { err, ok } from '../../kernel/result.ts'

/** Where requests may go. Operator's choice: nothing here comes from a user. */
export interface EgressRules {
  /** Private or special-use ranges that are allowed: `10.0.0.0/8`. Invalid ones throw a RangeError where used. */
  readonly allowCidrs: readonly string[]
  /** `http:` and loopback addresses: for development, never in production. */
  readonly allowLoopbackHttp: boolean
}

export interface BaseUrl {
  /** `https://host[:port]/path`, no trailing slash. */
  readonly href: string
  readonly origin: string
  readonly host: string
  readonly path: string
}

export interface UrlProblem {
  readonly reason:
    | 'not_a_url'
    | 'scheme'
    | 'userinfo'
    | 'query_or_fragment'
    | 'host'
    | 'port'
    | 'path'
    | 'address_not_allowed'
  /** A sentence of ours that repeats nothing of the input. */
  readonly message: string
}

/**
 * Checks what a person typed as the address of their Maximo, without asking the network. No path means `/maximo`;
 * a trailing `/oslc` or `/api` is cut. Names are judged again when they resolve and when the socket stands.
 * @throws RangeError when a range of the rules is none
 */
export const checkBaseUrl = (text: string, rules: EgressRules): Result<BaseUrl, UrlProblem> =>
  checkUrl(text, rules, basePath)

const checkUrl = (
  text: string,
  rules: EgressRules,
  readPath: (typed: string) => string | null,
): Result<BaseUrl, UrlProblem> => {
  const typed = text.trim()
  const parts = URL_PARTS.exec(typed)?.groups
  if (parts === undefined || !URL.canParse(typed)) return no('not_a_url')
  const { authority = '', path: typedPath = '', rest = '' } = parts
  const url = new URL(typed)
  const path = readPath(typedPath)
  const reason = formReason(authority, rest)
  if (reason !== null) return no(reason)
  return path === null ? no('path') : checkAddress(url, { authority, path, rules })
}

/**
 * Checks the address of a token endpoint by the same rules; only its path may be longer and hold dots.
 * @throws RangeError when a range of the rules is none
 */
export const checkTokenUrl = (text: string, rules: EgressRules): Result<BaseUrl, UrlProblem> =>
  checkUrl(text, rules, (typed) => (TOKEN_PATH.test(typed) && !DOTS_ONLY.test(typed) ? typed : null))

interface Typed {
  readonly authority: string
  readonly path: string
  readonly rules: EgressRules
}

const checkAddress = (url: URL, { authority, path, rules }: Typed): Result<BaseUrl, UrlProblem> => {
  const reason = hostReason(url, authority, rules) ?? schemeReason(url, rules) ?? portReason(url, rules)
  if (reason !== null) return no(reason)
  return ok({ href: `${url.origin}${path}`, origin: url.origin, host: url.host, path })
}

const formReason = (authority: string, rest: string): UrlProblem['reason'] | null => {
  if (authority.includes('@')) return 'userinfo'
  // Letters that only look like a host's, or that the parser would turn into others.
  if (!/^[\x21-\x7e]+$/.test(authority)) return 'host'
  return rest === '' ? null : 'query_or_fragment'
}

const hostReason = (url: URL, typed: string, rules: EgressRules): UrlProblem['reason'] | null => {
  const host = url.hostname
  const address = addressOfHost(host)
  if (address !== null) return literalReason(address, typed, url, rules)
  if (isLoopbackName(host)) return rules.allowLoopbackHttp ? null : 'address_not_allowed'
  return isPlainHostName(host) ? null : 'host'
}

/** An IP literal must be written as it is read (`0x7f.1`, `2130706433`, `017700000001` are disguises) and be named by the operator. */
const literalReason = (
  address: string,
  typed: string,
  url: URL,
  rules: EgressRules,
): UrlProblem['reason'] | null => {
  const typedHost = typed.replace(/:\d*$/, '')
  if (typedHost.toLowerCase() !== url.hostname) return 'host'
  if (isInRanges(address, rules.allowCidrs)) return null
  if (isLoopback(address) && rules.allowLoopbackHttp) return null
  // A public address has no certificate worth the name: a name is asked for.
  return isPublic(address) ? 'host' : 'address_not_allowed'
}

const schemeReason = (url: URL, rules: EgressRules): UrlProblem['reason'] | null => {
  if (url.protocol === 'https:') return null
  return url.protocol === 'http:' && rules.allowLoopbackHttp && isLoopbackHost(url.hostname) ? null : 'scheme'
}

const portReason = (url: URL, rules: EgressRules): UrlProblem['reason'] | null => {
  const port = url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port)
  if (rules.allowLoopbackHttp && isLoopbackHost(url.hostname) && port >= 1024) return null
  return isWebPort(port) ? null : 'port'
}

const basePath = (typed: string): string | null => {
  const path = typed.replace(/\/+$/, '').replace(/\/(oslc|api)$/i, '')
  if (path === '') return '/maximo'
  return BASE_PATH.test(path) ? path : null
}

const isLoopbackName = (host: string): boolean => host === 'localhost' || host.endsWith('.localhost')

const isLoopbackHost = (host: string): boolean => {
  const address = addressOfHost(host)
  return address === null ? isLoopbackName(host) : isLoopback(address)
}

const no = (reason: UrlProblem['reason']): { readonly ok: false; readonly error: UrlProblem } =>
  err({ reason, message: MESSAGES[reason] })

const MESSAGES: Record<UrlProblem['reason'], string> = {
  not_a_url: 'Write the whole address, like https://maximo.example.com/maximo.',
  scheme: 'The address must start with https://.',
  userinfo: 'The address must not contain a user name or password.',
  query_or_fragment: 'The address must not contain “?” or “#”: only scheme, host and path.',
  host: 'The host must be a plain name like maximo.example.com.',
  port: 'This port is not one that Maximo is served on.',
  path: 'The path must be plain, like /maximo.',
  address_not_allowed: 'The operator of this service has not allowed this network.',
}

/** Scheme, authority and path as typed: the URL parser would forgive backslashes, tabs and missing slashes. */
const URL_PARTS = /^https?:\/\/(?<authority>[^/\\\s?#]+)(?<path>[^\\\s?#]*)(?<rest>[?#].*)?$/i
/** Up to three plain segments; no dots, so no `..`, no `;jsessionid`, no percent-encoding. */
const BASE_PATH = /^(\/[A-Za-z0-9_-]{1,64}){1,3}$/
/** `/realms/x/protocol/openid-connect/token`, `/<tenant>/oauth2/v2.0/token`. */
const TOKEN_PATH = /^(\/[A-Za-z0-9_.~-]{1,64}){1,8}$/
const DOTS_ONLY = /\/\.{1,2}(\/|$)/
