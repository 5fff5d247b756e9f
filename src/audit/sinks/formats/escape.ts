/**
 * Writes every character that a reader does not see or a terminal obeys (controls, direction marks, zero-width ones, line
 * separators, halves of surrogate pairs) as `\uXXXX`. In JSON text that says the same; elsewhere the backslash must have
 * been doubled before.
 */
export const escapeHidden = (text: string): string => text.replace(HIDDEN, asEscapes)

/** The same of one character, e.g. a delimiter that must not stand in a value. */
export function asEscapes(character: string): string {
  let escaped = ''
  for (let at = 0; at < character.length; at++)
    escaped += `\\u${character.charCodeAt(at).toString(16).padStart(4, '0')}`
  return escaped
}

const HIDDEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu
