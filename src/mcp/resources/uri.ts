import { err, ok, type Result } from '../../kernel/result.ts'
import type { Values } from './resource.ts'

/** A `maximo:` address taken apart; segments are decoded. */
export interface MaximoUri {
  readonly environment: string
  readonly segments: readonly string[]
}

export const SCHEME = 'maximo:'
/** Below the environment; tools link to it. */
export const SCHEMA_PATH = 'schema/{object}'
const MAX_URI = 2_000
/** RFC 3986: unreserved characters, percent-encoded octets, and the sub-delimiters that a segment may hold. */
const SHAPE = /^maximo:\/\/([A-Za-z0-9_-]{1,64})\/([A-Za-z0-9._~!$&'()*+,;=:@%/-]+)$/

export const uriOf = (environment: string, path: string): string => `${SCHEME}//${environment}/${path}`

/** The address of a resource, which may have a scheme of its own. */
export const absolute = (path: string, environment: string): string =>
  /^[a-z]+:\/\//.test(path) ? path : uriOf(environment, path)

/** An address as a template makes it (RFC 6570, simple expansion): everything but unreserved characters is encoded. */
export const expand = (environment: string, path: string, values: Values): string =>
  uriOf(
    environment,
    path.replaceAll(VARIABLE, (_all, name: string) => encodeSegment(values[name] ?? '')),
  )

const VARIABLE = /\{(\w+)\}/g
const encodeSegment = (value: string): string =>
  encodeURIComponent(value).replace(
    /[!'()*]/g,
    (found) => `%${found.charCodeAt(0).toString(16).toUpperCase()}`,
  )

/**
 * Reads an address strictly: no query, fragment, port or user, no empty, `.` or `..` segment in any spelling, and nothing
 * that hides in it. What is encoded is decoded once. The error says what is wrong with it.
 */
export function readUri(uri: string): Result<MaximoUri, string> {
  if (uri.length > MAX_URI) return err(`it has more than ${MAX_URI} characters`)
  const [, environment, path] = SHAPE.exec(uri) ?? []
  if (environment === undefined || path === undefined)
    return err('it is not of the form maximo://<environment id>/<kind>/…')
  const segments: string[] = []
  for (const raw of path.split('/')) {
    const segment = decoded(raw)
    if (segment === null) return err('its percent-encoding is broken')
    if (segment === '' || /^\.{1,2}$/.test(segment)) return err('it has an empty or a dot segment')
    if (NOT_TEXT.test(segment)) return err('it holds characters that cannot be seen')
    segments.push(segment)
  }
  return ok({ environment, segments })
}

/** Controls, marks that hide or reorder, surrogates without a partner: nothing that names anything in Maximo. */
const NOT_TEXT = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}]/u

function decoded(segment: string): string | null {
  try {
    return decodeURIComponent(segment)
  } catch {
    return null
  }
}

/** The values of a template's variables in an address; null: it is an address of another kind. */
export function match(path: string, segments: readonly string[]): Values | null {
  const parts = path.split('/')
  if (parts.length !== segments.length) return null
  const values: Record<string, string> = {}
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? ''
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined && part !== segment) return null
    if (name !== undefined) values[name] = segment
  }
  return values
}
