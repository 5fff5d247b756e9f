import { randomBytes } from 'node:crypto'
import {
  compactDecrypt,
  CompactEncrypt,
  CompactSign,
  compactVerify,
  type CompactDecryptGetKey,
  type CompactJWEHeaderParameters,
} from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openCompact, sealCompact } from '../../../src/crypto/compact.ts'
import {
  ACCESS_TOKEN,
  CODE,
  INNER_TOKEN,
  RECEIPT,
  type JweFormat,
  WRAPPED,
} from '../../../src/crypto/formats.ts'
import { encrypt, openJwe, sign, verify } from '../../../src/crypto/jose.ts'
import type { Key, KeySet, Purpose } from '../../../src/crypto/keys/key.ts'
import { openWith, sealWith } from '../../../src/crypto/sealed.ts'
import { openWorkshop, privateKeyOf, secretOf, type Workshop } from '../../support/crypto/token-workshop.ts'

/*
 * What the wrapper makes with `node:crypto`, `jose` opens, and what `jose` makes, the wrapper opens: the bytes are those
 * of the RFCs and not of an implementation. The same text comes out, and the same header stands outside.
 */

type JoseKey = Exclude<Parameters<typeof compactDecrypt>[1], CompactDecryptGetKey>
const PLAINTEXTS: readonly (readonly [name: string, plaintext: string])[] = [
  ['nothing', ''],
  ['a character', 'x'],
  ['characters of several bytes', 'naïve — 維護 🛠'],
  ['many blocks', 'r'.repeat(900)],
]
const VARYING = { rid: 'cmlkcmlkcmlkcmlkcmlkcg', rt: 'cnRydHJ0cnRydHJ0cnRydA' }
const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

/** A format without its limits of length, which are not the subject. */
const unlimited = <P extends Purpose>(format: JweFormat<P>): JweFormat<P> => ({ ...format, minChars: 0 })

interface Case {
  /** Encrypts with the wrapper, and gives the header that has to stand outside. */
  readonly seal: (plaintext: string) => Promise<string>
  readonly header: CompactJWEHeaderParameters
  readonly open: (jwe: string) => Promise<string>
  readonly ours: JoseKey
  readonly theirs: JoseKey
}

let shop: Workshop
let cases: Readonly<Record<string, Case>>
beforeAll(async () => {
  shop = await openWorkshop()
  const { portal, mcp } = shop
  const symmetric = <P extends Purpose>(format: JweFormat<P>, keys: KeySet<P>, secret: Uint8Array): Case => ({
    ...sealing(format, keys.active, keys, {}),
    ...{ ours: secret, theirs: secret },
  })
  cases = {
    'access token': {
      ...sealing(ACCESS_TOKEN, portal.tokenEncryption.active, mcp.tokenEncryption, VARYING),
      ours: privateKeyOf(await shop.file('mcp', 'mt')),
      theirs: portal.tokenEncryption.active.material,
    },
    code: symmetric(CODE, portal.code, secretOf(await shop.file('portal', 'pc'))),
    receipt: symmetric(RECEIPT, mcp.receipt, secretOf(await shop.file('mcp', 'mg'))),
    'wrapped credential': symmetric(WRAPPED, mcp.wrapping, secretOf(await shop.file('mcp', 'mw'))),
  }
})
afterAll(() => shop.close())

function sealing<P extends Purpose>(
  format: JweFormat<P>,
  sealer: Key<P>,
  openers: Pick<KeySet<P>, 'find'>,
  varying: Readonly<Record<string, string>>,
): Pick<Case, 'seal' | 'open' | 'header'> {
  const { alg, enc, ...rest } = format.header
  return {
    header: { alg, enc, kid: sealer.kid, ...rest, ...varying },
    seal: (plaintext) => encrypt(format, sealer, { plaintext, varying }),
    open: async (jwe) => {
      const opened = await openJwe(unlimited(format), jwe, openers)
      return opened.ok ? text(opened.value.plaintext) : opened.error
    },
  }
}

