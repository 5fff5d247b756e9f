import { BmxError } from '../errors.ts'

/** One entry of `oslc.select`: a dotted path, perhaps an alias, perhaps braces. Names are lower case but the alias. */
export interface SelectItem {
  readonly path: readonly string[]
  readonly alias: string | null
  readonly inner: readonly SelectItem[] | null
}

/**
 * Parses `oslc.select`: `a`, `*`, `child{a,b}`, `rel.attr`, `rel.relation{a}`, `attr--alias`. Whether a name exists is
 * not asked here: unknown ones are ignored by Maximo.
 *
 * @throws BmxError BMXAA8744E for braces that do not match or an empty name.
 */
export function parseSelect(text: string): SelectItem[] {
  const reader = { text, at: 0 }
  const items = readItems(reader)
  if (reader.at < text.length) throw malformed(reader)
  return items
}

interface Reader {
  readonly text: string
  at: number
}

const ITEM = /\s*((?:spi:)?[A-Za-z_$*][\w$*]*(?:\.(?:spi:)?[A-Za-z_$*][\w$*]*)*)(?:--([A-Za-z_$][\w$]*))?\s*/y

function readItems(reader: Reader): SelectItem[] {
  const items = [readItem(reader)]
  while (reader.text.charAt(reader.at) === ',') {
    reader.at += 1
    items.push(readItem(reader))
  }
  return items
}

function readItem(reader: Reader): SelectItem {
  ITEM.lastIndex = reader.at
  const [all, path, alias] = ITEM.exec(reader.text) ?? []
  if (all === undefined || path === undefined) throw malformed(reader)
  reader.at += all.length
  const inner = reader.text.charAt(reader.at) === '{' ? readBraces(reader) : null
  // The prefix of namespaced clients means nothing here.
  const names = path.toLowerCase().replaceAll('spi:', '').split('.')
  return { path: names, alias: alias ?? null, inner }
}

function readBraces(reader: Reader): SelectItem[] {
  reader.at += 1
  const items = readItems(reader)
  if (reader.text.charAt(reader.at) !== '}') throw malformed(reader)
  reader.at += 1
  skipBlanks(reader)
  return items
}

function skipBlanks(reader: Reader): void {
  while (reader.text.charAt(reader.at) === ' ') reader.at += 1
}

const malformed = ({ text, at }: Reader): BmxError =>
  new BmxError(
    400,
    'BMXAA8744E',
    `The select clause cannot be parsed. Encountered "${text.slice(at, at + 1)}" at line 1, column ${at + 1}.`,
  )
