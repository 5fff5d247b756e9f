/**
 * A plain text as Maximo's editor keeps it in a long description: what is markup to it becomes text, lines stay lines.
 * A line without either is kept as it is. The other way: `plainText`.
 */
export const richText = (text: string): string => {
  if (!/[<>&\n\r]/.test(text)) return text
  const lines = text.split(/\r\n|\r|\n/).map((line) => line.replace(/[<>&]/g, escaped))
  return `${lines.join('<br />')}<!-- RICH TEXT -->`
}

const escaped = (character: string): string => ENTITIES.get(character) ?? character

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['&', '&amp;'],
])
