import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { RevocationTarget } from '../../../src/crypto/internal-api.ts'
import type { Caller } from '../../../src/crypto/internal-call.ts'
import type { OpenedToken } from '../../../src/crypto/token-open.ts'
import { isoTime } from '../../../src/kernel/clock.ts'
import { type Journal, openJournal } from '../../../src/kernel/journal.ts'
import type { Peer } from '../../../src/kernel/peers/copying.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { revoke } from '../../../src/mcp/internal/revoke.ts'
import { recordKeys } from '../../../src/mcp/records/keys.ts'
import { openRecords, type Records } from '../../../src/mcp/records/records.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { FaultyStore } from '../../support/store/faulty-store.ts'

const id = (letter: string): string => letter.repeat(22)
const [GRANT, TOKEN, ENV] = [id('G'), id('T'), id('E')]

interface Server {
  readonly records: Records
  readonly store: FaultyStore
  readonly clock: ManualClock
  readonly storeClock: ManualClock
  /** What was said of cached tokens, by the revocation that came last. */
  isForgotten: (token: OpenedToken) => boolean
}

let server: Server
let journals: Journal[]

/** One MCP server on real journals; with a peer, that of another one which is not up. */
async function start(peer?: string): Promise<Server> {
  const [clock, storeClock, folder] = [manualClock(), manualClock(), await scratchFolder()]
  const open = (writer: string): Promise<Journal> => openJournal({ folder, writer, clock })
  const journal = await open('mcp-1')
  const away: Peer = { id: 'mcp-2', copy: () => Promise.resolve(null), fetch: () => Promise.resolve(null) }
  const copies = peer === undefined ? [] : [await open(peer)]
  journals = [journal, ...copies]
  const store = new FaultyStore(storeClock)
  const records = await openRecords({
    ...{ journal, copies, store, clock, log: captureLog().log },
    peers: peer === undefined ? [] : [away],
  })
  return { records, store, clock, storeClock, isForgotten: () => false }
}
async function stop(): Promise<void> {
  await server.records.close()
  await Promise.all(journals.map((one) => one.close()))
}
beforeEach(async () => {
  server = await start()
})
afterEach(stop)

function asked(target: RevocationTarget, caller: Caller = 'operator'): ReturnType<typeof revoke> {
  const forget = (isEnded: Server['isForgotten']): void => {
    server.isForgotten = isEnded
  }
  return revoke({ target, reason: 'revoked', by: 'user_1' }, caller, { ...server, forget })
}
/** How a revocation was answered, or why not. */
async function answer(target: RevocationTarget, caller?: Caller): Promise<unknown> {
  const outcome = await asked(target, caller)
  return outcome.ok ? outcome.value.answer : outcome.error.code
}

const token: RevocationTarget = { kind: 'token', rid: TOKEN, until: null }
const grant: RevocationTarget = { kind: 'grant', gid: GRANT }
const user: RevocationTarget = { kind: 'user', sub: 'user_1' }
const OF_MANY: RevocationTarget[] = [
  { kind: 'client', cid: 'c' },
  { kind: 'env', env: ENV },
  { kind: 'key', kid: 'mt-1' },
  { kind: 'before', beforeMs: 1 },
  { kind: 'window', fromMs: 1, toMs: 2 },
]

describe('who may end what', () => {
  test('the portal ends what belongs to one person, and nothing of everybody', async () => {
    for (const target of [token, grant, user])
      expect(await answer(target, 'portal')).toEqual({ state: 'enforced' })
    const before = server.records.ledger.floorOver({ sub: 'user_2', cid: 'c', env: ENV })
    for (const target of OF_MANY) expect(await answer(target, 'portal')).toBe('operator_only')
    expect(server.records.ledger.floorOver({ sub: 'user_2', cid: 'c', env: ENV })).toBe(before)
    for (const target of OF_MANY) expect(await answer(target)).toEqual({ state: 'enforced' })
  })

  test.each<[RevocationTarget, object]>([
    [token, { tokenId: TOKEN, resource: 'token' }],
    [grant, { grantId: GRANT, resource: 'grant' }],
    [user, { principal: 'user_1', resource: 'user' }],
    [
      { kind: 'client', cid: 'c' },
      { clientId: 'c', resource: 'client' },
    ],
    [
      { kind: 'env', env: ENV },
      { environmentId: ENV, resource: 'environment' },
    ],
    [{ kind: 'key', kid: 'mt-1' }, { resource: 'key:mt-1' }],
    [{ kind: 'before', beforeMs: 5 }, { resource: `before:${isoTime(5)}` }],
    [{ kind: 'window', fromMs: 5, toMs: 9 }, { resource: `window:${isoTime(5)}/${isoTime(9)}` }],
  ])('the audit log says of %j what it was', async (target, event) => {
    expect(await asked(target)).toMatchObject({ ok: true, value: { event } })
  })
})

