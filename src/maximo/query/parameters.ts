export type Parameter = readonly [name: string, value: string]

/** Percent-encoded UTF-8, `lean=1` first. `+` and spaces never travel bare: Maximo reads a bare `+` as a space. */
export const renderParameters = (parameters: readonly Parameter[]): string =>
  parameters.reduce((text, [name, value]) => `${text}&${name}=${encode(value)}`, 'lean=1')

/** `encodeURIComponent` leaves `'` and brackets bare; some proxies in front of Maximo object to them. */
const encode = (value: string): string =>
  UNRESERVED.test(value) ? value : encodeURIComponent(value).replace(/['()!]/g, escapeByte)

const escapeByte = (character: string): string => `%${character.charCodeAt(0).toString(16).toUpperCase()}`

const UNRESERVED = /^[A-Za-z0-9._~-]*$/
/** Characters; IBM HTTP Server and most proxies accept 8 KiB of request line. */
export const MAX_QUERY_STRING = 7500
