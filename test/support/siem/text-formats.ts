/** What a reader of CEF makes of a line: by the letter of the format, and of nothing else. */
export function readCef(line: string): { header: string[]; extension: Map<string, string> } {
  const fields = /^((?:(?:[^\\|]|\\.)*\|){7})(.*)$/s.exec(line)
  if (fields === null) throw new Error('no CEF header')
  const header =
    (fields[1] ?? '').match(/(?:[^\\|]|\\.)*\|/gs)?.map((one) => unescaped(one.slice(0, -1))) ?? []
  const extension = new Map<string, string>()
  // A key is a word before an equals sign that is not escaped; its value goes on to the next one.
  const starts = [...(fields[2] ?? '').matchAll(/(?:^| )([A-Za-z0-9_]+)=/g)]
  for (const [at, start] of starts.entries()) {
    const from = start.index + start[0].length
    extension.set(start[1] ?? '', unescaped((fields[2] ?? '').slice(from, starts[at + 1]?.index)))
  }
  return { header, extension }
}

/** The same for LEEF 2.0 and the delimiter that its header names. */
export function readLeef(line: string): { header: string[]; attributes: Map<string, string> } {
  const parts = line.split('|')
  const header = parts.slice(0, 6)
  const attributes = parts
    .slice(6)
    .join('|')
    .split(header[5] ?? '')
    .map((one): [string, string] => [
      one.slice(0, one.indexOf('=')),
      unescaped(one.slice(one.indexOf('=') + 1)),
    ])
  return { header, attributes: new Map(attributes) }
}

const unescaped = (text: string): string =>
  text.replace(/\\(?:u([0-9a-f]{4})|(.))/gs, (_whole, code: string | undefined, one: string) => {
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    if (one === 'n') return '\n'
    return one === 'r' ? '\r' : one
  })
