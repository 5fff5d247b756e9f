import { beforeEach, describe, expect, test } from 'vitest'
import { readRecord, type RecordData, type RecordType } from '../../../src/mcp/records/entries.ts'
import { type Grant, Ledger } from '../../../src/mcp/records/ledger.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { aDetection } from '../../support/detection.ts'

const id = (letter: string): string => letter.repeat(22)
const [GRANT, TOKEN, ENV] = [id('G'), id('T'), id('E')]
const over = { sub: 'user_1', cid: 'client', env: ENV }

let clock: ManualClock
let ledger: Ledger
let nowS: number
beforeEach(() => {
  clock = manualClock()
  ledger = new Ledger(clock)
  nowS = clock.nowMs() / 1000
})

const write = <T extends RecordType>(type: T, data: RecordData<T>): void =>
  ledger.apply(readRecord(type, data, clock.nowMs()))
function attest(bend: Partial<Grant> = {}): Grant {
  const grant: Grant = {
    ...{ gid: GRANT, ...over, sid: 's', scp: 'maximo:read', knd: 'ci', prf: 'batch', clientName: '' },
    ...{ redirectHost: '', at: clock.nowMs(), maxS: null, ver: 1, kid: 'mg-AAAAAAAA', ...bend },
  }
  write('grant.attested', grant)
  return grant
}
const revoke = (target: RecordData<'revocation.made'>['target'], markMs = clock.nowMs()): void =>
  write('revocation.made', { target, markMs, untilS: null, reason: '', by: '' })
const allow = (jti: string, gid = GRANT, kids = ['mt-1']): void =>
  write('allow.added', { jti, gid, maxS: null, kids })
const limit = (untilS: number): void => write('grant.limited', { gid: GRANT, jti: TOKEN, untilS })

describe('what ends a grant', () => {
  type Target = RecordData<'revocation.made'>['target']

  test.each<[what: string, theirs: Target, others: Target]>([
    ['its id', { kind: 'grant', gid: GRANT }, { kind: 'grant', gid: id('H') }],
    ['its user', { kind: 'user', sub: 'user_1' }, { kind: 'user', sub: 'user_2' }],
    ['its client', { kind: 'client', cid: 'client' }, { kind: 'client', cid: 'other' }],
    ['its environment', { kind: 'env', env: ENV }, { kind: 'env', env: id('F') }],
  ])('%s, and not that of another', (_what, theirs, others) => {
    const grant = attest()
    revoke(others)
    expect(ledger.isEnded(grant)).toBe(false)
    revoke(theirs)
    expect(ledger.isEnded(grant)).toBe(true)
  })

  test('a watermark at the time of its attestation or later; a lower one behind it takes nothing back', () => {
    const at = clock.nowMs()
    const [earlier, same, later] = [-1, 0, 1].map((by, index) => attest({ gid: id(`${index}`), at: at + by }))
    const ended = (): boolean[] =>
      [earlier, same, later].map((one) => one !== undefined && ledger.isEnded(one))
    revoke({ kind: 'before', beforeMs: at }, at)
    expect(ended()).toEqual([true, true, false])
    revoke({ kind: 'before', beforeMs: at - 9 }, at - 9)
    expect(ended()).toEqual([true, true, false])
  })

  test('a window of time, both ends included', () => {
    const at = clock.nowMs()
    revoke({ kind: 'window', fromMs: at, toMs: at + 5 })
    const ended = [-1, 0, 5, 6].map((by) => ledger.isEnded(attest({ at: at + by })))
    expect(ended).toEqual([false, true, true, false])
  })

  test('its last second, and an earlier one that a replacement gave it, whichever record comes first', () => {
    const isOver = (grant: Grant): boolean[] => {
      const [nowMs, found] = [clock.nowMs(), () => ledger.findGrant(grant.gid) ?? grant]
      clock.setWall((nowS + 60) * 1000 - 1)
      const before = ledger.isEnded(found())
      clock.advance(1)
      const after = ledger.isEnded(found())
      clock.setWall(nowMs)
      return [before, after]
    }
    expect(isOver(attest({ gid: id('H'), maxS: nowS + 60 }))).toEqual([false, true])
    const grant = attest()
    expect(isOver(grant)).toEqual([false, false])
    limit(nowS + 60)
    limit(nowS + 90)
    expect(ledger.findGrant(GRANT)?.maxS).toBe(nowS + 60)
    expect(isOver(grant)).toEqual([false, true])
    attest()
    expect(ledger.findGrant(GRANT)?.maxS).toBe(nowS + 60)
    attest({ maxS: nowS + 30 })
    expect(ledger.findGrant(GRANT)?.maxS).toBe(nowS + 30)
  })

  test('the removal of its environment', () => {
    const grant = attest()
    write('environment.removed', { sub: 'user_1', env: ENV, markMs: clock.nowMs() })
    expect([ledger.isEnded(grant), ledger.isRemoved(ENV)]).toEqual([true, true])
  })
})

