/** Maximo's own data types (`subType` in a JSON schema), as seen in captured schemas (maximo-api §6.2). */
export type SubType =
  | 'UPPER'
  | 'ALN'
  | 'LONGALN'
  | 'GL'
  | 'DATETIME'
  | 'DATE'
  | 'BIGINT'
  | 'INTEGER'
  | 'SMALLINT'
  | 'DECIMAL'
  | 'AMOUNT'
  | 'DURATION'
  | 'YORN'

export interface Attribute {
  readonly name: string
  readonly subType: SubType
  /** Maximum length as Maximo states it; DATETIME is 10. */
  readonly length: number
  readonly scale: number
  readonly required: boolean
  /** Not persistent: it can be selected, never filtered or sorted by. */
  readonly persistent: boolean
  readonly hasList: boolean
  /** Domain whose values carry descriptions and, for a synonym domain, internal values. */
  readonly domain: string | null
  readonly title: string
}

/** How the rules of `oslc.where` see a type. */
export type ValueKind = 'text' | 'number' | 'boolean' | 'datetime' | 'date'

const KINDS: Readonly<Record<SubType, ValueKind>> = {
  UPPER: 'text',
  ALN: 'text',
  LONGALN: 'text',
  GL: 'text',
  DATETIME: 'datetime',
  DATE: 'date',
  BIGINT: 'number',
  INTEGER: 'number',
  SMALLINT: 'number',
  DECIMAL: 'number',
  AMOUNT: 'number',
  DURATION: 'number',
  YORN: 'boolean',
}

export const kindOf = (attribute: Attribute): ValueKind => KINDS[attribute.subType]

const DEFAULT_LENGTHS: Readonly<Record<SubType, number>> = {
  UPPER: 8,
  ALN: 50,
  LONGALN: 32000,
  GL: 23,
  DATETIME: 10,
  DATE: 4,
  BIGINT: 19,
  INTEGER: 12,
  SMALLINT: 5,
  DECIMAL: 10,
  AMOUNT: 10,
  DURATION: 8,
  YORN: 1,
}

const LINE =
  /^(?<name>\S+)\s+(?<type>[A-Z]+)(?<size>\([\d,]+\))?(?<flags>[!*~]*)(?<domain>@\S+)?(?<title>(?:\s+.+)?)$/

/**
 * Reads one line of a table description: `status UPPER(16)!@WOSTATUS Status`. Flags: `!` required, `*` has a value
 * list, `~` not persistent; `@X` is bound to domain X.
 *
 * @throws on a line it cannot read: the tables are our own text.
 */
export function parseAttribute(line: string): Attribute {
  const [, name = '', type = '', size, flags = '', domain, title = ''] = LINE.exec(line.trim()) ?? []
  if (!isSubType(type)) throw new Error(`not an attribute description: ${line}`)
  return {
    name,
    subType: type,
    ...sizeOf(size, type),
    required: flags.includes('!'),
    persistent: !flags.includes('~') && type !== 'LONGALN',
    hasList: flags.includes('*') || domain !== undefined,
    domain: domain === undefined ? null : domain.slice(1),
    title: title.trim(),
  }
}

function sizeOf(size: string | undefined, type: SubType): { length: number; scale: number } {
  const [length, scale] = (size ?? '').replaceAll(/[()]/g, '').split(',')
  return {
    length: length === undefined || length === '' ? DEFAULT_LENGTHS[type] : Number(length),
    scale: scale === undefined ? Number(type === 'AMOUNT') * 2 : Number(scale),
  }
}

const isSubType = (type: string): type is SubType => Object.hasOwn(KINDS, type)
