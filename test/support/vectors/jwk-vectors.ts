import { bentMembers, invalid, valid, type Vector } from './vector.ts'
import { b64, bytesOf, ed25519Jwk, number, rsaJwk, secretJwk, type RsaPrivateJwk } from './vector-keys.ts'

const RSA = rsaJwk('jwk')
const OKP = ed25519Jwk('jwk')
const OCT = secretJwk('jwk')
const PUBLIC_RSA = { kty: 'RSA', n: RSA.n, e: RSA.e }
const PUBLIC_OKP = { kty: 'OKP', crv: 'Ed25519', x: OKP.x }

const text = (jwk: object): string => JSON.stringify(jwk)
const rows = (flag: string, jwks: readonly (readonly [string, object])[]): Vector[] =>
  invalid(
    flag,
    jwks.map(([comment, jwk]) => [comment, text(jwk)]),
  )

/** Members of RFC 7517 §4 that would let a key say what it is for. */
const TOO_MANY: readonly [string, unknown][] = [
  ['alg', 'RSA-OAEP'],
  ['use', 'sig'],
  ['key_ops', ['verify']],
  ['kid', 'x'],
  ['x5u', 'https://evil.example'],
  ['x5c', ['MIIB']],
  ['oth', []],
  ['ext', true],
  ['crv', 'P-256'],
  ['y', 'AAAA'],
  ['k', 'AAAA'],
]

/** Every member left out, of another type, or spelt otherwise. */
const bent = (flag: string, jwk: Readonly<Record<string, unknown>>): Vector[] => [
  ...rows(
    flag,
    // Without its private half an Ed25519 key is public; a number in capitals is another number.
    bentMembers(jwk)
      .filter(([comment]) => !comment.startsWith('without d') || jwk['kty'] === 'RSA')
      .filter(([comment]) => !comment.endsWith('as a value') || /^(kty|crv) /.test(comment)),
  ),
  ...rows(
    flag,
    TOO_MANY.filter(([name]) => !(name in jwk)).map(([name, value]) => [
      `with ${name}`,
      { ...jwk, [name]: value },
    ]),
  ),
  ...rows(
    'spelling',
    Object.entries(jwk)
      .filter(([name]) => !['kty', 'crv'].includes(name))
      .flatMap(([name, value]) =>
        [
          `${String(value)}=`,
          ` ${String(value)}`,
          `${String(value)}\n`,
          `+${String(value).slice(1)}`,
          `AAAA${String(value)}`,
        ].map((other) => [`${name} spelt otherwise`, { ...jwk, [name]: other }] as const),
      ),
  ),
]

/** A modulus and an exponent as an attacker, or a bad generator, would choose them. */
function ofNumbers(): Vector[] {
  const n = number(RSA.n)
  const even = (bits: number): bigint => (1n << BigInt(bits)) - 2n
  const sized = (bits: number): bigint =>
    (1n << BigInt(bits - 1)) | number(bytesOf(`n ${bits}`, (bits >> 3) - 1).toString('base64url')) | 1n
  return [
    ...rows(
      'modulus',
      [512, 1024, 1536, 2040, 2056, 3064, 4088, 4104, 8192].map(
        (bits) => [`of ${bits} bits`, { ...PUBLIC_RSA, n: b64(sized(bits)) }] as const,
      ),
    ),
    ...rows('modulus', [
      ['zero', { ...PUBLIC_RSA, n: 'AA' }],
      ['one', { ...PUBLIC_RSA, n: 'AQ' }],
      [
        'a zero byte in front',
        {
          ...PUBLIC_RSA,
          n: Buffer.concat([Buffer.of(0), Buffer.from(RSA.n, 'base64url')]).toString('base64url'),
        },
      ],
      ['the product of ROCA primes', { ...PUBLIC_RSA, n: b64(rocaModulus(1n)) }],
    ]),
    ...rows(
      'exponent',
      [0n, 1n, 2n, 3n, 17n, 65_536n, 65_539n, n - 1n, even(2048)].map(
        (e) => [`e = ${String(e).slice(0, 12)}`, { ...PUBLIC_RSA, e: e === 0n ? 'AA' : b64(e) }] as const,
      ),
    ),
    ...rows('exponent', [['with a zero byte in front', { ...PUBLIC_RSA, e: 'AAEAAQ' }]]),
  ]
}

