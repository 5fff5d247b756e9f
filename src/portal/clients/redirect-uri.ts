import { err, ok, type Result } from '../../kernel/result.ts'

/** Why a redirect URI cannot be registered. For the error description: none of it is secret. */
export type RedirectUriProblem =
  | 'too_long'
  | 'not_printable_ascii'
  | 'not_a_url'
  | 'fragment'
  | 'userinfo'
  | 'host_ambiguous'
  | 'scheme_refused'
  /** A private-use scheme that is not on the list. */
  | 'scheme_not_listed'

/** Private-use schemes (RFC 8252 §7.1) of clients that exist; any other could start a program nobody meant. */
const PRIVATE_SCHEMES = ['cursor', 'vscode', 'vscode-insiders', 'claude', 'windsurf', 'zed']
/** Schemes that browsers or systems act upon by themselves: whoever asks for one means harm. */
const FORBIDDEN_SCHEMES =
  'javascript data vbscript file blob filesystem intent about view-source ftp ws wss'.split(' ')
const LOOPBACK_HOSTS = ['127.0.0.1', '[::1]', 'localhost']
const MAX_CHARS = 1024

/**
 * Whether a client may register this redirect URI: https anywhere, http on a literal loopback host, or a private-use
 * scheme of the list. What is registered is what is compared later, byte for byte, so whatever a browser would read
 * otherwise than we do (backslash, user info, numeric host forms, control characters) never gets in.
 */
export function checkRedirectUri(raw: string): Result<URL, RedirectUriProblem> {
  if (raw.length > MAX_CHARS) return err('too_long')
  if (!/^[\x21-\x5B\x5D-\x7E]+$/.test(raw)) return err('not_printable_ascii') // no space, no control, no backslash
  if (raw.includes('#')) return err('fragment') // RFC 6749 §3.1.2
  const url = URL.parse(raw)
  if (url === null) return err('not_a_url')
  const scheme = url.protocol.slice(0, -1)
  if (PRIVATE_SCHEMES.includes(scheme)) return raw.startsWith(`${scheme}:/`) ? ok(url) : err('not_a_url')
  if (scheme !== 'https' && scheme !== 'http')
    return err(FORBIDDEN_SCHEMES.includes(scheme) ? 'scheme_refused' : 'scheme_not_listed')
  return checkWebUri(raw, url)
}

function checkWebUri(raw: string, url: URL): Result<URL, RedirectUriProblem> {
  const authority = /^https?:\/\/([^/?]*)/.exec(raw)?.[1]
  if (authority === undefined) return err('not_a_url')
  if (authority.includes('@')) return err('userinfo')
  const host = authority.replace(/:\d{1,5}$/, '')
  if (host.toLowerCase() !== url.hostname || authority.endsWith(':')) return err('host_ambiguous')
  if (url.protocol === 'http:' && !LOOPBACK_HOSTS.includes(host)) return err('scheme_refused')
  return ok(url)
}

/**
 * Exact comparison of raw strings, with the one exception of RFC 8252 §7.3: for http on the same literal loopback host
 * the port does not count. `localhost` and `127.0.0.1` are different hosts.
 */
export function redirectUriMatches(registered: string, asked: string): boolean {
  if (registered === asked) return true
  const left = LOOPBACK_URI.exec(registered)
  const right = LOOPBACK_URI.exec(asked)
  if (left === null || right === null) return false
  return left[1] === right[1] && left[3] === right[3] && isPort(left[2]) && isPort(right[2])
}

const LOOPBACK_URI =
  /^http:\/\/(127\.0\.0\.1|\[::1\]|localhost)(?::([0-9]{1,5}))?((?:[/?][\x21-\x22\x24-\x5B\x5D-\x7E]*)?)$/

const isPort = (digits: string | undefined): boolean =>
  digits === undefined || (Number(digits) > 0 && Number(digits) <= 65_535 && !digits.startsWith('0'))

/** Where a redirect leads, for the person who decides: a host with its port, or the program a private scheme starts. */
export function describeRedirect(redirectUri: string): string {
  const url = new URL(redirectUri)
  return url.protocol === 'https:' || url.protocol === 'http:' ? url.host : `${url.protocol}//${url.host}`
}

/** Whether the code goes to a program on the person's own machine, which no certificate can name. */
export const isLocalRedirect = (redirectUri: string): boolean =>
  !redirectUri.startsWith('https:') || LOOPBACK_HOSTS.includes(new URL(redirectUri).hostname)

/** The address that carries the answer back; what the client put in the query stays (RFC 6749 §3.1.2). */
export function withAnswer(
  redirectUri: string,
  answer: Readonly<Record<string, string | undefined>>,
): string {
  const params = new URLSearchParams()
  for (const [name, value] of Object.entries(answer)) if (value !== undefined) params.set(name, value)
  return `${redirectUri}${redirectUri.includes('?') ? '&' : '?'}${params.toString()}`
}
