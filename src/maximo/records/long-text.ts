import { parse } from 'node-html-parser'

/**
 * A long description as plain text. Maximo stores what its editor made: HTML behind a marker (maximo-api §2.4). Lines
 * stay lines, everything that is no text goes. The text is still somebody else's: untrusted.
 */
export const plainText = (longDescription: string): string => {
  const body = longDescription.replace(MARKER, '').slice(0, MAX_CHARACTERS)
  if (!MARKER.test(longDescription) && !TAG.test(body)) return body.trim()
  const root = parse(body, { comment: false, blockTextElements: { script: false, style: false } })
  for (const element of root.querySelectorAll('script, style, title')) element.remove()
  return root.structuredText.trim()
}

/** A line break or the end of a block: what the editor writes. Plain text may hold a `<` of its own. */
const TAG = /<(?:br|\/?(?:p|div|ul|ol|li|b|i|u|span|font|table|tr|td|strong|em|h[1-6]|a))\b[^>]*>/i
const MARKER = /\s*<!--\s*RICH TEXT\s*-->\s*$/i
/** What Maximo's own column holds. */
const MAX_CHARACTERS = 32_000
