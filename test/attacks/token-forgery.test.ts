import { createHmac, generateKeyPairSync, randomBytes, constants } from 'node:crypto'
import { deflateRawSync } from 'node:zlib'
import { CompactEncrypt } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ACCESS_TOKEN, INNER_TOKEN, RECEIPT } from '../../src/crypto/formats.ts'
import { decrypt, encrypt, readJweShape, sign } from '../../src/crypto/jose.ts'
import { sealAccessToken } from '../../src/crypto/token-seal.ts'
import {
  assemble,
  ed25519,
  forgeJwe,
  forgeJws,
  goodParts,
  tagFor,
  type Parts,
} from '../support/crypto/token-forge.ts'
import {
  open,
  openWorkshop,
  publicKeyOf,
  someClaims,
  verdict,
  without,
  type Workshop,
} from '../support/crypto/token-workshop.ts'

let shop: Workshop
beforeAll(async () => {
  shop = await openWorkshop()
})
afterAll(() => shop.close())

async function forged(bend: (parts: Parts) => void | Promise<void>): Promise<string> {
  const parts = await goodParts(shop)
  await bend(parts)
  return verdict(await open(assemble(parts), shop))
}

describe('the twins of every refusal below', () => {
  test('a token sealed by the portal opens', async () => {
    const claims = await someClaims(shop)
    const token = await sealAccessToken(claims, shop.portal)
    const opened = await open(token.ok ? token.value : '', shop)
    expect(opened).toMatchObject({ ok: true, value: { claims: { jti: claims.jti, scope: claims.scope } } })
  })

  test('a token forged by hand without a bend opens, so each refusal is due to its bend', async () => {
    expect(await forged(() => undefined)).toBe('opened')
  })

  test('the order of header members is free, since none is missing and none is more', async () => {
    const shuffled = await forged((parts) => {
      parts.outerHeader = Object.fromEntries(Object.entries(parts.outerHeader).reverse())
      parts.innerHeader = Object.fromEntries(Object.entries(parts.innerHeader).reverse())
    })
    expect(shuffled).toBe('opened')
  })
})

describe('T-01 who has only the public key makes no token', () => {
  test('plain claims instead of a signed token, even with a valid tag', async () => {
    const plain = await forged((parts) => {
      parts.inner = JSON.stringify({ ...parts.claims, sub: 'user_victim' })
    })
    expect(plain).toBe('segments_malformed')
  })

  test('a guessed tag costs the server no RSA', async () => {
    const guessed = await forged((parts) => {
      parts.outerHeader['rt'] = randomBytes(16).toString('base64url')
    })
    expect(guessed).toBe('pre_tag_wrong')
  })

  test('a tag of another token', async () => {
    const moved = await forged(async (parts) => {
      parts.outerHeader['rt'] = await tagFor(shop, String(parts.outerHeader['kid']), 'AAAAAAAAAAAAAAAAAAAAAA')
    })
    expect(moved).toBe('pre_tag_wrong')
  })

  test('a signature by a key of the attacker under the kid of the portal', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const foreign = await forged((parts) => {
      parts.sign = ed25519(privateKey)
    })
    expect(foreign).toBe('signature_wrong')
  })

  test.each([
    ['none', ''],
    ['garbage', 'x'.repeat(64)],
    ['too short', 'x'.repeat(63)],
  ])('a signature that is %s', async (_name, signature) => {
    expect(await forged((parts) => void (parts.sign = () => Buffer.from(signature)))).toBe('signature_wrong')
  })
})

describe('T-02, T-03 the header does not choose the signature algorithm', () => {
  test.each(['none', 'None', 'NONE', 'nOnE', '', null, 'EdDSA', 'ES256', 'RS256', 'PS256'])(
    'alg %j',
    async (alg) => {
      const refused = await forged((parts) => {
        parts.innerHeader['alg'] = alg
        parts.sign = () => Buffer.alloc(0)
      })
      expect(refused).toBe('header_not_exact')
    },
  )

  test('no alg at all', async () => {
    expect(
      await forged((parts) => {
        delete parts.innerHeader['alg']
      }),
    ).toBe('header_not_exact')
  })

  test.each(['HS256', 'HS384', 'HS512', 'Ed25519'])('%s with the public key as secret', async (alg) => {
    const key = publicKeyOf(await shop.file('mcp', 'ps'))
    const bytes = [
      key.export({ format: 'der', type: 'spki' }),
      Buffer.from(key.export({ format: 'pem', type: 'spki' })),
      Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'),
      Buffer.from(JSON.stringify(key.export({ format: 'jwk' }))),
    ]
    for (const secret of bytes) {
      const refused = await forged((parts) => {
        parts.innerHeader['alg'] = alg
        parts.sign = (input) => createHmac('sha256', secret).update(input).digest()
      })
      expect(refused).toBe(alg === 'Ed25519' ? 'signature_wrong' : 'header_not_exact')
    }
  })
})