/** Primes that the fingerprint of ROCA looks at (CVE-2017-15361), multiplied. */
export const ROCA_PRODUCT = [
  ...[11n, 13n, 17n, 19n, 37n, 53n, 61n, 71n, 73n, 79n, 97n, 103n, 107n, 109n, 127n, 151n, 157n],
].reduce((product, prime) => product * prime, 1n)

/** A modulus that is a power of 65537 modulo each of them. */
export const rocaModulus = (power: bigint): bigint =>
  ((1n << 2047n) / ROCA_PRODUCT + 1n) * ROCA_PRODUCT + 65_537n ** power

/** Halves that do not belong together. */
function ofHalves(): Vector[] {
  const other = rsaJwk('another jwk')
  const mixed = (name: keyof RsaPrivateJwk): [string, object] => [
    `${name} of another key`,
    { ...RSA, [name]: other[name] },
  ]
  return [
    ...rows('mismatch', [mixed('n'), mixed('d'), mixed('p'), mixed('q')]),
    ...rows('mismatch', [
      ['p and q swapped, the rest not', { ...RSA, p: RSA.q, q: RSA.p }],
      ['the private half of another key', { ...other, n: RSA.n }],
      ['Ed25519: d of another key', { ...OKP, d: ed25519Jwk('another jwk').d }],
      ['Ed25519: x of another key', { ...OKP, x: ed25519Jwk('another jwk').x }],
      ['Ed25519: x is d', { ...OKP, x: OKP.d }],
    ]),
    ...rows('curve', [
      ['X25519', { ...PUBLIC_OKP, crv: 'X25519' }],
      ['Ed448', { ...PUBLIC_OKP, crv: 'Ed448' }],
      [
        'P-256',
        {
          kty: 'EC',
          crv: 'P-256',
          x: bytesOf('x', 32).toString('base64url'),
          y: bytesOf('y', 32).toString('base64url'),
        },
      ],
      ['x of 31 bytes', { ...PUBLIC_OKP, x: bytesOf('x', 31).toString('base64url') }],
      ['x of 33 bytes', { ...PUBLIC_OKP, x: bytesOf('x', 33).toString('base64url') }],
    ]),
    ...rows(
      'secret',
      [0, 1, 16, 24, 31, 33, 48, 64].map(
        (count) =>
          [`of ${count} bytes`, { kty: 'oct', k: bytesOf('k', count).toString('base64url') }] as const,
      ),
    ),
    ...rows('key_set', [
      ['a set', { keys: [PUBLIC_RSA] }],
      ['a key in a key', { jwk: PUBLIC_RSA }],
    ]),
  ]
}

/** Keys as our folders may hold them, and every way not to. */
export const jwkVectors = (): readonly Vector[] => [
  ...valid('good', [
    ['RSA, private', text(RSA)],
    ['RSA, public', text(PUBLIC_RSA)],
    ['RSA of 3072 bits', text(rsaJwk('3072', 3072))],
    ['Ed25519, private', text(OKP)],
    ['Ed25519, public', text(PUBLIC_OKP)],
    ['256 random bits', text(OCT)],
  ]),
  ...bent('rsa_member', PUBLIC_RSA),
  ...bent('rsa_private_member', { ...RSA }),
  ...bent('okp_member', PUBLIC_OKP),
  ...bent('okp_private_member', { ...OKP }),
  ...bent('oct_member', { ...OCT }),
  ...ofNumbers(),
  ...ofHalves(),
]
