const MAX_DEPTH = 32
const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a

/** A body that no message of ours looks like. Fastify answers it with 400. */
class HostileJson extends Error {
  override readonly name = 'HostileJson'
  readonly statusCode = 400
  readonly code: 'JSON_TOO_DEEP' | 'JSON_NAME_TWICE'

  constructor(code: HostileJson['code'], message: string) {
    super(message)
    this.code = code
  }
}

/**
 * One pass over the text, before any parsing: `JSON.parse` of 500,000 open brackets costs half a second, and it takes the
 * last of two members of one name where a proxy that looked first may have taken the other (RFC 8259 §4).
 *
 * @throws HostileJson
 */
export function assertPlain(text: string): void {
  const names: (Set<string> | undefined)[] = []
  let depth = 0
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === QUOTE) {
      const end = endOfString(text, at)
      if (isName(text, end)) addName(names, depth, text.slice(at, end + 1))
      at = end
    } else if (code === 0x5b || code === 0x7b) {
      depth += 1
      if (depth > MAX_DEPTH)
        throw new HostileJson('JSON_TOO_DEEP', `The JSON body is nested deeper than ${MAX_DEPTH} levels.`)
      names[depth] = undefined
    } else if (code === 0x5d || code === 0x7d) depth -= 1
  }
}

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === BACKSLASH) at += 1
    else if (code === QUOTE) return at
  }
  return text.length
}

/** Of all strings, those alone have a colon behind them. */
function isName(text: string, end: number): boolean {
  for (let at = end + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at)
    if (code === COLON) return true
    if (code !== 0x20 && code !== 0x09 && code !== 0x0a && code !== 0x0d) return false
  }
  return false
}

function addName(names: (Set<string> | undefined)[], depth: number, quoted: string): void {
  const name = quoted.includes('\\') ? spelledOut(quoted) : quoted
  const known = (names[depth] ??= new Set())
  if (known.has(name)) throw new HostileJson('JSON_NAME_TWICE', 'The JSON body has two members of one name.')
  known.add(name)
}

/** One name has many spellings (`"\u0061"`). What cannot be read is the parser's to refuse. */
function spelledOut(quoted: string): string {
  try {
    return `"${String(JSON.parse(quoted))}"`
  } catch {
    return quoted
  }
}