describe('the time of a new grant', () => {
  test('lies behind all that could mean it, and behind what was done to any key', () => {
    const [now, at] = [clock.nowMs(), clock.nowMs() + 9_000]
    expect([ledger.attestTime(over), ledger.floorOver(over)]).toEqual([now, 0])
    revoke({ kind: 'window', fromMs: 1, toMs: at })
    revoke({ kind: 'window', fromMs: 1, toMs: 5 })
    expect([ledger.attestTime(over), ledger.floorOver(over)]).toEqual([at + 1, at])
    revoke({ kind: 'user', sub: 'user_1' }, at + 5)
    expect([ledger.attestTime(over), ledger.floorOver(over)]).toEqual([at + 6, at + 5])
    revoke({ kind: 'key', kid: 'k' }, at + 9)
    revoke({ kind: 'key', kid: 'l' }, at + 7)
    expect([ledger.attestTime(over), ledger.floorOver(over)]).toEqual([at + 10, at + 5])
  })

  test('is one that the next watermark reaches', () => {
    expect(ledger.nextMark()).toBe(clock.nowMs() + 5_000)
    const ahead = attest({ at: clock.nowMs() + 9_000 })
    expect(ledger.nextMark()).toBe(ahead.at)
    attest()
    expect(ledger.nextMark()).toBe(ahead.at)
    revoke({ kind: 'user', sub: 'user_1' }, ahead.at + 4_000)
    expect(ledger.attestTime(over)).toBe(ahead.at + 4_001)
    expect(ledger.nextMark()).toBe(ahead.at + 4_001)
  })
})

describe('the grants', () => {
  const ofUser = (sub = 'user_1'): string[] => ledger.grantsOf(sub).map(({ gid }) => gid)

  test('of a person are hers alone, the newest first, and ended ones with them', () => {
    for (const [gid, at] of [
      [id('a'), 1],
      [id('b'), 3],
      [id('c'), 2],
    ] as const)
      attest({ gid, at })
    attest({ gid: id('d'), sub: 'user_2' })
    revoke({ kind: 'grant', gid: id('b') })
    expect([ofUser(), ofUser('user_2'), ofUser('user_3')]).toEqual([
      [id('b'), id('c'), id('a')],
      [id('d')],
      [],
    ])
    expect([ledger.findGrant(id('a'))?.at, ledger.findGrant(id('x'))]).toEqual([1, null])
  })

  test('of a machine client are those that were made for one, and name who registered it', () => {
    const machine = { rid: id('R'), proof: 'keys' } as const
    const [first, second] = [attest({ gid: id('a'), machine }), attest({ gid: id('b'), machine })]
    attest({ gid: id('c') })
    attest({ gid: id('d'), cid: 'other', sub: 'user_2', machine })
    expect(ledger.machineGrants('client')).toEqual([first, second])
    revoke({ kind: 'grant', gid: id('a') })
    expect(ledger.machineGrants('client')).toEqual([second])
    expect(ledger.machineGrants('nobody')).toEqual([])
    expect(['client', 'other', 'nobody'].map((cid) => ledger.ownerOfClient(cid))).toEqual([
      'user_1',
      'user_2',
      null,
    ])
  })
})

