import { INNER_TOKEN } from '../../../src/crypto/formats.ts'
import { ed25519, hmac, jws, rs256, segment } from './by-hand.ts'
import {
  ambiguousJson,
  bentMembers,
  brokenSerialisations,
  invalid,
  MEMBERS_TOO_MANY,
  valid,
  type Vector,
} from './vector.ts'
import { bytesOf, ed25519Jwk, publicKey, rsaJwk } from './vector-keys.ts'

export const SIGNING_KID = 'ps-vector01'
export const SIGNING_KEY = ed25519Jwk('signing')
export const FOREIGN_KID = 'foreign'
export const FOREIGN_KEY = rsaJwk('foreign')

const PAYLOAD = JSON.stringify({ iss: 'http://localhost:8080', sub: 'user_1' })
/** Order of the base point of Ed25519 (RFC 8032 §5.1). */
const L = (1n << 252n) + 27742317777372353535851937790883648493n
const ALGORITHMS = [
  ...[
    'none',
    'None',
    'NONE',
    'HS256',
    'HS384',
    'HS512',
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'ES256',
    'ES384',
  ],
  ...['ES512', 'ES256K', 'EdDSA', 'Ed25519', 'Ed448', 'ML-DSA-44'],
]

interface Signer {
  readonly members: Readonly<Record<string, unknown>>
  readonly make: (input: Buffer) => Buffer
  /** What a public key could be mistaken for as a secret. */
  readonly asSecret: readonly (readonly [string, Buffer | string])[]
}

const asSecret = (jwk: object): Signer['asSecret'] => {
  const key = publicKey(jwk)
  const pem = key.export({ format: 'pem', type: 'spki' }).toString()
  return [
    ['PEM', pem],
    ['PEM without its last line break', pem.trimEnd()],
    ['DER', key.export({ format: 'der', type: 'spki' })],
    ['JWK', JSON.stringify(key.export({ format: 'jwk' }))],
    [
      'x',
      Buffer.from(String(key.export({ format: 'jwk' }).x ?? key.export({ format: 'jwk' }).n), 'base64url'),
    ],
    ['nothing', ''],
  ]
}

/** Whatever has nothing to do with the algorithm. */
function ofEvery({ members, make, asSecret: secrets }: Signer, isExact: boolean): Vector[] {
  const header = JSON.stringify(members)
  const good = jws(header, PAYLOAD, make)
  const signed = (bent: object | string): string =>
    jws(typeof bent === 'string' ? bent : JSON.stringify(bent), PAYLOAD, make)
  const forbidden = MEMBERS_TOO_MANY.filter(
    ([name]) => isExact || !['iss', 'aud', 'url', 'nonce', ''].includes(name),
  )
  const [head = '', body = '', signature = ''] = good.split('.')
  return [
    ...valid('good', [
      ['as it should be', good, PAYLOAD],
      ['members in another order', signed(Object.fromEntries(Object.entries(members).reverse())), PAYLOAD],
      ['an empty payload', jws(header, '', make), ''],
    ]),
    // An empty payload is a payload: nothing of the last segment's length says so.
    ...brokenSerialisations(good, jws(header, `${PAYLOAD} `, make)),
    ...invalid(
      'header_member',
      bentMembers(members).map(([comment, bent]) => [comment, signed(bent)]),
    ),
    ...invalid(
      'header_json',
      ambiguousJson(members).map(([comment, bent]) => [comment, signed(bent)]),
    ),
    ...invalid(
      'header_extra',
      forbidden.map(([name, value]) => [`with ${name}`, signed({ ...members, [name]: value })]),
    ),
    ...invalid(
      'algorithm',
      ALGORITHMS.filter((alg) => alg !== members['alg']).flatMap((alg) => [
        [`alg ${alg}, signed all the same`, signed({ ...members, alg })] as const,
        [
          `alg ${alg}, no signature`,
          jws(JSON.stringify({ ...members, alg }), PAYLOAD, () => Buffer.of()),
        ] as const,
      ]),
    ),
    ...invalid(
      'public_key_as_secret',
      ['HS256', 'HS384', 'HS512'].flatMap((alg) =>
        secrets.map(
          ([form, key]) =>
            [
              `${alg} with the public key as ${form}`,
              jws(JSON.stringify({ ...members, alg }), PAYLOAD, hmac(key, `sha${alg.slice(2)}`)),
            ] as const,
        ),
      ),
    ),
    ...invalid('key_of_ones_own', [
      [
        'jwk of the signer in the header',
        jws(
          JSON.stringify({ ...members, jwk: ed25519Jwk('mallory') }),
          PAYLOAD,
          ed25519(ed25519Jwk('mallory')),
        ),
      ],
      ['signed with another key of the kind', jws(header, PAYLOAD, ed25519(ed25519Jwk('mallory')))],
      ['signed with another RSA key', jws(header, PAYLOAD, rs256(rsaJwk('mallory')))],
    ]),
    ...invalid('signed_input', [
      ['the payload alone is signed', `${head}.${body}.${segment(make(Buffer.from(body)))}`],
      ['the header alone is signed', `${head}.${body}.${segment(make(Buffer.from(head)))}`],
      [
        'what the segments decode to is signed',
        `${head}.${body}.${segment(make(Buffer.from(`${header}.${PAYLOAD}`)))}`,
      ],
      [
        'an unencoded payload is signed (RFC 7797)',
        `${head}.${body}.${segment(make(Buffer.from(`${head}.${PAYLOAD}`)))}`,
      ],
      ['a detached payload', `${head}..${signature}`],
      ['hash of the input is signed', `${head}.${body}.${segment(make(bytesOf(`${head}.${body}`, 32)))}`],
    ]),
    ...invalid('json_serialisation', [
      ['flattened', JSON.stringify({ protected: head, payload: body, signature })],
      ['general', JSON.stringify({ payload: body, signatures: [{ protected: head, signature }] })],
      [
        'an unprotected header beside it',
        JSON.stringify({ protected: head, header: { alg: 'none' }, payload: body, signature }),
      ],
    ]),
    ...invalid('no_signature', [
      ['of zero bytes', `${head}.${body}.`],
      ['of zeros', `${head}.${body}.${segment(Buffer.alloc(Buffer.from(signature, 'base64url').length))}`],
      [
        'of ones',
        `${head}.${body}.${segment(Buffer.alloc(Buffer.from(signature, 'base64url').length, 255))}`,
      ],
    ]),
  ]
}