describe.each(['access token', 'code', 'receipt', 'wrapped credential'])('%s', (name) => {
  test.each(PLAINTEXTS)('jose opens what the wrapper made of %s', async (_what, plaintext) => {
    const { seal, ours, header } = cases[name] as Case
    const opened = await compactDecrypt(await seal(plaintext), ours)
    expect(text(opened.plaintext)).toBe(plaintext)
    expect(Object.entries(opened.protectedHeader)).toEqual(Object.entries(header))
  })

  test.each(PLAINTEXTS)('the wrapper opens what jose made of %s', async (_what, plaintext) => {
    const { open, theirs, header } = cases[name] as Case
    const jwe = await new CompactEncrypt(Buffer.from(plaintext)).setProtectedHeader(header).encrypt(theirs)
    expect(await open(jwe)).toBe(plaintext)
  })

  test('no two are alike, nor any part that is drawn', async () => {
    const { seal } = cases[name] as Case
    const [one, other] = [(await seal('same')).split('.'), (await seal('same')).split('.')]
    expect(one[0]).toBe(other[0])
    for (const drawn of name === 'access token' ? [1, 2, 3, 4] : [2, 3, 4])
      expect(one[drawn]).not.toBe(other[drawn])
  })
})

describe('what a derived key seals', () => {
  const key = randomBytes(32)
  const header = { alg: 'dir', enc: 'A256GCM', typ: 'mx-rest+jwe' }

  test.each(PLAINTEXTS)('%s, both ways', async (_what, plaintext) => {
    const opened = await compactDecrypt(await sealWith(key, 'mx-rest+jwe', plaintext), key)
    expect([text(opened.plaintext), opened.protectedHeader]).toEqual([plaintext, header])
    const theirs = await new CompactEncrypt(Buffer.from(plaintext)).setProtectedHeader(header).encrypt(key)
    const read = await openWith(key, 'mx-rest+jwe', theirs)
    expect(read.ok && text(read.value)).toBe(plaintext)
  })
})

test('a tag that was cut does not open, whoever asks', () => {
  const key = randomBytes(32)
  const jwe = sealCompact({ alg: 'dir' }, { key, encrypted: '' }, 'x')
  expect(openCompact(jwe, key).ok).toBe(true)
  // 12 bytes: a length that GCM itself allows (NIST SP 800-38D §5.2.1.2).
  expect(openCompact(jwe.slice(0, -6), key)).toEqual({ ok: false, error: 'decryption_failed' })
})

describe('signatures', () => {
  test.each(PLAINTEXTS)('%s, both ways and byte for byte', async (_what, payload) => {
    const { tokenSigning } = shop.portal
    const ours = await sign(INNER_TOKEN, tokenSigning.active, payload)
    const { material } = shop.mcp.tokenSigning.active
    expect(text((await compactVerify(ours, material)).payload)).toBe(payload)
    const header = { alg: 'Ed25519', kid: tokenSigning.active.kid, typ: 'at+jwt' }
    const theirs = await new CompactSign(Buffer.from(payload))
      .setProtectedHeader(header)
      .sign(privateKeyOf(await shop.file('portal', 'ps')))
    // Ed25519 draws nothing.
    expect(theirs).toBe(ours)
    const read = await verify(INNER_TOKEN, theirs, shop.mcp.tokenSigning)
    expect(read.ok && text(read.value.payload)).toBe(payload)
  })
})

describe('a key of another kind under the right purpose is a bug, not a refusal', () => {
  const swap = <P extends Purpose>(key: Key<P>, { material }: Key): Key<P> => ({ ...key, material })

  test('a public half signs nothing', async () => {
    const key = swap(shop.portal.tokenSigning.active, shop.mcp.tokenSigning.active)
    await expect(sign(INNER_TOKEN, key, 'x')).rejects.toThrow(
      'a public key stands where a private one belongs',
    )
  })

  test('a private half encrypts nothing, and a secret is no RSA key', async () => {
    const { tokenEncryption } = shop.portal
    for (const [other, found] of [
      [shop.mcp.tokenEncryption.active, 'private'],
      [shop.portal.code.active, 'secret'],
      [shop.portal.tokenSigning.active, 'private'],
    ] as const)
      await expect(
        encrypt(ACCESS_TOKEN, swap(tokenEncryption.active, other), { plaintext: 'x', varying: VARYING }),
      ).rejects.toThrow(`a ${found} key stands where a public one belongs`)
  })

  test('a public key is no secret to seal with', async () => {
    const key = swap(shop.portal.code.active, shop.portal.tokenEncryption.active)
    await expect(encrypt(CODE, key, { plaintext: 'x' })).rejects.toThrow('where a secret one belongs')
  })
})
