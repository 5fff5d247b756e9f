import { BmxError } from '../errors.ts'
import { isList, type Json, type JsonObject } from '../render/json.ts'

/** A record as it was sent, under lean names. */
export type Payload = JsonObject

/**
 * Reads the JSON of a request body.
 *
 * @throws BmxError 415 BMXAA8823E for another content type, 400 for what is no JSON.
 */
export function readJson(body: Buffer, contentType: string): Json {
  if (contentType !== '' && !/^(application|text)\/([\w.+-]+\+)?json\b/i.test(contentType)) {
    throw new BmxError(415, 'BMXAA8823E', `The content type ${contentType} is not supported.`)
  }
  try {
    // Whatever JSON.parse makes is JSON.
    return JSON.parse(body.toString('utf8')) as Json
  } catch {
    throw new BmxError(400, null, 'The request body is not valid JSON.')
  }
}

/** @throws BmxError unless the body is one JSON object. */
export function readRecord(json: Json, isLean: boolean): Payload {
  if (!isRecord(json)) throw new BmxError(400, null, 'The request body is not a JSON object.')
  return isLean ? json : withoutPrefixes(json)
}

/** @throws BmxError unless the body is an array of JSON objects. */
export function readRecords(json: Json, isLean: boolean): Payload[] {
  if (!isList(json)) throw new BmxError(400, null, 'The request body is not a JSON array.')
  return json.map((one) => readRecord(one, isLean))
}

export const isRecord = (json: Json | undefined): json is JsonObject =>
  typeof json === 'object' && json !== null && !isList(json)

/** The string member of this name, or null. */
export function textIn(payload: Payload, name: string): string | null {
  const value = payload[name]
  return typeof value === 'string' ? value : null
}

/** Without `lean` only members with a prefix count; the rest is dropped in silence (maximo-api §4.2). */
const withoutPrefixes = (json: JsonObject): JsonObject =>
  Object.fromEntries(
    Object.entries(json).flatMap(([name, value]): [string, Json][] => {
      const lean = leanName(name)
      return lean === null ? [] : [[lean, withoutPrefixesIn(value)]]
    }),
  )

function withoutPrefixesIn(value: Json): Json {
  if (isList(value)) return value.map(withoutPrefixesIn)
  return isRecord(value) ? withoutPrefixes(value) : value
}

function leanName(name: string): string | null {
  if (name === 'rdf:about' || name === 'rdf:resource') return 'href'
  if (name.startsWith('_') || name === 'localref') return name
  return name.startsWith('spi:') ? name.slice('spi:'.length) : null
}