describe('T-04, T-05, T-06 no header member brings a key, a place or an extension', () => {
  const jwk = generateKeyPairSync('ed25519').publicKey.export({ format: 'jwk' })
  const members: readonly [string, unknown][] = [
    ['jwk', jwk],
    ['jku', 'https://attacker.example/jwks.json'],
    ['x5u', 'https://attacker.example/chain.pem'],
    ['x5c', ['MIIB']],
    ['x5t', 'AAAA'],
    ['crit', ['exp']],
    ['crit', []],
    ['b64', false],
    ['b64', true],
    ['zip', 'DEF'],
    ['exp', 1],
    ['', ''],
    ['nonce', 'x'],
  ]

  test.each(members)('%s %j in the inner header', async (name, value) => {
    expect(await forged((parts) => void (parts.innerHeader[name] = value))).toBe('header_not_exact')
  })

  test.each([...members, ['p2c', 2 ** 31], ['apu', 'AA'], ['epk', jwk]])(
    '%s %j in the outer header',
    async (name, value) => {
      expect(await forged((parts) => void (parts.outerHeader[name] = value))).toBe('header_not_exact')
    },
  )

  test('crit with b64 false over an unencoded payload', async () => {
    const refused = await forged((parts) => {
      parts.innerHeader = { ...parts.innerHeader, b64: false, crit: ['b64'] }
    })
    expect(refused).toBe('header_not_exact')
  })

  test.each([
    '../../etc/passwd',
    "x' OR '1'='1",
    '__proto__',
    'constructor',
    '',
    7,
    null,
    ['ps-AAAAAAAA'],
    {},
  ])('kid %j', async (kid) => {
    expect(await forged((parts) => void (parts.innerHeader['kid'] = kid))).toBe('header_not_exact')
    expect(await forged((parts) => void (parts.outerHeader['kid'] = kid))).toBe('header_not_exact')
  })

  test.each([
    'A'.repeat(21),
    'A'.repeat(23),
    `${'A'.repeat(21)}B`,
    `${'A'.repeat(21)}=`,
    ['A'.repeat(22)],
    7,
    null,
  ])('a token id or tag that is no 16 bytes: %j', async (value) => {
    for (const name of ['rid', 'rt']) {
      expect(await forged((parts) => void (parts.outerHeader[name] = value))).toBe('header_not_exact')
    }
  })

  test('the kid of a key for another purpose, or of none', async () => {
    for (const [owner, prefix] of [
      ['portal', 'pi'],
      ['mcp', 'mt'],
      ['mcp', 'mg'],
      ['portal', 'pa'],
    ] as const) {
      const { kid } = await shop.file(owner, prefix)
      expect(await forged((parts) => void (parts.innerHeader['kid'] = kid))).toBe('kid_unknown')
    }
    for (const prefix of ['mg', 'mw', 'pt', 'ma']) {
      const { kid } = await shop.file('mcp', prefix)
      expect(await forged((parts) => void (parts.outerHeader['kid'] = kid))).toBe('kid_unknown')
    }
    expect(await forged((parts) => void (parts.outerHeader['kid'] = 'mt-AAAAAAAA'))).toBe('kid_unknown')
  })
})

