import { generateKeyPairSync } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, CODE, INNER_TOKEN, RECEIPT, WRAPPED } from '../../../src/crypto/formats.ts'
import {
  encrypt,
  type ForeignRules,
  openJwe,
  readJweShape,
  sign,
  verify,
  verifyForeign,
} from '../../../src/crypto/jose.ts'
import { sealWith, openWith } from '../../../src/crypto/sealed.ts'
import { ed25519, forgeJwe, forgeJws } from '../../support/crypto/token-forge.ts'
import { openWorkshop, verdict, type Workshop } from '../../support/crypto/token-workshop.ts'

/* What the wrapper refuses by form alone, one by one and by its name, with the nearest form that it takes. */
let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

const VARYING = { rid: 'cmlkcmlkcmlkcmlkcmlkcg', rt: 'cnRydHJ0cnRydHJ0cnRydA' }
const receipt = (chars: number): Promise<string> =>
  encrypt(RECEIPT, shop.mcp.receipt.active, { plaintext: 'r'.repeat(chars) })
const part = (jwe: string, at: number, bend: (text: string) => string): string =>
  jwe
    .split('.')
    .map((text, index) => (index === at ? bend(text) : text))
    .join('.')

describe('the length of a JWE', () => {
  test('is within the bounds of its format, both of which belong to it', async () => {
    const jwe = await receipt(300)
    const shape = (minChars: number, maxChars: number) =>
      verdict(readJweShape({ ...RECEIPT, minChars, maxChars }, jwe))
    expect(shape(jwe.length, jwe.length)).toBe('opened')
    expect(shape(jwe.length + 1, 10_000)).toBe('length_out_of_range')
    expect(shape(0, jwe.length - 1)).toBe('length_out_of_range')
  })

  test('sealed under bare bytes: at most 65,536 characters', async () => {
    const key = new Uint8Array(32)
    const fits = await sealWith(key, 'mx-rest+jwe', Buffer.alloc(49_000))
    expect(verdict(await openWith(key, 'mx-rest+jwe', fits))).toBe('opened')
    const long = await sealWith(key, 'mx-rest+jwe', Buffer.alloc(49_200))
    expect(long.length).toBeGreaterThan(65_536)
    expect(verdict(await openWith(key, 'mx-rest+jwe', long))).toBe('length_out_of_range')
    expect(verdict(await openWith(key, 'mx-rest+jwe', 'A'.repeat(65_536)))).toBe('segments_malformed')
    expect(verdict(await openWith(key, 'mx-rest+jwe', 'A'.repeat(65_537)))).toBe('length_out_of_range')
  })

  test('sealed under bare bytes: as what it was sealed, and nothing else', async () => {
    const key = new Uint8Array(32)
    const rest = await sealWith(key, 'mx-rest+jwe', 'x')
    expect(verdict(await openWith(key, 'mx-rest+jwe', rest))).toBe('opened')
    expect(verdict(await openWith(key, 'mx-other+jwe', rest))).toBe('header_not_exact')
  })
})

describe('the segments of a JWE', () => {
  test.each<[string, (jwe: string) => string, string]>([
    ['four', (jwe) => jwe.slice(0, jwe.lastIndexOf('.')), 'segments_malformed'],
    ['six', (jwe) => `${jwe}.AAAA`, 'segments_malformed'],
    ['a key where there is none', (jwe) => part(jwe, 1, () => 'A'.repeat(342)), 'segments_malformed'],
    ['a longer initialisation vector', (jwe) => part(jwe, 2, (text) => `${text}AAAA`), 'segments_malformed'],
    ['a shorter tag', (jwe) => part(jwe, 4, (text) => text.slice(4)), 'segments_malformed'],
    [
      'a character of another alphabet',
      (jwe) => part(jwe, 3, (text) => `+${text.slice(1)}`),
      'not_canonical',
    ],
    ['no header', (jwe) => part(jwe, 0, () => ''), 'header_malformed'],
    ['a header that is no object', (jwe) => part(jwe, 0, () => 'W10'), 'header_malformed'],
    ['a header that is no JSON', (jwe) => part(jwe, 0, () => 'AAAA'), 'header_malformed'],
    ['a header of 404 characters', (jwe) => part(jwe, 0, () => 'A'.repeat(404)), 'segments_malformed'],
  ])('%s', async (_what, bend, expected) => {
    const jwe = await receipt(400)
    expect(verdict(readJweShape(RECEIPT, jwe))).toBe('opened')
    expect(verdict(readJweShape(RECEIPT, bend(jwe)))).toBe(expected)
  })

  test('a CBC vector has 22 characters, a GCM one 16', async () => {
    const wrapped = await encrypt(WRAPPED, shop.mcp.wrapping.active, { plaintext: 'w'.repeat(200) })
    expect(verdict(readJweShape(WRAPPED, wrapped))).toBe('opened')
    expect(
      verdict(
        readJweShape(
          WRAPPED,
          part(wrapped, 2, (text) => text.slice(0, 16)),
        ),
      ),
    ).toBe('segments_malformed')
  })
})

