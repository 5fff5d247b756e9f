import { without } from '../crypto/token-workshop.ts'

/** One row of a table in the manner of Wycheproof: what is presented, and whether it may be accepted. */
export interface Vector {
  /** What is special about it. */
  readonly comment: string
  /** The class of mistake; the table is counted by it. */
  readonly flag: string
  readonly result: 'valid' | 'invalid'
  /** Compact serialisation, or the JSON text of a key. */
  readonly text: string
  /** Of a valid one: what must come out, as latin1. */
  readonly content?: string
}

type Row = readonly [comment: string, text: string]

export const invalid = (flag: string, rows: readonly Row[]): Vector[] =>
  rows.map(([comment, text]) => ({ comment, flag, result: 'invalid', text }))

export const valid = (flag: string, rows: readonly (readonly [...Row, content?: string])[]): Vector[] =>
  rows.map(([comment, text, content]) => ({
    ...{ comment, flag, result: 'valid', text },
    ...(content === undefined ? {} : { content }),
  }))

/** What a compact serialisation must not survive, whatever it holds (RFC 7515 §7.1, RFC 7516 §7.1). */
export function brokenSerialisations(good: string, other: string): Vector[] {
  const parts = good.split('.')
  const others = other.split('.')
  const join = (changed: readonly string[]): string => changed.join('.')
  const at = (index: number, text: string): string => join(parts.map((one, i) => (i === index ? text : one)))
  const full = parts.map((part, index) => ({ part, index })).filter(({ part }) => part !== '')
  return [
    ...invalid(
      'segment_bits',
      full.flatMap(({ part, index }) =>
        flipped(part).map((text): Row => [`segment ${index}, a bit flipped`, at(index, text)]),
      ),
    ),
    ...invalid(
      'segment_length',
      full.flatMap(({ part, index }): Row[] => [
        [`segment ${index} emptied`, at(index, '')],
        [`segment ${index} a character shorter`, at(index, part.slice(0, -1))],
        [`segment ${index} four characters shorter`, at(index, part.slice(0, -4))],
        [`segment ${index} a character longer`, at(index, `${part}A`)],
        [`segment ${index} four characters longer`, at(index, `${part}AAAA`)],
        [`segment ${index} twice`, at(index, part + part)],
      ]),
    ),
    ...invalid(
      'segment_spelling',
      full.flatMap(({ part, index }): Row[] => [
        [`segment ${index} padded`, at(index, `${part}${'='.repeat(4 - (part.length % 4))}`)],
        [`segment ${index} with a space`, at(index, `${part.slice(0, 2)} ${part.slice(2)}`)],
        [`segment ${index} with a line break`, at(index, `${part.slice(0, 2)}\r\n${part.slice(2)}`)],
        [`segment ${index} with a NUL`, at(index, `${part}\0`)],
        [`segment ${index} outside the alphabet`, at(index, `${part.slice(0, 2)}~${part.slice(3)}`)],
        [`segment ${index} in the alphabet with + and /`, at(index, `+/${part.slice(2)}`)],
        ...danglingBits(part).map((text): Row => [
          `segment ${index} with bits that decode to nothing`,
          at(index, text),
        ]),
      ]),
    ),
    ...invalid(
      'segment_of_another',
      full.flatMap(({ index }): Row[] =>
        others[index] === parts[index]
          ? []
          : [[`segment ${index} of another`, at(index, others[index] ?? '')]],
      ),
    ),
    ...invalid('segment_count', [
      ['one less', join(parts.slice(0, -1))],
      ['one less, the first', join(parts.slice(1))],
      ['one more', `${good}.AAAA`],
      ['one more, empty', `${good}.`],
      ['one more, in front', `.${good}`],
      ['none', ''],
      ['dots alone', '.'.repeat(parts.length - 1)],
      ['other separators', good.replaceAll('.', '~')],
    ]),
    ...invalid('around', [
      ['a space in front', ` ${good}`],
      ['a line break behind', `${good}\n`],
      ['a byte order mark in front', `\uFEFF${good}`],
      ['quotes around', `"${good}"`],
      ['Bearer in front', `Bearer ${good}`],
      ['two of them', `${good} ${good}`],
    ]),
  ]
}

