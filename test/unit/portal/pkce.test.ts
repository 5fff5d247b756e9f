import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { isChallenge, verifierMatches } from '../../../src/portal/token/pkce.ts'

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

test('the example of RFC 7636 appendix B matches', () => {
  expect(
    verifierMatches(
      'dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk',
      'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    ),
  ).toBe(true)
})

describe('verifiers at and beyond the bounds', () => {
  test.each([
    ['a'.repeat(43), true],
    ['a'.repeat(128), true],
    ['-._~'.repeat(11), true],
    ['a'.repeat(42), false],
    ['a'.repeat(129), false],
    ['', false],
    [`${'a'.repeat(42)}+`, false],
    [`${'a'.repeat(43)}\n`, false],
  ])('%j: %s', (verifier, expected) => {
    expect(verifierMatches(verifier, challengeOf(verifier))).toBe(expected)
  })
})

test('another verifier does not match', () => {
  expect(verifierMatches('b'.repeat(43), challengeOf('a'.repeat(43)))).toBe(false)
})

test('the challenge itself is no verifier (plain)', () => {
  const challenge = challengeOf('a'.repeat(43))
  expect(verifierMatches(challenge, challenge)).toBe(false)
})

test.each([
  [challengeOf('x'), true],
  ['a'.repeat(42), false],
  ['a'.repeat(44), false],
  [`${'a'.repeat(42)}=`, false],
  ['', false],
])('challenge %j: %s', (value, expected) => {
  expect(isChallenge(value)).toBe(expected)
})