describe('the header of a JWE', () => {
  const read = (header: object, format: typeof ACCESS_TOKEN | typeof RECEIPT) =>
    readJweShape(
      { ...format, minChars: 0 },
      forgeJwe(header, 'x'.repeat(100), { directKey: Buffer.alloc(32) }).replace(
        '..',
        format === ACCESS_TOKEN ? `.${'A'.repeat(342)}.` : '..',
      ),
    )
  const kid = 'mg-AAAAAAAA'
  const good = { ...RECEIPT.header, kid }
  const token = { ...ACCESS_TOKEN.header, kid: 'mt-AAAAAAAA', ...VARYING }

  test('says what it must', () => {
    expect(read(good, RECEIPT)).toMatchObject({ ok: true, value: { kid, varying: {} } })
    expect(read(token, ACCESS_TOKEN)).toMatchObject({ ok: true, value: { varying: VARYING } })
  })

  test.each<[string, object]>([
    ['another typ', { typ: 'mx-root+jwe' }],
    ['another enc', { enc: 'A128GCM' }],
    ['a member more', { zip: 'DEF' }],
    ['a kid of another form', { kid: 'mg-AAAAAAA' }],
    ['a kid that goes on', { kid: 'mg-AAAAAAAAA' }],
    ['a kid with something before it', { kid: 'xmg-AAAAAAAA' }],
    ['a kid that is no text', { kid: 7 }],
    ['no kid', { kid: undefined }],
  ])('%s is refused', (_what, bend) => {
    expect(verdict(read({ ...good, ...bend }, RECEIPT))).toBe('header_not_exact')
  })

  test.each<[string, object]>([
    ['a varying member that is missing', { rt: undefined }],
    ['one too short', { rt: 'cnRydHJ0cnRydHJ0cnRyd' }],
    ['one that is not canonical', { rt: 'cnRydHJ0cnRydHJ0cnRydB' }],
    ['one that is no text', { rt: 7 }],
  ])('%s is refused', (_what, bend) => {
    expect(verdict(read({ ...token, ...bend }, ACCESS_TOKEN))).toBe('header_not_exact')
  })
})

describe('a JWS', () => {
  const good = () => sign(INNER_TOKEN, shop.portal.tokenSigning.active, 'p'.repeat(100))
  const check = async (jws: string, format = INNER_TOKEN) =>
    verdict(await verify(format, jws, shop.mcp.tokenSigning))

  test('is within its length, which belongs to it', async () => {
    const jws = await good()
    expect(await check(jws, { ...INNER_TOKEN, maxChars: jws.length as 4000 })).toBe('opened')
    expect(await check(jws, { ...INNER_TOKEN, maxChars: (jws.length - 1) as 4000 })).toBe(
      'length_out_of_range',
    )
  })

  test.each<[string, (jws: string) => string, string]>([
    ['two segments', (jws) => jws.slice(0, jws.lastIndexOf('.')), 'segments_malformed'],
    ['four segments', (jws) => `${jws}.AAAA`, 'segments_malformed'],
    ['another alphabet', (jws) => part(jws, 1, (text) => `+${text.slice(1)}`), 'not_canonical'],
    ['a header of 404 characters', (jws) => part(jws, 0, () => 'A'.repeat(404)), 'segments_malformed'],
    ['another signature', (jws) => part(jws, 2, () => 'A'.repeat(86)), 'signature_wrong'],
    ['another payload', (jws) => part(jws, 1, () => 'AAAA'), 'signature_wrong'],
  ])('%s', async (_what, bend, expected) => {
    expect(await check(bend(await good()))).toBe(expected)
  })

  test('under a kid that nobody knows, or of another typ, is not even checked', async () => {
    const header = { alg: 'Ed25519', kid: 'ps-AAAAAAAA', typ: 'at+jwt' }
    const forged = (bend: object) => forgeJws({ ...header, ...bend }, 'p', () => Buffer.alloc(64))
    expect(await check(forged({}))).toBe('kid_unknown')
    expect(await check(forged({ typ: 'jwt' }))).toBe('header_not_exact')
    expect(await check(forged({ alg: 'EdDSA' }))).toBe('header_not_exact')
    expect(await check(forged({ cty: 'JWT' }))).toBe('header_not_exact')
  })
})

test('somebody else’s header may carry x5t where that is told to be a label, and nothing else of the kind', async () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519')
  const keys = { find: () => [{ material: publicKey }] }
  const rules = { algorithms: ['Ed25519'], types: [undefined], maxChars: 2_000 }
  const read = async (bend: object, more: Partial<ForeignRules> = {}) => {
    const jws = forgeJws({ alg: 'Ed25519', ...bend }, 'p', ed25519(privateKey))
    return verdict(await verifyForeign(jws, keys, { ...rules, ...more }))
  }
  expect(await read({ x: 1 })).toBe('opened')
  expect(await read({ x5t: 'a' })).toBe('header_not_exact')
  expect(await read({ x5t: 'a' }, { ignored: [] })).toBe('header_not_exact')
  expect(await read({ x5t: 'a' }, { ignored: ['x5t'] })).toBe('opened')
  expect(await read({ jku: 'a' }, { ignored: ['x5t'] })).toBe('header_not_exact')
  expect(await read({ x5t: 'a', jku: 'a' }, { ignored: ['x5t'] })).toBe('header_not_exact')
})

test('what has no form, or names a key that nobody knows, is refused before any decryption', async () => {
  const keys = shop.mcp.receipt
  const jwe = await receipt(300)
  expect(verdict(await openJwe(RECEIPT, jwe, keys))).toBe('opened')
  expect(verdict(await openJwe(RECEIPT, jwe.replaceAll('.', ''), keys))).toBe('segments_malformed')
  expect(verdict(await openJwe(RECEIPT, jwe, { find: () => undefined }))).toBe('kid_unknown')
})

test('a code is read by the key that its header names', async () => {
  const code = await encrypt(CODE, shop.portal.code.active, { plaintext: 'c'.repeat(200) })
  expect(readJweShape(CODE, code)).toMatchObject({ ok: true, value: { kid: shop.portal.code.active.kid } })
})
