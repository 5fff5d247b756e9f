import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { isCanonicalBase64url } from '../../src/crypto/base64url.ts'
import { formatCiToken } from '../../src/crypto/token-seal.ts'
import {
  assemble,
  b64,
  forgeJwe,
  forgeJws,
  goodParts,
  withCiPrefix,
  type Parts,
} from '../support/crypto/token-forge.ts'
import {
  aReceipt,
  open,
  openWorkshop,
  sealed,
  verdict,
  without,
  type Workshop,
} from '../support/crypto/token-workshop.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
let shop: Workshop
let good: string
beforeAll(async () => {
  shop = await openWorkshop()
  good = assemble(await goodParts(shop))
})
afterAll(() => shop.close())

const openedAs = async (bearer: string): Promise<string> => verdict(await open(bearer, shop))
const segmentsOf = (token: string): string[] => token.split('.')
const rejoined = (bend: (segments: string[]) => void): string => {
  const segments = segmentsOf(good)
  bend(segments)
  return segments.join('.')
}

test('the twin: the token opens as it is', async () => {
  expect(await openedAs(good)).toBe('opened')
})

describe('T-10 a token that was touched does not open', () => {
  test('one bit of any character', { timeout: 60_000 }, async () => {
    for (let at = 0; at < good.length; at += 1) {
      if (good[at] === '.') continue
      const other = ALPHABET[ALPHABET.indexOf(good.charAt(at)) ^ (1 << (at % 6))] ?? ''
      const touched = good.slice(0, at) + other + good.slice(at + 1)
      expect(await openedAs(touched), `character ${at}`).not.toBe('opened')
    }
  })

  test('any characters, anywhere', { timeout: 60_000 }, async () => {
    const edit = fc.tuple(fc.nat(good.length - 1), fc.nat(3), fc.string({ maxLength: 3 }))
    await fc.assert(
      fc.asyncProperty(edit, async ([at, removed, added]) => {
        const touched = good.slice(0, at) + added + good.slice(at + removed)
        fc.pre(touched !== good)
        expect(await openedAs(touched)).not.toBe('opened')
      }),
      { numRuns: 500 },
    )
  })

  test.each([15, 14, 12, 8, 4, 1, 0])('a tag of %i bytes', async (tagBytes) => {
    const parts = await goodParts(shop)
    parts.jwe = { ...parts.jwe, tagBytes }
    expect(await openedAs(assemble(parts))).toBe('segments_malformed')
  })

  test.each([8, 11, 13, 16])('an IV of %i bytes', async (ivBytes) => {
    const parts = await goodParts(shop)
    parts.jwe = { ...parts.jwe, ivBytes }
    expect(await openedAs(assemble(parts))).toBe('segments_malformed')
  })

  test('segments swapped, left out, doubled or taken from another good token', async () => {
    const other = segmentsOf(assemble(await goodParts(shop)))
    const bent = [
      rejoined((s) => s.reverse()),
      rejoined((s) => s.splice(2, 2, s[3] ?? '', s[2] ?? '')),
      rejoined((s) => s.pop()),
      rejoined((s) => s.splice(1, 1, '')),
      rejoined((s) => s.push('')),
      rejoined((s) => s.push(s[4] ?? '')),
      ...[0, 1, 2, 3, 4].map((index) => rejoined((s) => s.splice(index, 1, other[index] ?? ''))),
    ]
    for (const token of bent) expect(await openedAs(token)).not.toBe('opened')
  })

  test.each([
    '',
    '.',
    '....',
    '.....',
    'a.b.c.d.e',
    'mxci_',
    'mxci_AAAAAA_',
    'Bearer x',
    '\0',
    '{"protected":""}',
  ])('no token at all: %j', async (text) => {
    expect(await openedAs(text)).not.toBe('opened')
  })

  test('too short and too long, before anything is parsed', async () => {
    expect(await openedAs('A'.repeat(799))).toBe('length_out_of_range')
    expect(await openedAs('A'.repeat(5_000_000))).toBe('length_out_of_range')
    expect(await openedAs(`mxci_AAAAAA_${'A'.repeat(5_000_000)}`)).toBe('length_out_of_range')
  })

  test('a header of kilobytes', async () => {
    const parts = await goodParts(shop)
    parts.outerText = `${' '.repeat(400)}${JSON.stringify(parts.outerHeader)}`
    expect(await openedAs(assemble(parts))).toBe('segments_malformed')
  })
})

