import { ACCESS_TOKEN, RECEIPT, WRAPPED } from '../../../src/crypto/formats.ts'
import { cbcJwe, gcmJwe, oaep, pkcs1, rawRsa, segment, type Jwe } from './by-hand.ts'
import {
  ambiguousJson,
  bentMembers,
  brokenSerialisations,
  invalid,
  MEMBERS_TOO_MANY,
  valid,
  type Vector,
} from './vector.ts'
import { bytesOf, number, rsaJwk, secretJwk } from './vector-keys.ts'

export const KIDS = { token: 'mt-vector01', receipt: 'mg-vector01', wrapped: 'mw-vector01' } as const
export const TOKEN_KEY = rsaJwk('token')
export const RECEIPT_KEY = secretJwk('receipt')
export const WRAPPING_KEY = secretJwk('wrapping')

/** One format: its good header, and how something is encrypted in it. */
interface Maker {
  readonly members: Readonly<Record<string, unknown>>
  readonly make: (bend?: Partial<Jwe>) => string
}

const LONG = 'The quick brown fox. '.repeat(30)
const ALGORITHMS = [
  ...['dir', 'RSA1_5', 'RSA-OAEP', 'RSA-OAEP-256', 'RSA-OAEP-384', 'RSA-OAEP-512', 'A128KW', 'A256KW'],
  ...['A256GCMKW', 'ECDH-ES', 'ECDH-ES+A256KW', 'PBES2-HS256+A128KW', 'none', 'HS256', 'RS256', 'Ed25519'],
]
const ENCRYPTIONS = [
  'A128GCM',
  'A192GCM',
  'A256GCM',
  'A128CBC-HS256',
  'A192CBC-HS384',
  'A256CBC-HS512',
  'none',
]

const secretBytes = ({ k }: { readonly k: string }): Buffer => Buffer.from(k, 'base64url')

const token: Maker = (() => {
  const members = { ...ACCESS_TOKEN.header, kid: KIDS.token, rid: 'A'.repeat(22), rt: 'B'.repeat(21) + 'A' }
  const cek = bytesOf('cek', 32)
  return {
    members,
    make: (bend = {}) =>
      gcmJwe({
        header: JSON.stringify(members),
        cek,
        encryptedKey: oaep(TOKEN_KEY, cek),
        plaintext: LONG,
        ...bend,
      }),
  }
})()

const direct = (
  format: typeof RECEIPT | typeof WRAPPED,
  kid: string,
  key: { readonly k: string },
  make: (jwe: Jwe) => string,
): Maker => {
  const members = { ...format.header, kid }
  const good = { header: JSON.stringify(members), cek: secretBytes(key), plaintext: LONG.slice(0, 300) }
  return { members, make: (bend = {}) => make({ ...good, ...bend }) }
}

const receipt = direct(RECEIPT, KIDS.receipt, RECEIPT_KEY, gcmJwe)
const wrapped = direct(WRAPPED, KIDS.wrapped, WRAPPING_KEY, (jwe) => cbcJwe(jwe))

/** Whatever has nothing to do with the algorithm: headers that are authentic and wrong, serialisations that are broken. */
function ofEvery({ members, make }: Maker): Vector[] {
  const withHeader = (header: object | string): string =>
    make({ header: typeof header === 'string' ? header : JSON.stringify(header) })
  const other = make({
    plaintext: `${LONG}!`.slice(-300),
    iv: bytesOf('other iv', make().split('.')[2]?.length === 16 ? 12 : 16),
  })
  return [
    ...valid('good', [['as it should be', make()]]),
    ...valid('good', [
      ['members in another order', withHeader(Object.fromEntries(Object.entries(members).reverse()))],
      ['white space in the header', withHeader(JSON.stringify(members, null, 1))],
    ]),
    ...brokenSerialisations(make(), other),
    ...invalid(
      'header_member',
      bentMembers(members).map(([comment, header]) => [comment, withHeader(header)]),
    ),
    ...invalid(
      'header_json',
      ambiguousJson(members).map(([comment, header]) => [comment, withHeader(header)]),
    ),
    ...invalid(
      'header_extra',
      MEMBERS_TOO_MANY.map(([name, value]) => [`with ${name}`, withHeader({ ...members, [name]: value })]),
    ),
    ...invalid('algorithm', [
      ...ALGORITHMS.filter((alg) => alg !== members['alg']).map(
        (alg) => [`alg ${alg}`, withHeader({ ...members, alg })] as const,
      ),
      ...ENCRYPTIONS.filter((enc) => enc !== members['enc']).map(
        (enc) => [`enc ${enc}`, withHeader({ ...members, enc })] as const,
      ),
    ]),
    ...invalid('artefact', [
      ...[
        'mx-at+jwe',
        'mx-grant+jwe',
        'mx-cred+jwe',
        'mx-code+jwe',
        'JWE',
        'JWT',
        'at+jwt',
        'application/mx-grant+jwe',
      ]
        .filter((typ) => typ !== members['typ'])
        .map((typ) => [`typ ${typ}`, withHeader({ ...members, typ })] as const),
      ...[
        'mt-vector02',
        'mg-vector02',
        'xx-vector01',
        '../../etc/passwd',
        "' OR 1=1 --",
        'constructor',
        '__proto__',
      ].map((kid) => [`kid ${kid}`, withHeader({ ...members, kid })] as const),
    ]),
    ...invalid('additional_data', [
      ['authenticated for another header', make({ aad: segment('{}') })],
      ['authenticated for none', make({ aad: '' })],
    ]),
    ...invalid('key', [
      ['under another key', make({ cek: bytesOf('another', 32), encryptedKey: Buffer.of() })],
    ]),
  ]
}

