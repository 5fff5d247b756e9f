import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { credentialKey } from '../../../src/mcp/admission/admitted.ts'
import { readRecord } from '../../../src/mcp/records/entries.ts'
import { Ledger } from '../../../src/mcp/records/ledger.ts'
import { ageInWords, ageOf } from '../../../src/mcp/vault/credential-age.ts'
import { RefusedCredentials } from '../../../src/mcp/vault/refused-credentials.ts'
import { isGuessable } from '../../../src/mcp/vault/guessable-key.ts'
import { manualClock } from '../../support/clock.ts'

const DAY_MS = 86_400_000
const POLICY = { days: { production: 90, test: 30 }, warnDays: 14 }

test('a refused credential is so since the first refusal, until it is taken; another version is another', () => {
  const clock = manualClock()
  const refused = new RefusedCredentials(clock)
  const [first, second] = [1, 2].map((ver) => credentialKey({ sub: 'user_1', env: 'e' }, ver))
  const [startMs, key = '', other = ''] = [clock.nowMs(), first, second]
  refused.hear(key, false)
  clock.advance(60_000)
  refused.hear(key, false)
  expect([refused.sinceMs(key), refused.sinceMs(other)]).toEqual([startMs, null])
  refused.hear(other, true)
  expect(refused.sinceMs(key)).toBe(startMs)
  refused.hear(key, true)
  expect(refused.sinceMs(key)).toBeNull()
})

describe('the age of a credential', () => {
  const after = (days: number, cls: 'production' | 'test') =>
    ageOf({ about: { sinceMs: 1_000, cls, admin: null } }, POLICY, 1_000 + days * DAY_MS)

  test.each([
    ['production', 0, 'fresh', 90],
    ['production', 75, 'fresh', 15],
    ['production', 76, 'due', 14],
    ['production', 89, 'due', 1],
    ['production', 90, 'overdue', 0],
    ['production', 120, 'overdue', -30],
    ['test', 15, 'fresh', 15],
    ['test', 16, 'due', 14],
    ['test', 30, 'overdue', 0],
  ] as const)('%s after %i days is %s', (cls, days, state, leftDays) => {
    expect(after(days, cls)).toEqual({ cls, state, ageDays: days, leftDays })
  })

  test('a day is over when its last millisecond is; a clock that stepped back makes nothing negative', () => {
    expect(ageOf({ about: { sinceMs: 0, cls: 'test', admin: null } }, POLICY, 30 * DAY_MS - 1).state).toBe(
      'due',
    )
    expect(ageOf({ about: { sinceMs: DAY_MS, cls: 'test', admin: null } }, POLICY, 0).ageDays).toBe(0)
  })

  test.each([
    [1, 'The key is 1 day old; replace it within 29 days (test).'],
    [29, 'The key is 29 days old and should be replaced within 1 day.'],
    [30, 'The key is 30 days old and should be replaced today.'],
    [32, 'The key is 32 days old and should have been replaced 2 days ago.'],
  ])('in words after %i days', (days, words) => {
    expect(ageInWords(after(days, 'test'))).toBe(words)
  })
})

describe('what the journal says of a credential', () => {
  const owned = { sub: 'user_1', env: randomId() }
  const base = { ...owned, origin: 'https://maximo.example', label: 'A' }
  const aLedger = () => {
    const clock = manualClock(100 * DAY_MS)
    const ledger = new Ledger(clock)
    const saved = (ver: number, atMs: number, more: object = {}): void =>
      ledger.apply(
        readRecord(
          'credential.saved',
          {
            ...base,
            ver,
            blob: `blob${ver}`,
            previous: ver === 1 ? null : { ver: ver - 1, blob: 'x' },
            ...more,
          },
          atMs,
        ),
      )
    const about = () => ledger.newestCredential(owned)?.about
    return { ledger, saved, about }
  }

  test('one of an older version of this server counts from its record, as production', () => {
    const { saved, about } = aLedger()
    saved(1, 5_000)
    expect(about()).toEqual({ sinceMs: 5_000, cls: 'production', admin: null })
  })

  test('a replacement is new, and its environment what it was; going back brings the old age back', () => {
    const { ledger, saved, about } = aLedger()
    saved(1, 5_000, { cls: 'test', admin: true })
    saved(2, 9_000, { admin: false })
    expect(about()).toEqual({ sinceMs: 9_000, cls: 'test', admin: false })
    ledger.apply(readRecord('credential.reverted', { ...owned, ver: 3, blob: 'back' }, 9_500))
    expect(about()).toEqual({ sinceMs: 5_000, cls: 'test', admin: true })
  })

  test('what a server renewed by itself is as old as before, also what it could go back to', () => {
    const { ledger, saved, about } = aLedger()
    saved(1, 5_000, { cls: 'test' })
    saved(2, 9_000)
    saved(3, 50_000, { since: 9_000, previous: { ver: 1, blob: 'x' } })
    expect(about()?.sinceMs).toBe(9_000)
    ledger.apply(readRecord('credential.reverted', { ...owned, ver: 4, blob: 'back' }, 60_000))
    expect(about()?.sinceMs).toBe(5_000)
  })

  test('confirming changes no age, and a removed environment has none', () => {
    const { ledger, saved, about } = aLedger()
    saved(1, 5_000)
    saved(2, 9_000)
    ledger.apply(readRecord('credential.confirmed', { ...owned, ver: 2 }, 10_000))
    expect(about()?.sinceMs).toBe(9_000)
    ledger.apply(readRecord('environment.removed', { ...owned, markMs: 1 }, 11_000))
    expect(ledger.credentials.of('user_1')).toEqual([])
  })
})

describe('a key that can be guessed', () => {
  test.each([
    'maximo-sap-prod-2024',
    'Maximo_Integration_User_01',
    'password12345password12345',
    'changeme',
    'integration.user-2025',
    '20240101-20250101-20260101',
    'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
    'abcabcabcabcabcabcabcabcabcabc',
    'maximomaximo2024',
  ])('%s is', (key) => {
    expect(isGuessable(key)).toBe(true)
  })

  test('five words and more are as good as random', () => {
    expect(isGuessable('correct horse battery staple orange window 7')).toBe(false)
  })

  test.each(['hex', 'base64url'] as const)(
    'one that a generator made (%s of 20 bytes) never is',
    (encoding) => {
      for (let round = 0; round < 500; round += 1) {
        const key = randomBytes(20).toString(encoding)
        expect(isGuessable(key), key).toBe(false)
      }
    },
  )

  test('nor is one in the letters and digits that Maximo uses', () => {
    const alphabet = 'abcdefghijklmnopqrstuvwxyz0123456789'
    for (let round = 0; round < 500; round += 1) {
      const key = Array.from(randomBytes(40), (byte) => alphabet[byte % 36]).join('')
      expect(isGuessable(key), key).toBe(false)
    }
  })
})