/** RFC 8032 §5.1.7: one signature has one spelling, and S is less than L. */
function ofEd25519(header: string): Vector[] {
  const input = Buffer.from(`${segment(header)}.${segment(PAYLOAD)}`)
  const good = ed25519(SIGNING_KEY)(input)
  const [r, s] = [good.subarray(0, 32), good.subarray(32)]
  const little = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
  const bytes = (value: bigint): Buffer =>
    Buffer.from((value % (1n << 256n)).toString(16).padStart(64, '0'), 'hex').reverse()
  const withSignature = (...parts: Buffer[]): string => `${input.toString()}.${segment(Buffer.concat(parts))}`
  const identity = Buffer.from(`01${'00'.repeat(31)}`, 'hex')
  return [
    ...invalid('ed25519', [
      ['S plus L', withSignature(r, bytes(little(s) + L))],
      ['S plus twice L', withSignature(r, bytes(little(s) + 2n * L))],
      ['S of L', withSignature(r, bytes(L))],
      ['S of zero', withSignature(r, Buffer.alloc(32))],
      ['R the identity, S zero', withSignature(identity, Buffer.alloc(32))],
      ['R of order 2', withSignature(bytes((1n << 255n) - 20n), s)],
      ['R of zeros', withSignature(Buffer.alloc(32), s)],
      [
        'R with its sign flipped',
        withSignature(Buffer.concat([r.subarray(0, 31), Buffer.of((r[31] ?? 0) ^ 128)]), s),
      ],
      ['R and S swapped', withSignature(s, r)],
      ['S alone', withSignature(s)],
      ['R twice', withSignature(r, r)],
      [
        'with the hash prefix of Ed25519ph',
        withSignature(
          ed25519(SIGNING_KEY)(
            Buffer.concat([Buffer.from('SigEd25519 no Ed25519 collisions\u0001\u0000'), input]),
          ),
        ),
      ],
    ]),
  ]
}

/** RFC 8017 §8.2.2. */
function ofRs256(header: string): Vector[] {
  const input = Buffer.from(`${segment(header)}.${segment(PAYLOAD)}`)
  const good = rs256(FOREIGN_KEY)(input)
  const withSignature = (signature: Buffer): string => `${input.toString()}.${segment(signature)}`
  return invalid('rs256', [
    ...['sha1', 'sha224', 'sha384', 'sha512'].map(
      (hash) => [`hashed with ${hash}`, withSignature(rs256(FOREIGN_KEY, hash)(input))] as const,
    ),
    ['a zero byte in front', withSignature(Buffer.concat([Buffer.of(0), good]))],
    ['a byte short', withSignature(good.subarray(1))],
    ['one', withSignature(Buffer.concat([Buffer.alloc(255), Buffer.of(1)]))],
    ['the modulus', withSignature(Buffer.from(FOREIGN_KEY.n, 'base64url'))],
  ])
}

const OURS: Signer = {
  members: { ...INNER_TOKEN.header, kid: SIGNING_KID },
  make: ed25519(SIGNING_KEY),
  asSecret: asSecret(SIGNING_KEY),
}
const THEIRS: Signer = {
  members: { alg: 'RS256', typ: 'JWT', kid: FOREIGN_KID },
  make: rs256(FOREIGN_KEY),
  asSecret: asSecret({ kty: 'RSA', n: FOREIGN_KEY.n, e: FOREIGN_KEY.e }),
}

/** Tables by who signed: the portal, or somebody else whose header may hold more. */
export const jwsVectors = (): Readonly<Record<'ours' | 'theirs', readonly Vector[]>> => ({
  ours: [
    ...ofEvery(OURS, true),
    ...ofEd25519(JSON.stringify(OURS.members)),
    ...invalid('length', [
      ['longer than a token may be', jws(JSON.stringify(OURS.members), 'x'.repeat(4000), OURS.make)],
    ]),
    ...invalid(
      'artefact',
      ['JWT', 'at+jwt+x', 'application/at+jwt', 'mx-head+jwt', 'mx-internal-grants+jwt', 'dpop+jwt'].map(
        (typ) => [`typ ${typ}`, jws(JSON.stringify({ ...OURS.members, typ }), PAYLOAD, OURS.make)] as const,
      ),
    ),
  ],
  theirs: [
    ...ofEvery(THEIRS, false),
    ...ofRs256(JSON.stringify(THEIRS.members)),
    ...valid('foreign', [
      [
        'a member of theirs',
        jws(JSON.stringify({ ...THEIRS.members, cat: 'cl_1' }), PAYLOAD, THEIRS.make),
        PAYLOAD,
      ],
    ]),
    ...invalid(
      'artefact',
      ['at+jwt', 'dpop+jwt', 'secevent+jwt'].map(
        (typ) =>
          [`typ ${typ}`, jws(JSON.stringify({ ...THEIRS.members, typ }), PAYLOAD, THEIRS.make)] as const,
      ),
    ),
  ],
})