/** RSA-OAEP-256: the padding, the content key, the number. */
function ofTransport(): Vector[] {
  const cek = bytesOf('cek', 32)
  const n = number(TOKEN_KEY.n)
  const sized = (value: bigint): Buffer => Buffer.from(value.toString(16).padStart(512, '0'), 'hex')
  const good = oaep(TOKEN_KEY, cek)
  return [
    ...invalid('key_transport', [
      ['PKCS #1 v1.5', token.make({ encryptedKey: pkcs1(TOKEN_KEY, cek) })],
      ['OAEP with SHA-1', token.make({ encryptedKey: oaep(TOKEN_KEY, cek, { hash: 'sha1' }) })],
      [
        'OAEP with SHA-384',
        token.make({ encryptedKey: oaep(TOKEN_KEY, cek, { hash: 'sha384', mgf: 'sha256' }) }),
      ],
      [
        'OAEP whose mask is made with SHA-1',
        token.make({ encryptedKey: oaep(TOKEN_KEY, cek, { mgf: 'sha1' }) }),
      ],
      ['OAEP with a label', token.make({ encryptedKey: oaep(TOKEN_KEY, cek, { label: 'x' }) })],
      ['OAEP with a first byte of 1', token.make({ encryptedKey: oaep(TOKEN_KEY, cek, { firstByte: 1 }) })],
      ['to another key', token.make({ encryptedKey: oaep(rsaJwk('another'), cek) })],
      ['zero', token.make({ encryptedKey: sized(0n) })],
      ['one', token.make({ encryptedKey: sized(1n) })],
      ['the modulus', token.make({ encryptedKey: sized(n) })],
      ['one less than the modulus', token.make({ encryptedKey: sized(n - 1n) })],
      [
        'the same number plus the modulus, if it fits',
        token.make({ encryptedKey: sized((number(segment(good)) + n) % (1n << 2048n)) }),
      ],
      ['a zero byte in front', token.make({ encryptedKey: Buffer.concat([Buffer.of(0), good]) })],
      ['a byte short', token.make({ encryptedKey: good.subarray(1) })],
      ['the content key in the clear', token.make({ encryptedKey: cek })],
      [
        'no padding at all',
        token.make({ encryptedKey: rawRsa(TOKEN_KEY, Buffer.concat([Buffer.alloc(224), cek])) }),
      ],
      ['none', token.make({ encryptedKey: Buffer.of() })],
    ]),
    ...invalid(
      'content_key',
      [0, 1, 16, 24, 31, 33, 48, 64].map((count) => {
        const other = bytesOf('cek', count)
        return [
          `a content key of ${count} bytes`,
          token.make({ encryptedKey: oaep(TOKEN_KEY, other) }),
        ] as const
      }),
    ),
  ]
}

/** GCM and CBC: initialisation vectors, tags, padding. */
function ofContent(): Vector[] {
  const { members } = wrapped
  const cbc = {
    header: JSON.stringify(members),
    cek: secretBytes(WRAPPING_KEY),
    plaintext: LONG.slice(0, 300),
  }
  const block = Buffer.from(LONG.slice(0, 304), 'latin1')
  const badlyPadded = (last: readonly number[]): string =>
    cbcJwe(cbc, {
      isPadded: false,
      lastBlock: Buffer.concat([block, Buffer.alloc(16 - last.length, 65), Buffer.from(last)]),
    })
  return [
    ...invalid(
      'iv',
      [token, receipt].flatMap(({ make }) =>
        [1, 8, 11, 13, 16, 64].map(
          (count) => [`an IV of ${count} bytes`, make({ iv: bytesOf('iv', count) })] as const,
        ),
      ),
    ),
    ...invalid(
      'tag',
      [token, receipt, wrapped].flatMap(({ make }) =>
        [0, 4, 8, 12, 15].map((tagBytes) => [`a tag of ${tagBytes} bytes`, make({ tagBytes })] as const),
      ),
    ),
    ...invalid('tag', [['a tag of 32 bytes', wrapped.make({ tagBytes: 32 })]]),
    ...invalid('cbc', [
      ['the length is not authenticated', cbcJwe(cbc, { hasLength: false })],
      ['the halves of the key swapped', cbcJwe(cbc, { isSwapped: true })],
      ['HMAC with SHA-1', cbcJwe(cbc, { hash: 'sha1' })],
      ['HMAC with SHA-512', cbcJwe(cbc, { hash: 'sha512' })],
      ['padding of zero', badlyPadded([0])],
      ['padding longer than a block', badlyPadded([17])],
      ['padding whose bytes differ', badlyPadded([1, 2])],
      ['padding of 255', badlyPadded([255])],
    ]),
    ...invalid('length', [
      ['a token too short', token.make({ plaintext: 'x' })],
      ['a token too long', token.make({ plaintext: 'x'.repeat(4000) })],
      ['a receipt too short', receipt.make({ plaintext: '' })],
      ['a receipt too long', receipt.make({ plaintext: 'x'.repeat(1400) })],
      ['a credential too long', wrapped.make({ plaintext: 'x'.repeat(2000) })],
    ]),
  ]
}

const CONTENT = { token: LONG, receipt: LONG.slice(0, 300), wrapped: LONG.slice(0, 300) }

/** Tables by the format that must read them. */
export const jweVectors = (): Readonly<Record<keyof typeof KIDS, readonly Vector[]>> => {
  const content = ofContent()
  const table = (name: keyof typeof KIDS, maker: Maker): Vector[] =>
    ofEvery(maker).map((vector) =>
      vector.result === 'valid' ? { ...vector, content: CONTENT[name] } : vector,
    )
  return {
    token: [...table('token', token), ...ofTransport(), ...content],
    receipt: [...table('receipt', receipt), ...content],
    wrapped: [...table('wrapped', wrapped), ...content],
  }
}
