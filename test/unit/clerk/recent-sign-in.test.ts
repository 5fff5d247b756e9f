import { describe, expect, test } from 'vitest'
import { Secret } from '../../../src/kernel/secret.ts'
import { hasRecentSignIn } from '../../../src/portal/session/recent-sign-in.ts'
import type { SignedIn } from '../../../src/portal/session/session-state.ts'

const NOW_S = 1_795_000_000
const clock = { nowMs: () => NOW_S * 1000, monotonicMs: () => 0 }
const session = (fva: SignedIn['claims']['fva'], ageS: number): SignedIn => ({
  userId: 'user_1',
  sessionId: 'sess_1',
  token: new Secret('t'),
  issuedAtS: NOW_S - ageS,
  claims: { pla: '', fea: '', fva },
})

describe('a recent sign-in, of at most ten minutes', () => {
  test.each([
    ['just now', [0, -1], 0, true],
    ['ten minutes ago', [10, -1], 0, true],
    ['nine minutes before the token, which is a minute old', [9, -1], 60, true],
    ['ten minutes before the token, which is a second old', [10, -1], 1, false],
    ['eleven minutes ago', [11, -1], 0, false],
    ['never', [-1, -1], 0, false],
    ['never, but a second factor', [-1, 0], 0, false],
  ] as const)('%s', (_name, fva, ageS, expected) => {
    expect(hasRecentSignIn(session(fva, ageS), 10, clock)).toBe(expected)
  })

  test('a token that does not say is not recent', () => {
    expect(hasRecentSignIn(session(null, 0), 10, clock)).toBe(false)
  })
})
