import { expect, test } from 'vitest'
import { base64urlChars, isCanonicalBase64url } from '../../../src/crypto/base64url.ts'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** What decoding and encoding again says of a text. */
const survives = (text: string): boolean => Buffer.from(text, 'base64url').toString('base64url') === text

test.each(['', 'QUJD', 'QUJDREVG'])(
  '%j and whatever one to three characters follow: as decoding says',
  (head) => {
    for (const one of ALPHABET) {
      expect(isCanonicalBase64url(`${head}${one}`)).toBe(false)
      expect(isCanonicalBase64url(`${head}A${one}`), `A${one}`).toBe(survives(`${head}A${one}`))
      expect(isCanonicalBase64url(`${head}AA${one}`), `AA${one}`).toBe(survives(`${head}AA${one}`))
      expect(isCanonicalBase64url(`${head}AAA${one}`)).toBe(true)
    }
    expect(isCanonicalBase64url(head)).toBe(true)
  },
)

test.each([
  'QUJ=',
  '=QUJ',
  'QUI=',
  'QU+D',
  'QU/D',
  ' QUJ',
  'QUJ ',
  'QUJD\n',
  'QU\nJ',
  'QUéJ',
  'QU.J',
  '....',
])('%j has characters of another alphabet', (text) => {
  expect(isCanonicalBase64url(text)).toBe(false)
})

test('the length is that of an encoder', () => {
  for (let bytes = 0; bytes < 70; bytes += 1)
    expect(base64urlChars(bytes)).toBe(Buffer.alloc(bytes).toString('base64url').length)
})
