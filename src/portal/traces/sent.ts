/** Parameters whose values say nothing that opens anything: RFC 6749, 7591, 7636, 8707. */
const SHOWN = new Set([
  'application_type',
  'client_id',
  'client_name',
  'client_uri',
  'code_challenge_method',
  'error',
  'grant_type',
  'grant_types',
  'prompt',
  'redirect_uri',
  'redirect_uris',
  'resource',
  'response_mode',
  'response_type',
  'response_types',
  'scope',
  'software_id',
  'software_version',
  'token_endpoint_auth_method',
  'token_type_hint',
])
const MAX_NAMES = 30
const MAX_NAME = 60
const MAX_VALUE = 1000

/**
 * What a client sent, fit to be kept and shown: known harmless parameters by value, all others by their length. A long
 * opaque run is hidden even there, because people paste tokens into every field.
 *
 * @param raw a parsed query, form or JSON body
 */
export function describeSent(raw: unknown): Record<string, string> {
  if (typeof raw !== 'object' || raw === null) return {}
  const names = Object.entries(raw)
  const described = names
    .slice(0, MAX_NAMES)
    .map(([name, value]) => [tidy(name).slice(0, MAX_NAME), describe(name, value)] as const)
  const rest = names.length - described.length
  return Object.fromEntries(rest > 0 ? [...described, ['and others', String(rest)]] : described)
}

function describe(name: string, value: unknown): string {
  if (!SHOWN.has(name)) return lengthOf(value)
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return hideOpaque(tidy(text)).slice(0, MAX_VALUE)
}

const lengthOf = (value: unknown): string => {
  if (Array.isArray(value)) return `(sent ${value.length} times)`
  return typeof value === 'string' ? `(${value.length} characters)` : '(not text)'
}

/** Tokens, secrets and codes of ours have 43 characters at least; ids and file names have fewer. */
export const hideOpaque = (text: string): string =>
  text.length < 40
    ? text
    : text.replace(/[A-Za-z0-9_-]{40,}(?:\.[A-Za-z0-9_-]*)*/g, (run) => `(${run.length} characters)`)

/** Control, bidirectional and other invisible characters become visible. */
export const tidy = (text: string): string =>
  PLAIN.test(text) ? text : text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\u{FFFD}')

/** What most texts are. */
const PLAIN = /^[\x20-\x7E]*$/
