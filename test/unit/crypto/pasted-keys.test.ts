import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pastedKey, readPastedKeys } from '../../../src/crypto/pasted-keys.ts'

const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed = generateKeyPairSync('ed25519')
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const weak = generateKeyPairSync('rsa', { modulusLength: 1024 })
const jwk = (key: KeyObject): object => key.export({ format: 'jwk' })
const pem = (key: KeyObject): string => key.export({ format: 'pem', type: 'spki' }).toString()

/** Kinds of the keys read, or why none was. */
async function read(text: string, atMost = 4): Promise<string> {
  const keys = await readPastedKeys(text, atMost)
  return keys.ok ? keys.value.map((key) => key.jwk['kty']).join(' ') : keys.error
}

describe('keys that somebody pasted', () => {
  test.each([
    ['a PEM block', pem(p256.publicKey), 'EC'],
    [
      'a PEM block of RSA’s own form',
      rsa.publicKey.export({ format: 'pem', type: 'pkcs1' }).toString(),
      'RSA',
    ],
    ['PEM blocks with blanks between', `\n${pem(p256.publicKey)}\n\n${pem(ed.publicKey)}  `, 'EC OKP'],
    ['a JWK', `  ${JSON.stringify(jwk(ed.publicKey))} `, 'OKP'],
    ['a set', JSON.stringify({ keys: [jwk(p256.publicKey), jwk(rsa.publicKey)] }), 'EC RSA'],
    ['blanks', ' \n ', 'none'],
    ['nothing', '', 'none'],
    ['words', 'my key', 'unreadable'],
    ['words before a PEM block', `key: ${pem(p256.publicKey)}`, 'unreadable'],
    ['half a PEM block', pem(p256.publicKey).slice(0, -30), 'unreadable'],
    ['a PEM block of nothing', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----', 'unreadable'],
    ['half a JWK', JSON.stringify(jwk(p256.publicKey)).slice(0, -1), 'unreadable'],
    ['an empty set', '{"keys":[]}', 'unreadable'],
    ['a set of texts', '{"keys":["x"]}', 'unreadable'],
    ['a member twice', '{"kty":"EC","kty":"EC"}', 'unreadable'],
    ['a private PEM block', p256.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(), 'private'],
    ['a private JWK', JSON.stringify(jwk(p256.privateKey)), 'private'],
    ['a private JWK in a set', JSON.stringify({ keys: [jwk(ed.publicKey), jwk(ed.privateKey)] }), 'private'],
    ['a shared secret', '{"kty":"oct","k":"AAAA"}', 'private'],
    ['short RSA', pem(weak.publicKey), 'weak'],
    ['a JWK of nothing', '{}', 'weak'],
    [
      'one key in two forms',
      JSON.stringify({ keys: [jwk(ed.publicKey), { ...jwk(ed.publicKey), kid: 'x' }] }),
      'twice',
    ],
  ])('%s', async (_name, text, expected) => {
    expect(await read(text)).toBe(expected)
  })

  test('as many as there may be, and one more', async () => {
    const two = pem(p256.publicKey) + pem(ed.publicKey)
    expect([await read(two, 2), await read(two, 1)]).toEqual(['EC OKP', 'too_many'])
  })

  test.each(Object.entries({ p256, ed, rsa }))(
    'of %s keep what makes the key, and no more',
    async (_name, pair) => {
      const said = { ...jwk(pair.publicKey), kid: 'k', use: 'sig', note: 'mine', x5u: 'https://a.example' }
      const keys = await readPastedKeys(JSON.stringify(said), 1)
      expect(keys.ok && keys.value.map((key) => key.jwk)).toEqual([{ ...jwk(pair.publicKey), kid: 'k' }])
      expect(keys.ok && keys.value.every((key) => pastedKey.safeParse(key).success)).toBe(true)
    },
  )

  test('keep the algorithm that they are bound to', async () => {
    const keys = await readPastedKeys(JSON.stringify({ ...jwk(rsa.publicKey), alg: 'PS256' }), 1)
    expect(keys.ok && keys.value[0]?.jwk['alg']).toBe('PS256')
  })

  test('as they are kept: short members and a thumbprint', () => {
    const kept = { jwk: { kty: 'x'.repeat(1400) }, thumbprint: 'A'.repeat(43) }
    const takes = (bend: object): boolean => pastedKey.safeParse({ ...kept, ...bend }).success
    expect(takes({})).toBe(true)
    expect(takes({ jwk: { ['x'.repeat(10)]: 'x' } })).toBe(true)
    for (const bend of [
      ...[{ jwk: { kty: 'x'.repeat(1401) } }, { jwk: { ['x'.repeat(11)]: 'x' } }, { jwk: null }, { more: 1 }],
      ...['A'.repeat(42), 'A'.repeat(44), ` ${'A'.repeat(43)}`, '+'.repeat(43)].map((thumbprint) => ({
        thumbprint,
      })),
    ])
      expect(takes(bend)).toBe(false)
  })
})
