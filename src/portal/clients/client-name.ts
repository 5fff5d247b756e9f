const MAX_CHARS = 60
const NAMELESS = 'Unnamed client'

/** Letters and symbols that show as nothing, beside the categories below: Hangul fillers, Braille blank. */
const INVISIBLE = /[\u115F\u1160\u3164\uFFA0\u2800\u034F\u17B4\u17B5]/gu

/**
 * A name that a stranger gave himself, made fit to be shown in quotes: NFKC, one line, no control, bidi or zero-width
 * characters, no towers of accents, at most 60 UTF-16 units. It stays a claim; it never stands without the host.
 */
export function cleanClientName(raw: unknown): string {
  if (typeof raw !== 'string') return NAMELESS
  const visible = raw
    .slice(0, MAX_RAW_CHARS)
    .normalize('NFKC')
    .replace(/[\p{Zl}\p{Zp}\t\r\n]+/gu, ' ')
    .replace(/[\p{C}\uFE00-\uFE0F]/gu, '')
    .replace(INVISIBLE, '')
    .replace(/(\p{M}{2})\p{M}+/gu, '$1')
    .replace(/\p{Zs}+/gu, ' ')
    .trim()
  const cut = cutAt(visible, MAX_CHARS).trim()
  return cut === '' ? NAMELESS : cut
}

/** Never splits a surrogate pair. */
function cutAt(text: string, maxUnits: number): string {
  let cut = ''
  for (const character of text) {
    if (cut.length + character.length > maxUnits) break
    cut += character
  }
  return cut
}

const MAX_RAW_CHARS = 4_096