describe('T-08 the header does not choose the encryption', () => {
  test('RSA-OAEP with SHA-1, named so and named otherwise', async () => {
    const named = await forged((parts) => {
      parts.outerHeader['alg'] = 'RSA-OAEP'
      parts.jwe = { ...parts.jwe, oaepHash: 'sha1' }
    })
    const unnamed = await forged((parts) => void (parts.jwe = { ...parts.jwe, oaepHash: 'sha1' }))
    expect([named, unnamed]).toEqual(['header_not_exact', 'decryption_failed'])
  })

  test('RSA1_5, named so and named otherwise', async () => {
    const pkcs1 = { padding: constants.RSA_PKCS1_PADDING }
    const named = await forged((parts) => {
      parts.outerHeader['alg'] = 'RSA1_5'
      parts.jwe = { ...parts.jwe, ...pkcs1 }
    })
    const unnamed = await forged((parts) => void (parts.jwe = { ...parts.jwe, ...pkcs1 }))
    expect([named, unnamed]).toEqual(['header_not_exact', 'decryption_failed'])
  })

  test.each(['A128GCM', 'A192GCM', 'A128CBC-HS256', 'A256CBC-HS512', 'none', '', null])(
    'enc %j',
    async (enc) => {
      expect(await forged((parts) => void (parts.outerHeader['enc'] = enc))).toBe('header_not_exact')
    },
  )

  test('dir with an empty, a zero and a public key', async () => {
    const parts = await goodParts(shop)
    const header = { ...parts.outerHeader, alg: 'dir' }
    const { jwk } = await shop.file('portal', 'mt')
    const modulus = Buffer.from('n' in jwk ? jwk.n : '', 'base64url')
    for (const directKey of [Buffer.alloc(32), modulus.subarray(0, 32)]) {
      const token = forgeJwe(header, forgeJws(parts.innerHeader, parts.claims, parts.sign), { directKey })
      expect(verdict(await open(token, shop))).toBe('segments_malformed')
      const padded = token.replace('..', `.${'A'.repeat(342)}.`)
      expect(verdict(await open(padded, shop))).toBe('header_not_exact')
    }
  })

  test('ECDH-ES and PBES2, made by a library that knows them', async () => {
    const { outerHeader } = await goodParts(shop)
    const rest = without(outerHeader as { alg: string; enc: string; kid: string }, 'alg', 'enc')
    const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const enc = 'A256GCM'
    const ecdh = await new CompactEncrypt(randomBytes(900))
      .setProtectedHeader({ ...rest, alg: 'ECDH-ES+A256KW', enc })
      .encrypt(curve)
    const pbes2 = await new CompactEncrypt(randomBytes(900))
      .setProtectedHeader({ ...rest, alg: 'PBES2-HS256+A128KW', enc, p2c: 10_000 })
      .encrypt(Buffer.from('password'))
    expect(verdict(await open(ecdh, shop))).toBe('segments_malformed')
    expect(verdict(await open(pbes2, shop))).toBe('segments_malformed')
  })
})

describe('a key does its own work alone', () => {
  test('a content key encrypted to a longer RSA key under our kid', async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 })
    const longer = await forged((parts) => {
      parts.jwe = { publicKey }
    })
    expect(longer).toBe('segments_malformed')
  })

  test('to use one for another purpose is a bug, not a refusal', async () => {
    const { receipt } = shop.mcp
    const { code, internalSigning } = shop.portal
    const asReceipt = { ...code.active, purpose: 'code' } as unknown as typeof receipt.active
    await expect(encrypt(RECEIPT, asReceipt, { plaintext: 'x' })).rejects.toThrow(
      'a code key was used for receipt',
    )
    const asToken = internalSigning.active as unknown as typeof shop.mcp.tokenSigning.active
    await expect(sign(INNER_TOKEN, asToken, 'x')).rejects.toThrow('was used for token-signing')
    const sealed = await sealAccessToken(await someClaims(shop), shop.portal)
    const shape = readJweShape(ACCESS_TOKEN, sealed.ok ? sealed.value : '')
    if (!shape.ok) throw new Error(shape.error)
    const asOpener = receipt.active as unknown as typeof shop.mcp.tokenEncryption.active
    await expect(decrypt(shape.value, asOpener)).rejects.toThrow('was used for token-encryption')
  })
})

describe('T-09 nothing is inflated', () => {
  test('a megabyte of zeroes, deflated', async () => {
    const parts = await goodParts(shop)
    const bomb = forgeJwe(
      { ...parts.outerHeader, zip: 'DEF' },
      deflateRawSync(Buffer.alloc(1 << 20)),
      parts.jwe,
    )
    expect(verdict(await open(bomb, shop))).toBe('header_not_exact')
  })

  test('a good token, deflated without saying so', async () => {
    const parts = await goodParts(shop)
    const inner = forgeJws(parts.innerHeader, parts.claims, parts.sign)
    const token = forgeJwe(parts.outerHeader, deflateRawSync(inner, { level: 0 }), parts.jwe)
    expect(verdict(await open(token, shop))).toBe('not_canonical')
  })
})

describe('T-12 every refusal looks the same from outside', () => {
  test('bad key transport and bad ciphertext are one reason, in the shape of all others', async () => {
    const good = assemble(await goodParts(shop)).split('.')
    const key = [good[0], randomBytes(256).fill(1, 0, 1).toString('base64url'), ...good.slice(2)].join('.')
    const text = [...good.slice(0, 4), randomBytes(16).toString('base64url')].join('.')
    const answers = [await open(key, shop), await open(text, shop)]
    expect(answers).toEqual([
      { ok: false, error: 'decryption_failed' },
      { ok: false, error: 'decryption_failed' },
    ])
  })
})