/** First, middle and last byte, each in its lowest and its highest bit. */
function flipped(part: string): string[] {
  const bytes = Buffer.from(part, 'base64url')
  return [0, bytes.length >> 1, bytes.length - 1].flatMap((index) =>
    [0x01, 0x80].map((mask) => {
      const changed = Buffer.from(bytes)
      changed[index] = (changed[index] ?? 0) ^ mask
      return changed.toString('base64url')
    }),
  )
}

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Spellings that a lenient decoder reads as the same bytes. */
function danglingBits(part: string): string[] {
  const unused = [0, 0, 15, 3][part.length % 4] ?? 0
  const last = ALPHABET.indexOf(part.slice(-1))
  return unused === 0 ? [] : [1, unused].map((bits) => `${part.slice(0, -1)}${ALPHABET[last | bits] ?? ''}`)
}

/** JSON texts that two readers could read in two ways, or that are none, from the members of a good header. */
export function ambiguousJson(members: Readonly<Record<string, unknown>>): readonly Row[] {
  const text = JSON.stringify(members)
  const name = Object.keys(members)[0] ?? ''
  const own = JSON.stringify(members[name])
  const escaped = `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`
  return [
    ['a member twice, the same', text.replace('{', `{"${name}":${own},`)],
    ['a member twice, first another', text.replace('{', `{"${name}":"none",`)],
    ['a member twice, last another', text.replace(/\}$/, `,"${name}":"none"}`)],
    ['a member twice, once escaped', text.replace('{', `{"${escaped}":"none",`)],
    ['__proto__ with the members', `{"__proto__":${text}}`],
    ['__proto__ beside the members', text.replace('{', '{"__proto__":{},')],
    ['an array around', `[${text}]`],
    ['a string', JSON.stringify(text)],
    ['null', 'null'],
    ['a number', '0'],
    ['nothing', ''],
    ['an empty object', '{}'],
    ['a comma too many', text.replace(/\}$/, ',}')],
    ['a comment', text.replace('{', '{/**/')],
    ['single quotes', text.replaceAll('"', "'")],
    ['two documents', text + text],
    ['a byte order mark', `\uFEFF${text}`],
    ['cut', text.slice(0, -1)],
    ['bytes that are no UTF-8', `${text.slice(0, -2)}\xFF"}`],
  ]
}

/** Every member of a good header left out, renamed and given values of other types. */
export function bentMembers(members: Readonly<Record<string, unknown>>): [string, object][] {
  return Object.entries(members).flatMap(([name, value]): [string, object][] => {
    const rest = without(members, name)
    return [
      [`without ${name}`, rest],
      [`${name} in capitals`, { ...rest, [name.toUpperCase()]: value }],
      ...[
        null,
        true,
        0,
        [],
        [value],
        {},
        { 0: value },
        '',
        ` ${String(value)}`,
        `${String(value)} `,
        `${String(value)}\0`,
      ].map((other): [string, object] => [
        `${name} = ${JSON.stringify(other)}`,
        { ...members, [name]: other },
      ]),
      ...(value === String(value).toUpperCase()
        ? []
        : [
            [`${name} in capitals as a value`, { ...members, [name]: String(value).toUpperCase() }] as [
              string,
              object,
            ],
          ]),
    ]
  })
}

/** Members that name or carry a key, an encoding or an extension (RFC 7515 §4.1, RFC 7516 §4.1, RFC 7518 §4, RFC 7797). */
export const MEMBERS_TOO_MANY: readonly [string, unknown][] = [
  ['jku', 'https://evil.example/jwks'],
  ['jwk', { kty: 'oct', k: 'AAAA' }],
  ['x5u', 'https://evil.example/x5u'],
  ['x5c', ['MIIB']],
  ['x5t', 'AAAA'],
  ['x5t#S256', 'AAAA'],
  ['crit', []],
  ['crit', ['exp']],
  ['crit', ['b64']],
  ['b64', false],
  ['b64', true],
  ['zip', 'DEF'],
  ['zip', ''],
  ['epk', { kty: 'EC', crv: 'P-256', x: 'AAAA', y: 'AAAA' }],
  ['apu', 'AAAA'],
  ['apv', 'AAAA'],
  ['p2s', 'AAAAAAAAAAA'],
  ['p2c', 2147483647],
  ['iv', 'AAAAAAAAAAAAAAAA'],
  ['tag', 'AAAAAAAAAAAAAAAAAAAAAA'],
  ['iss', 'https://evil.example'],
  ['aud', 'https://evil.example'],
  ['url', 'https://evil.example'],
  ['nonce', 'AAAA'],
  ['', ''],
]
