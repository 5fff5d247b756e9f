import { describe, expect, test } from 'vitest'
import type { Write } from '../../../src/kernel/store/contract.ts'
import {
  type PortalEntryData,
  type PortalEntryType,
  readPortalEntry,
} from '../../../src/portal/records/entries.ts'
import { storeKeys } from '../../../src/portal/records/keys.ts'
import {
  storedClient,
  storedMachine,
  storedRefresh,
  storedRotation,
  storedToken,
  writesOf,
} from '../../../src/portal/records/projection.ts'
import { manualClock } from '../../support/clock.ts'
import { aDetection } from '../../support/detection.ts'

const clock = manualClock()
const NOW_S = clock.nowMs() / 1000
const MINUTE_MS = 60_000
const id = (letter: string): string => letter.repeat(22)
const hash = (letter: string): string => letter.repeat(43)

/** What an entry means in the store; it was written so much earlier. */
const writes = <T extends PortalEntryType>(type: T, data: PortalEntryData<T>, ageS = 0): readonly Write[] =>
  writesOf(readPortalEntry({ type, data, atMs: clock.nowMs() - ageS * 1000 }), clock)

const kept = { gid: id('g'), cid: 'c', scp: 'maximo:read', receipt: 'r' }
/** Ends in a minute, now, and a second ago. */
const ENDS = [NOW_S + 60, NOW_S, NOW_S - 1]

describe('what has an end is kept up to it, and is not brought back behind it', () => {
  test('an end of a connection', () => {
    const ended = (maxS: number): readonly Write[] =>
      writes('connection.ended', { gid: id('g'), by: 'owner', reason: 'revoked', maxS })
    expect(ENDS.map(ended)).toEqual([
      [{ key: storeKeys.grantEnd(id('g')), value: 'revoked', ttlMs: MINUTE_MS }],
      [],
      [],
    ])
  })

  test('a refresh token, under its hash, which is not said again', () => {
    const issued = (expS: number): readonly Write[] =>
      writes('refresh.issued', { ...kept, hash: hash('h'), expS, maxS: NOW_S + 99 })
    const value = { ...kept, expS: NOW_S + 60, maxS: NOW_S + 99 }
    expect(ENDS.map(issued)).toEqual([
      [{ key: storeKeys.refresh(hash('h')), value: JSON.stringify(value), ttlMs: MINUTE_MS }],
      [],
      [],
    ])
    expect(storedRefresh.parse(value)).toEqual(value)
    expect(storedRefresh.safeParse({ ...value, hash: hash('h') }).success).toBe(false)
  })

  test('a rotation, of which the first counts, and the successor', () => {
    const rotated = (expS: number): readonly Write[] =>
      writes('refresh.rotated', {
        ...{ ...kept, from: hash('a'), to: hash('b'), successor: 's', expS, maxS: NOW_S + 99 },
      })
    const rotation = { to: hash('b'), successor: 's', atMs: clock.nowMs() }
    const value = { ...kept, expS: NOW_S + 60, maxS: NOW_S + 99 }
    expect(ENDS.map(rotated)).toEqual([
      [
        {
          ...{ key: storeKeys.rotation(hash('a')), value: JSON.stringify(rotation), ttlMs: MINUTE_MS },
          ifAbsent: true,
        },
        { key: storeKeys.refresh(hash('b')), value: JSON.stringify(value), ttlMs: MINUTE_MS },
      ],
      [],
      [],
    ])
    expect(storedRotation.parse(rotation)).toEqual(rotation)
    for (const bend of [{ more: 1 }, { atMs: 0 }, { atMs: 0.5 }, { successor: 's'.repeat(513) }, { to: 'b' }])
      expect(storedRotation.safeParse({ ...rotation, ...bend }).success).toBe(false)
    expect(storedRotation.safeParse({ ...rotation, successor: 's'.repeat(512) }).success).toBe(true)
  })

  test('a token, under its id, which is not said again', () => {
    const token = { gid: id('g'), cid: 'c', sha256: hash('s') }
    const issued = (expS: number): readonly Write[] =>
      writes('token.issued', { ...token, rid: id('r'), expS })
    const value = { ...token, expS: NOW_S + 60 }
    expect(ENDS.map(issued)).toEqual([
      [{ key: storeKeys.token(id('r')), value: JSON.stringify(value), ttlMs: MINUTE_MS }],
      [],
      [],
    ])
    expect(storedToken.parse(value)).toEqual(value)
    expect(storedToken.safeParse({ ...value, rid: id('r') }).success).toBe(false)
  })

  test('a client, for ninety days after its last use where nothing else is said', () => {
    const client = {
      ...{ cid: 'c', name: 'C', redirectUris: ['https://c'], authMethod: 'none' as const },
      grantTypes: [],
    }
    const write = (data: object, ttlMs: number): readonly Write[] => [
      { key: storeKeys.client('c'), value: JSON.stringify(data), ttlMs },
    ]
    const until = (untilS: number): readonly Write[] => writes('client.registered', { ...client, untilS })
    expect(ENDS.map(until)).toEqual([write({ ...client, untilS: NOW_S + 60 }, MINUTE_MS), [], []])
    const dayS = 86_400
    expect(writes('client.registered', client)).toEqual(write(client, 90 * dayS * 1000))
    expect(writes('client.registered', client, 89 * dayS + 0.5)).toEqual(write(client, (dayS - 1) * 1000))
    expect(writes('client.registered', client, 90 * dayS)).toEqual([])
    expect(storedClient.parse(client)).toEqual(client)
  })
})

test('of a machine client the newest registration counts, for good', () => {
  const machine: PortalEntryData<'machine.registered'> = {
    ...{ cid: `mxm_${id('M')}`, gid: id('g'), sub: 'u', env: id('e'), scp: '', root: 'r' },
    proof: { kind: 'secret', secretHash: hash('s') },
    asked: { prf: 'batch', rsk: 'low' },
  }
  expect(writes('machine.registered', machine)).toEqual([
    { key: storeKeys.machine(machine.cid), newest: `${clock.nowMs()}.${JSON.stringify(machine)}` },
  ])
  expect(storedMachine.parse(machine)).toEqual(machine)
})

test('what the store is never asked for changes nothing in it', () => {
  const gid = id('g')
  expect(
    [
      writes('connection.made', {
        ...{ gid, sub: 'u', cid: 'c', clientName: '', redirectHost: '', env: id('e'), envLabel: '', scp: '' },
        maxS: NOW_S + 60,
      }),
      writes('connection.limited', { gid, maxS: NOW_S + 60 }),
      writes('revocation.pending', { id: id('p'), target: { kind: 'grant', gid }, reason: '', by: '' }),
      writes('revocation.settled', { id: id('p'), state: 'enforced' }),
      writes('owners.checked', { owners: 1, startedMs: 1 }),
      writes('notice.dismissed', { sub: 'u', notice: 'n' }),
      writes('detection.raised', aDetection()),
      writes('detection.settled', { id: id('d'), more: 3 }),
    ].flat(),
  ).toEqual([])
})
