import { describe, expect, test } from 'vitest'
import type { Write } from '../../../src/kernel/store/contract.ts'
import { readRecord, type RecordData, type RecordType } from '../../../src/mcp/records/entries.ts'
import { recordKeys } from '../../../src/mcp/records/keys.ts'
import { writesOf } from '../../../src/mcp/records/projection.ts'
import { manualClock } from '../../support/clock.ts'
import { aDetection } from '../../support/detection.ts'

const clock = manualClock()
const NOW_S = clock.nowMs() / 1000
const HOUR_MS = 3_600_000
const id = (letter: string): string => letter.repeat(22)
const [GRANT, TOKEN, ENV] = [id('G'), id('T'), id('E')]
const owned = { sub: 'user_1', env: ENV }

const writes = <T extends RecordType>(type: T, data: RecordData<T>): readonly Write[] =>
  writesOf(readRecord(type, data, clock.nowMs()), clock)
const revoking = (
  target: RecordData<'revocation.made'>['target'],
  untilS: number | null = null,
): readonly Write[] => writes('revocation.made', { target, untilS, markMs: 5, reason: '', by: '' })

describe('a revocation', () => {
  const token = { kind: 'token', rid: TOKEN, until: null } as const
  const notAllowed = { key: recordKeys.allowed(TOKEN), remove: true }

  test('of a token refuses it, and takes it off the allow-list', () => {
    expect(revoking(token)).toEqual([{ key: recordKeys.revokedToken(TOKEN), value: '1' }, notAllowed])
    expect(revoking(token, NOW_S + 60)).toEqual([
      { key: recordKeys.revokedToken(TOKEN), value: '1', ttlMs: 60_000 + HOUR_MS },
      notAllowed,
    ])
  })

  test('of a grant refuses it, an hour longer than it lives, also when that is over', () => {
    const grant = { kind: 'grant', gid: GRANT } as const
    const key = recordKeys.revokedGrant(GRANT)
    expect(revoking(grant)).toEqual([{ key, value: '1' }])
    expect(revoking(grant, NOW_S + 1)).toEqual([{ key, value: '1', ttlMs: 1_000 + HOUR_MS }])
    expect(revoking(grant, NOW_S - 9_999)).toEqual([{ key, value: '1', ttlMs: HOUR_MS }])
  })

  test.each<[RecordData<'revocation.made'>['target'], string]>([
    [{ kind: 'user', sub: 'user_1' }, recordKeys.userMark('user_1')],
    [{ kind: 'client', cid: 'c' }, recordKeys.clientMark('c')],
    [{ kind: 'env', env: ENV }, recordKeys.environmentMark(ENV)],
    [{ kind: 'key', kid: 'mt-1' }, recordKeys.keyMark('mt-1')],
    [{ kind: 'before', beforeMs: 4 }, recordKeys.timeMark],
  ])('of many, %j, raises their watermark', (target, key) => {
    expect(revoking(target)).toEqual([{ key, atLeast: 5 }])
  })

  test('of a window of time adds it to the others', () => {
    expect(revoking({ kind: 'window', fromMs: 7, toMs: 9 })).toEqual([
      { key: recordKeys.windows, range: [7, 9] },
    ])
  })
})

describe('the allow-list', () => {
  test('takes a token that nobody took off it before, for an hour longer than it lives', () => {
    const added = { jti: TOKEN, gid: GRANT, kids: [] }
    const write = { key: recordKeys.allowed(TOKEN), value: GRANT, ifAbsent: true }
    expect(writes('allow.added', { ...added, maxS: null })).toEqual([write])
    expect(writes('allow.added', { ...added, maxS: NOW_S + 60 })).toEqual([
      { ...write, ttlMs: 60_000 + HOUR_MS },
    ])
  })

  test('keeps one that was replaced until its end and not a moment longer; then it is revoked for good', () => {
    const limited = (untilS: number): readonly Write[] =>
      writes('grant.limited', { gid: GRANT, jti: TOKEN, untilS })
    expect(limited(NOW_S + 1)).toEqual([{ key: recordKeys.allowed(TOKEN), value: GRANT, ttlMs: 1_000 }])
    const over = [{ key: recordKeys.revokedToken(TOKEN), value: '1' }]
    expect([limited(NOW_S), limited(NOW_S - 1)]).toEqual([over, over])
  })
})

test('uses, plans and credentials are what is asked for; a removed environment has none and is refused', () => {
  const use = { gid: GRANT, atMs: 5, address: 'a', client: '', tool: 't' }
  expect(writes('grant.used', use)).toEqual([
    { key: recordKeys.lastUse(GRANT), value: JSON.stringify(use), ttlMs: 400 * 86_400_000 },
  ])
  const plan = { sub: 'user_1', pla: 'pro', fea: '', iatS: 1 }
  expect(writes('plan.recorded', plan)).toEqual([
    { key: recordKeys.plan('user_1'), value: JSON.stringify(plan) },
  ])
  const saved = { ...owned, ver: 2, blob: 'b', origin: 'https://m.example', label: '', previous: null }
  const newest = [{ key: recordKeys.credential(owned), newest: '2.b' }]
  expect(writes('credential.saved', saved)).toEqual(newest)
  expect(writes('credential.reverted', { ...owned, ver: 2, blob: 'b' })).toEqual(newest)
  expect(writes('environment.removed', { ...owned, markMs: 5 })).toEqual([
    { key: recordKeys.environmentMark(ENV), atLeast: 5 },
    { key: recordKeys.credential(owned), remove: true },
  ])
})

test('what the store need not know changes nothing in it', () => {
  expect(
    [
      writes('grant.attested', {
        ...{ gid: GRANT, ...owned, sid: 's', cid: 'c', scp: '', knd: 'ci', prf: 'batch' },
        ...{ clientName: '', redirectHost: '', at: 1, maxS: null, ver: 1, kid: 'mg-AAAAAAAA' },
      }),
      writes('credential.confirmed', { ...owned, ver: 2 }),
      writes('plan.capped', { sub: 'user_1', pla: '', fea: '', atS: 1 }),
      writes('change.begun', {
        ...{ id: id('C'), ...owned, gid: GRANT, tool: 't', risk: 'low', approval: { by: 'policy' } },
        ...{ digest: 'd', records: 1, plan: 'p' },
      }),
      writes('change.step', { id: id('C'), index: 0, outcome: 'written' }),
      writes('change.ended', { id: id('C') }),
      writes('detection.raised', aDetection()),
      writes('detection.settled', { id: id('d'), more: 3 }),
    ].flat(),
  ).toEqual([])
})
