import type { z } from 'zod'
import { err, ok, type Result } from '../kernel/result.ts'

/** Reads JSON that means one thing: valid UTF-8, no member named twice (RFC 8725 §2.4), none named `__proto__`. */
export function readStrictJson(bytes: Uint8Array | string): Result<unknown, 'malformed'> {
  try {
    const text = typeof bytes === 'string' ? bytes : UTF8.decode(bytes)
    const value: unknown = JSON.parse(text)
    // What JSON.stringify gives back unchanged holds no member twice; only foreign spelling is scanned.
    const isOurSpelling = JSON.stringify(value) === text && !text.includes('"__proto__"')
    return isOurSpelling || !hasAmbiguousMember(text) ? ok(value) : err('malformed')
  } catch {
    return err('malformed')
  }
}

/** The same, then a schema. */
export function readPayload<T>(bytes: Uint8Array, schema: z.ZodType<T>): Result<T, 'payload_malformed'> {
  const json = readStrictJson(bytes)
  if (!json.ok) return err('payload_malformed')
  const parsed = schema.safeParse(json.value)
  return parsed.success ? ok(parsed.data) : err('payload_malformed')
}

/** `json` must be valid; then a string before a colon is a member name, wherever it stands. */
function hasAmbiguousMember(json: string): boolean {
  const open: Set<unknown>[] = []
  for (const [token, name] of json.matchAll(TOKENS)) {
    if (name !== undefined) {
      const member: unknown = JSON.parse(name)
      const members = open.at(-1)
      if (member === '__proto__' || members?.has(member) === true) return true
      members?.add(member)
    } else if (OPENING.has(token)) open.push(new Set())
    else if (CLOSING.has(token)) open.pop()
  }
  return false
}

const OPENING = new Set(['{', '['])
const CLOSING = new Set(['}', ']'])
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const STRING = String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`
const TOKENS = new RegExp(String.raw`(${STRING})(?=\s*:)|${STRING}|[{}[\]]`, 'g')