describe('what is called enforced', () => {
  test('is in the store', async () => {
    server.store.mood = 'down'
    expect(await answer(token)).toEqual({ state: 'recorded' })
    server.store.mood = 'well'
    await expect.poll(() => server.records.isPrimed()).toBe(true)
    expect(server.store.peek(recordKeys.revokedToken(TOKEN))).toBe('1')
  })

  test('is of a time that the store agrees with, within two seconds', async () => {
    server.clock.advance(2_000)
    expect(await answer(user)).toEqual({ state: 'enforced' })
    server.clock.advance(1)
    expect(await answer(user)).toEqual({ state: 'recorded' })
  })

  test('is not what no clock agreed to; any other fault is told', async () => {
    const asking = vi.spyOn(server.store, 'nowMs')
    asking.mockRejectedValueOnce(new StoreUnavailable('silent'))
    expect(await answer(user)).toEqual({ state: 'recorded' })
    asking.mockRejectedValueOnce(new Error('a bug'))
    await expect(answer(user)).rejects.toThrow('a bug')
  })

  test('is on the disk of every server, and it is said on how many it is', async () => {
    await stop()
    server = await start('mcp-2')
    expect(await answer(user)).toEqual({ state: 'recorded', servers: { have: 1, of: 2 } })
  })
})

describe('the times of a revocation', () => {
  const over = { sub: 'user_1', cid: 'c', env: ENV }
  const mark = (): number => server.records.ledger.floorOver(over)
  const before = (afterMs: number): Promise<unknown> =>
    answer({ kind: 'before', beforeMs: server.clock.nowMs() + afterMs })
  const window = (fromMs: number, toMs: number): Promise<unknown> => {
    const nowMs = server.clock.nowMs()
    return answer({ kind: 'window', fromMs: nowMs + fromMs, toMs: nowMs + toMs })
  }

  test('of several, it lies ahead of every grant that may be made in this moment', async () => {
    await answer(user)
    expect(mark()).toBe(server.clock.nowMs() + 5_000)
  })

  test('up to a time that is over: everything earlier; up to now: everything until now', async () => {
    const nowMs = server.clock.nowMs()
    await before(-1)
    expect(mark()).toBe(nowMs - 2)
    await before(0)
    expect(mark()).toBe(nowMs + 5_000)
  })

  test('up to a minute ahead is the present, by a clock that goes otherwise; more is refused', async () => {
    expect(await before(60_001)).toBe('time_ahead')
    expect(await window(0, 60_001)).toBe('time_ahead')
    expect(mark()).toBe(0)
    expect(await before(60_000)).toEqual({ state: 'enforced' })
    expect(mark()).toBe(server.clock.nowMs() + 5_000)
  })

  test('a window ends where it was said, or where the present does; one that ends before it begins is none', async () => {
    const nowMs = server.clock.nowMs()
    expect(await window(-8, -9)).toBe('window_empty')
    expect(mark()).toBe(0)
    await window(-9, -9)
    expect([mark(), server.store.peek(recordKeys.windows)]).toEqual([nowMs - 9, `${nowMs - 9}-${nowMs - 9}`])
    await window(-9, -1)
    expect(mark()).toBe(nowMs - 1)
    await window(-9, 0)
    expect(mark()).toBe(nowMs + 5_000)
    await window(-9, 60_000)
    expect(mark()).toBe(nowMs + 5_000)
  })

  test('it is remembered for as long as what it ends, when that is known', async () => {
    const untilS = server.clock.nowMs() / 1000 + 60
    await answer({ kind: 'token', rid: TOKEN, until: untilS })
    await answer(grant)
    await server.records.record('grant.attested', {
      ...{ gid: id('H'), ...over, sid: 's', scp: '', knd: 'at', prf: 'interactive', clientName: '' },
      ...{ redirectHost: '', at: server.clock.nowMs(), maxS: untilS, ver: 1, kid: 'mg-1' },
    })
    await answer({ kind: 'grant', gid: id('H') })
    const { revokedToken, revokedGrant } = recordKeys
    const kept = (): boolean[] =>
      [revokedToken(TOKEN), revokedGrant(id('H')), revokedGrant(GRANT)].map(
        (key) => server.store.peek(key) !== null,
      )
    expect(kept()).toEqual([true, true, true])
    // An hour longer than that.
    server.storeClock.advance(3_661_000)
    expect(kept()).toEqual([false, false, true])
  })
})

describe('what was cached of a token is dropped', () => {
  const at = 1_000
  const opened = {
    claims: { jti: TOKEN },
    receipt: { gid: GRANT, sub: 'user_1', cid: 'c', env: ENV, at },
    ...{ encryptionKid: 'mt-1', signingKid: 'ps-1' },
  } as unknown as OpenedToken

  test.each<[RevocationTarget, RevocationTarget]>([
    [token, { ...token, rid: GRANT }],
    [grant, { ...grant, gid: TOKEN }],
    [user, { ...user, sub: 'c' }],
    [
      { kind: 'client', cid: 'c' },
      { kind: 'client', cid: 'user_1' },
    ],
    [
      { kind: 'env', env: ENV },
      { kind: 'env', env: GRANT },
    ],
    [
      { kind: 'key', kid: 'mt-1' },
      { kind: 'key', kid: 'mt-2' },
    ],
    [
      { kind: 'key', kid: 'ps-1' },
      { kind: 'key', kid: 'mg-1' },
    ],
    [
      { kind: 'before', beforeMs: at + 1 },
      { kind: 'before', beforeMs: at },
    ],
    [
      { kind: 'window', fromMs: at, toMs: at },
      { kind: 'window', fromMs: at + 1, toMs: at + 2 },
    ],
    [
      { kind: 'window', fromMs: at - 1, toMs: at + 1 },
      { kind: 'window', fromMs: at - 2, toMs: at - 1 },
    ],
  ])('by %j, and not by %j', async (theirs, others) => {
    const dropped: boolean[] = []
    for (const target of [theirs, others]) {
      await asked(target)
      dropped.push(server.isForgotten(opened))
    }
    expect(dropped).toEqual([true, false])
  })
})