describe('T-11 a token has one spelling', () => {
  test('unused bits of the last character of each segment', async () => {
    for (const index of [0, 1, 2, 3, 4]) {
      const segment = segmentsOf(good)[index] ?? ''
      const unused = { 2: 15, 3: 3 }[segment.length % 4] ?? 0
      for (let bits = 1; bits <= unused; bits += 1) {
        const last = ALPHABET[ALPHABET.indexOf(segment.at(-1) ?? '') | bits] ?? ''
        const respelled = rejoined((s) => s.splice(index, 1, segment.slice(0, -1) + last))
        expect(Buffer.from(respelled.split('.')[index] ?? '', 'base64url')).toEqual(
          Buffer.from(segment, 'base64url'),
        )
        expect(await openedAs(respelled)).toBe('not_canonical')
      }
    }
  })

  test.each(['=', '==', ' ', '\n', '\r\n', '\t', '\0', '+', '/', '%3D', 'é'])(
    '%j after, before and inside a segment',
    async (noise) => {
      for (const index of [0, 1, 2, 3, 4]) {
        for (const place of ['after', 'before', 'inside']) {
          const respelled = rejoined((segments) => {
            const one = segments[index] ?? ''
            const at = { after: one.length, before: 0, inside: 10 }[place] ?? 0
            segments[index] = one.slice(0, at) + noise + one.slice(at)
          })
          expect(await openedAs(respelled)).not.toBe('opened')
        }
      }
    },
  )

  test('the quick check says what decoding and encoding again would say', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(...Array.from(ALPHABET), '=', '+', ' '), maxLength: 12 }),
        (text) => {
          expect(isCanonicalBase64url(text)).toBe(
            Buffer.from(text, 'base64url').toString('base64url') === text,
          )
        },
      ),
      { numRuns: 5000 },
    )
  })

  const headers: readonly [string, (parts: Parts) => void][] = [
    ['the outer header', (parts) => (parts.outerText = doubled(parts.outerHeader, 'typ'))],
    ['the outer header, escaped', (parts) => (parts.outerText = doubled(parts.outerHeader, 't\\u0079p'))],
    ['the inner header', (parts) => (parts.innerText = doubled(parts.innerHeader, 'typ'))],
  ]
  test.each(headers)('a member named twice in %s', async (_name, bend) => {
    const parts = await goodParts(shop)
    bend(parts)
    expect(await openedAs(assemble(parts))).toBe('header_malformed')
  })

  test.each(['scope', 'sc\\u006fpe', '__proto__', '\\u005f_proto__'])(
    'the claim %s named twice, or never to be named, although signed',
    async (name) => {
      const parts = await goodParts(shop)
      parts.claimsText = doubled(parts.claims, name)
      expect(await openedAs(assemble(parts))).toBe('payload_malformed')
    },
  )

  test('claims in another spelling of the same JSON are read, for the signature covers them', async () => {
    const parts = await goodParts(shop)
    parts.claimsText = JSON.stringify(parts.claims, null, 1)
    expect(await openedAs(assemble(parts))).toBe('opened')
  })

  test('claims in bytes that are not UTF-8', async () => {
    const parts = await goodParts(shop)
    const bytes = Buffer.from(JSON.stringify(parts.claims))
    bytes[bytes.indexOf('maximo:read')] = 0xff
    const input = `${b64(parts.innerHeader)}.${b64(bytes)}`
    const inner = `${input}.${parts.sign(Buffer.from(input)).toString('base64url')}`
    expect(await openedAs(forgeJwe(parts.outerHeader, inner, parts.jwe))).toBe('payload_malformed')
  })

  test('an inner token with high bits set where seven bits would read the same', async () => {
    const parts = await goodParts(shop)
    const inner = Buffer.from(forgeJws(parts.innerHeader, parts.claims, parts.sign))
    inner[20] = (inner[20] ?? 0) | 0x80
    expect(await openedAs(forgeJwe(parts.outerHeader, inner, parts.jwe))).toBe('not_canonical')
  })
})

describe('an automation token has one spelling too', () => {
  const automation = async (): Promise<string> => {
    const parts = await goodParts(shop)
    const jti = String(parts.claims['jti'])
    const kids: [string, string] = [String(parts.outerHeader['kid']), String(parts.innerHeader['kid'])]
    const receipt = without(aReceipt({ knd: 'ci', jti, kids }), 'max')
    const claims = without(parts.claims, 'exp')
    parts.claims = { ...claims, knd: 'ci', gr: await sealed(receipt, shop) }
    return assemble(parts)
  }

  test('the twin: with the right prefix it opens', async () => {
    const token = await automation()
    expect(await openedAs(withCiPrefix(token))).toBe('opened')
    expect(formatCiToken(token)).toBe(withCiPrefix(token))
  })

  test('without prefix, with a wrong check, with two prefixes', async () => {
    const token = await automation()
    expect(await openedAs(token)).toBe('form_mismatch')
    expect(await openedAs(`mxci_AAAAAA_${token}`)).toBe('prefix_check_wrong')
    expect(await openedAs(`MXCI_${withCiPrefix(token).slice(5)}`)).not.toBe('opened')
    expect(await openedAs(withCiPrefix(withCiPrefix(token)))).not.toBe('opened')
  })

  test('a token of a person with the prefix of automation', async () => {
    expect(await openedAs(withCiPrefix(good))).toBe('form_mismatch')
  })
})

/** The JSON of `members` with one more member at its end. */
const doubled = (members: Record<string, unknown>, name: string): string =>
  `${JSON.stringify(members).slice(0, -1)},"${name}":"at+jwt"}`