describe('the token of an automation', () => {
  test('is the one that is allowed, unless it was ended, before or after', () => {
    expect(ledger.findAllowed(GRANT)).toBeNull()
    allow(TOKEN)
    allow(id('U'), id('H'))
    expect([ledger.findAllowed(GRANT), ledger.findAllowed(id('H'))]).toEqual([TOKEN, id('U')])
    revoke({ kind: 'token', rid: TOKEN, until: null })
    expect([ledger.findAllowed(GRANT), ledger.findAllowed(id('H'))]).toEqual([null, id('U')])
    allow(TOKEN)
    expect(ledger.findAllowed(GRANT)).toBeNull()
  })

  test('keeps the keys that it and its receipt are made with, as long as it lives and is known', () => {
    attest({ maxS: nowS + 60 })
    allow(TOKEN, GRANT, ['mt-1', 'ps-1'])
    allow(id('U'), id('H'), ['mt-2'])
    expect([...ledger.kidsInUse()].sort()).toEqual(['mg-AAAAAAAA', 'mt-1', 'ps-1'])
    clock.advance(60_000)
    expect([...ledger.kidsInUse()]).toEqual([])
  })

  test('was last used when the latest record of it says', () => {
    const use = (atMs: number, tool: string): void =>
      write('grant.used', { gid: GRANT, atMs, address: '', client: '', tool })
    expect(ledger.lastUse(GRANT)).toBeNull()
    for (const [atMs, tool] of [
      [5, 'first'],
      [9, 'last'],
      [7, 'late'],
      [9, 'again'],
    ] as const)
      use(atMs, tool)
    expect([ledger.lastUse(GRANT)?.tool, ledger.lastUse(id('H'))]).toEqual(['again', null])
  })
})

test('a plan is the latest that was signed, and a cap counts until a plan was signed after it', () => {
  const plan = (iatS: number, pla: string): void =>
    write('plan.recorded', { sub: 'user_1', pla, fea: '', iatS })
  const cap = (atS: number, pla: string): void => write('plan.capped', { sub: 'user_1', pla, fea: '', atS })
  const both = (): unknown[] => [ledger.findPlan('user_1')?.pla, ledger.findCap('user_1')?.pla]
  expect([ledger.findPlan('user_1'), ledger.findCap('user_1')]).toEqual([null, null])
  cap(3, 'little')
  expect(both()).toEqual([undefined, 'little'])
  plan(3, 'pro')
  plan(2, 'older')
  expect(both()).toEqual(['pro', 'little'])
  cap(2, 'older')
  expect(both()).toEqual(['pro', 'little'])
  plan(4, 'team')
  expect([both(), ledger.findCap('user_1')]).toEqual([['team', undefined], null])
})

describe('what is told to the rooms of the ledger', () => {
  test('a credential, its confirmation, its return and its removal', () => {
    const owned = { sub: 'user_1', env: ENV }
    const save = (ver: number): void =>
      write('credential.saved', {
        ...{ ...owned, ver, blob: `b${ver}`, origin: 'https://m.example', label: '' },
        previous: ver === 1 ? null : { ver: ver - 1, blob: `b${ver - 1}` },
      })
    expect([ledger.newestCredential(owned), ledger.ownerOf(ENV), ledger.isRemoved(ENV)]).toEqual([
      ...[null, null, false],
    ])
    save(1)
    clock.advance(7 * 86_400_000)
    save(2)
    clock.advance(7 * 86_400_000)
    expect(ledger.newestCredential(owned)).toMatchObject({ ver: 2, previous: { ver: 1 } })
    write('credential.confirmed', { ...owned, ver: 2 })
    expect(ledger.newestCredential(owned)).toMatchObject({ ver: 2, previous: null })
    write('credential.reverted', { ...owned, ver: 3, blob: 'b1' })
    expect(ledger.newestCredential(owned)).toMatchObject({ ver: 3, blob: 'b1' })
    write('environment.removed', { ...owned, markMs: 1 })
    expect([ledger.newestCredential(owned), ledger.ownerOf(ENV), ledger.isRemoved(ENV)]).toEqual([
      ...[null, 'user_1', true],
    ])
  })

  test('a change that was begun, what became of its records, and its end', () => {
    const change = id('C')
    write('change.begun', {
      ...{ id: change, sub: 'user_1', gid: GRANT, env: ENV, tool: 't', risk: 'low' },
      ...{ approval: { by: 'policy' }, digest: 'd', records: 1, plan: 'p' },
    })
    expect(ledger.changes.find(change)).toMatchObject({
      ...{ isOurs: true, begunMs: clock.nowMs(), isEnded: false },
    })
    write('change.step', { id: change, index: 0, outcome: 'written' })
    expect(ledger.changes.find(change)?.steps.get(0)).toMatchObject({ outcome: 'written' })
    write('change.ended', { id: change })
    expect(ledger.changes.find(change)?.isEnded).toBe(true)
  })

  test('a detection, and how much more of it there was', () => {
    const detection = aDetection()
    const ofOwner = (): unknown => ledger.detections.of(detection.owners[0] ?? '').detections
    write('detection.raised', detection)
    expect(ofOwner()).toEqual([{ ...detection, more: null }])
    write('detection.settled', { id: detection.id, more: 3 })
    expect(ofOwner()).toEqual([{ ...detection, more: 3 }])
  })
})
