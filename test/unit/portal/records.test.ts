import { appendFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { openJournal } from '../../../src/kernel/journal.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import type { PortalEntryData } from '../../../src/portal/records/entries.ts'
import { readPortalEntry } from '../../../src/portal/records/entries.ts'
import { storeKeys } from '../../../src/portal/records/keys.ts'
import { openPortalRecords, type PortalRecords } from '../../../src/portal/records/records.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog } from '../../support/log.ts'
import { SwitchedStore } from '../../support/store/switched-store.ts'

const DAY_S = 86_400

/** Records on a real journal, with a store that can be silenced or emptied. */
async function aWorld(folder?: string) {
  const clock = manualClock()
  const store = new SwitchedStore(clock)
  const journal = await openJournal({ folder: folder ?? (await scratchFolder()), writer: 'portal-1', clock })
  const records = await openPortalRecords({ journal, store, clock, log: captureLog().log })
  const nowS = Math.floor(clock.nowMs() / 1000)
  const close = async () => {
    await records.recorder.close()
    await journal.close()
  }
  return { clock, store, records, nowS, close }
}

const hash = (letter: string): string => letter.repeat(43)
const connection = (nowS: number, bend: Partial<PortalEntryData<'connection.made'>> = {}) => ({
  gid: randomId(),
  sub: 'user_1',
  cid: 'mxc_1',
  clientName: 'A client',
  redirectHost: 'localhost:1',
  env: randomId(),
  envLabel: 'demo',
  scp: 'maximo:read',
  maxS: nowS + 180 * DAY_S,
  ...bend,
})
const family = (gid: string, nowS: number) => ({
  gid,
  cid: 'mxc_1',
  scp: 'maximo:read',
  receipt: 'sealed-receipt',
  expS: nowS + 30 * DAY_S,
  maxS: nowS + 180 * DAY_S,
})

describe('what is recorded is found again', () => {
  test('clients, refresh tokens, tokens and ends', async () => {
    const { records, nowS, close } = await aWorld()
    const gid = randomId()
    const rid = randomId()
    const client = {
      cid: 'mxc_1',
      name: 'A',
      redirectUris: ['http://localhost/cb'],
      authMethod: 'none' as const,
    }
    await records.record('client.registered', { ...client, grantTypes: ['authorization_code'] })
    await records.record('refresh.issued', { ...family(gid, nowS), hash: hash('a') })
    await records.record('token.issued', { rid, gid, cid: 'mxc_1', sha256: hash('t'), expS: nowS + 3600 })
    expect(await records.findClient('mxc_1')).toMatchObject(client)
    expect(await records.findClient('mxc_2')).toBeNull()
    expect(await records.findRefresh(hash('a'))).toMatchObject({
      held: { gid, cid: 'mxc_1' },
      rotation: null,
    })
    expect(await records.findRefresh(hash('b'))).toBeNull()
    expect(await records.findToken(rid)).toMatchObject({ gid, sha256: hash('t') })
    expect(await records.isEnded(gid)).toBe(false)
    await records.record('connection.ended', { gid, by: 'owner', reason: 'revoked', maxS: nowS + DAY_S })
    expect(await records.isEnded(gid)).toBe(true)
    expect(await records.isEnded(randomId())).toBe(false)
    await close()
  })

  test('the first rotation that reaches the store counts; a second one changes nothing', async () => {
    const { records, nowS, close } = await aWorld()
    const gid = randomId()
    const rotation = { ...family(gid, nowS), from: hash('a'), successor: 'sealed-1' }
    await records.record('refresh.issued', { ...family(gid, nowS), hash: hash('a') })
    await records.record('refresh.rotated', { ...rotation, to: hash('b') })
    await records.record('refresh.rotated', { ...rotation, to: hash('c'), successor: 'sealed-2' })
    expect(await records.findRotation(hash('a'))).toMatchObject({ to: hash('b'), successor: 'sealed-1' })
    await close()
  })

  test('an expired refresh token is forgotten by the store, and not brought back by a replay', async () => {
    const { records, clock, store, nowS, close } = await aWorld()
    await records.record('refresh.issued', { ...family(randomId(), nowS), hash: hash('a') })
    clock.advance(31 * DAY_S * 1000)
    expect(await records.findRefresh(hash('a'))).toBeNull()
    store.flush()
    await records.recorder.prime()
    expect(await records.findRefresh(hash('a'))).toBeNull()
    await close()
  })
})

describe('an outage is not an absence', () => {
  test('a silent store, an emptied store and a damaged value all throw', async () => {
    const { records, store, nowS, close } = await aWorld()
    await records.record('refresh.issued', { ...family(randomId(), nowS), hash: hash('a') })
    store.silence()
    await expect(records.findRefresh(hash('a'))).rejects.toThrow(StoreUnavailable)
    store.silence(['project'])
    store.flush()
    await expect(records.findRefresh(hash('a'))).rejects.toThrow(StoreUnavailable)
    store.restore()
    await expect.poll(() => records.recorder.primed()).toBe(true)
    expect(await records.findRefresh(hash('a'))).not.toBeNull()
    await store.put(storeKeys.refresh(hash('a')), '{"gid":1}', 1000)
    await expect(records.findRefresh(hash('a'))).rejects.toThrow(StoreUnavailable)
    await close()
  })

  test('what is recorded while the store is silent is there when it is back', async () => {
    const { records, store, nowS, close } = await aWorld()
    store.silence()
    expect(await records.record('refresh.issued', { ...family(randomId(), nowS), hash: hash('a') })).toBe(
      false,
    )
    store.restore()
    await expect.poll(() => records.recorder.primed()).toBe(true)
    expect(await records.findRefresh(hash('a'))).not.toBeNull()
    await close()
  })
})

describe('the list of connections', () => {
  const end = async (records: PortalRecords, gid: string, maxS: number) => {
    await records.record('connection.ended', { gid, by: 'owner', reason: 'revoked', maxS })
    const id = randomId()
    await records.record('revocation.pending', {
      id,
      target: { kind: 'grant', gid },
      reason: 'revoked',
      by: 'owner',
    })
    return id
  }

  test('is the owner’s alone, newest first', async () => {
    const { records, clock, nowS, close } = await aWorld()
    const [first, second] = [connection(nowS), connection(nowS)]
    await records.record('connection.made', first)
    clock.advance(1000)
    await records.record('connection.made', second)
    await records.record('connection.made', connection(nowS, { sub: 'user_2' }))
    expect(records.connections.listFor('user_1').map(({ gid }) => gid)).toEqual([second.gid, first.gid])
    expect(records.connections.listFor('user_3')).toEqual([])
    await close()
  })

  test('says pending until the MCP server said recorded or enforced', async () => {
    const { records, nowS, close } = await aWorld()
    const made = connection(nowS)
    await records.record('connection.made', made)
    expect(records.connections.isLive(records.connections.find(made.gid)!)).toBe(true)
    const id = await end(records, made.gid, made.maxS)
    expect(records.connections.find(made.gid)?.end).toMatchObject({ by: 'owner', force: 'pending' })
    expect(records.connections.pending()).toHaveLength(1)
    await records.record('revocation.settled', { id, state: 'recorded' })
    expect(records.connections.find(made.gid)?.end?.force).toBe('recorded')
    expect(records.connections.pending()).toHaveLength(0)
    expect(records.connections.live()).toHaveLength(0)
    await close()
  })

  test('forgets an ended one after 30 days, and an expired one too', async () => {
    const { records, clock, nowS, close } = await aWorld()
    const [ended, expiring] = [connection(nowS), connection(nowS, { maxS: nowS + DAY_S })]
    await records.record('connection.made', ended)
    await records.record('connection.made', expiring)
    const id = await end(records, ended.gid, ended.maxS)
    await records.record('revocation.settled', { id, state: 'enforced' })
    clock.advance(29 * DAY_S * 1000)
    expect(records.connections.listFor('user_1')).toHaveLength(2)
    expect(records.connections.live()).toHaveLength(0)
    clock.advance(3 * DAY_S * 1000)
    expect(records.connections.listFor('user_1')).toHaveLength(0)
    await records.record('connection.made', connection(nowS))
    expect(records.connections.find(ended.gid)).toBeNull()
    await close()
  })

  test('is the same after a restart, pending revocations included', async () => {
    const folder = await scratchFolder()
    const before = await aWorld(folder)
    const made = connection(before.nowS)
    await before.records.record('connection.made', made)
    const rid = randomId()
    await before.records.record('token.issued', {
      rid,
      gid: made.gid,
      cid: made.cid,
      sha256: hash('t'),
      expS: before.nowS + 3600,
    })
    await end(before.records, made.gid, made.maxS)
    const shown = before.records.connections.listFor('user_1')
    await before.close()
    const after = await aWorld(folder)
    expect(after.records.connections.listFor('user_1')).toEqual(shown)
    expect(after.records.connections.pending()).toHaveLength(1)
    expect(await after.records.isEnded(made.gid)).toBe(true)
    expect(await after.records.findToken(rid)).not.toBeNull()
    await after.close()
  })
})

describe('a journal that cannot be read whole stops the start', () => {
  test.each([
    ['an unknown type', { type: 'connection.vanished', data: {}, atMs: 1 }],
    [
      'a member too many',
      { type: 'revocation.settled', data: { id: 'A'.repeat(22), state: 'recorded', x: 1 }, atMs: 1 },
    ],
    ['a member too few', { type: 'revocation.settled', data: { id: 'A'.repeat(22) }, atMs: 1 }],
    ['a name of Object itself', { type: 'constructor', data: {}, atMs: 1 }],
  ])('%s', (_what, entry) => {
    expect(() => readPortalEntry(entry)).toThrow(/journal/)
  })

  test('a whole entry is read', () => {
    const data = { id: 'A'.repeat(22), state: 'recorded' }
    expect(readPortalEntry({ type: 'revocation.settled', data, atMs: 1 })).toEqual({
      type: 'revocation.settled',
      data,
      atMs: 1,
    })
  })

  test('a foreign line in the file', async () => {
    const folder = await scratchFolder()
    const before = await aWorld(folder)
    await before.close()
    await appendFile(`${folder}/portal-1.jsonl`, '{"n":2,"w":"portal-1","t":1,"e":"x","d":{},"h":"x"}\n')
    await expect(aWorld(folder)).rejects.toThrow()
  })
})
