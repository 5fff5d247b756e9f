import { afterAll, beforeAll, expect, test } from 'vitest'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { EXPORT_LIFE_MS, Exports, type ExportWish } from '../../../src/mcp/exports/exports.ts'
import { openWorkshop, type Workshop } from '../../support/crypto/token-workshop.ts'

const OWNER = { subject: 'user_1', environment: 'env_1', grantId: 'grant_1' }
const wish = (value: string): ExportWish => ({
  query: {
    objectStructure: 'MXAPIASSET',
    all: [{ field: 'assetnum', op: 'eq', value }],
    select: { fields: ['assetnum'] },
  },
  columns: ['assetnum'],
  format: 'csv',
  maxRows: 10,
})

let workshop: Workshop
let store: MemoryStore
let exports: Exports
beforeAll(async () => {
  workshop = await openWorkshop()
  store = new MemoryStore(workshop.clock)
  exports = new Exports({ store, clock: workshop.clock, keys: () => workshop.mcp })
})
afterAll(() => workshop.close())

test('the same question of the same connection is one export, and lives anew', async () => {
  const [one, again, other] = [
    await exports.keep(wish('11'), OWNER),
    await exports.keep(wish('11'), OWNER),
    await exports.keep(wish('12'), OWNER),
  ]
  if (typeof one === 'string' || typeof again === 'string' || typeof other === 'string')
    throw new Error('not kept')
  expect(again.id).toBe(one.id)
  expect(other.id).not.toBe(one.id)
  workshop.clock.advance(EXPORT_LIFE_MS - 1_000)
  await exports.keep(wish('11'), OWNER)
  workshop.clock.advance(2_000)
  expect(await exports.find(one.id, OWNER)).toMatchObject({ id: one.id, query: wish('11').query })
  expect(await exports.find(other.id, OWNER)).toBeNull()
})

test('is sealed where it lies, and what another writer of the store puts there is none', async () => {
  const kept = await exports.keep(wish('a secret number'), OWNER)
  if (typeof kept === 'string') throw new Error('not kept')
  const key = `exp:e:${kept.id}`
  const lying = (await store.get(key)) ?? ''
  expect(lying).not.toContain('secret')
  expect(await exports.find(kept.id, OWNER)).not.toBeNull()
  await store.put(key, JSON.stringify(kept), 60_000)
  expect(await exports.find(kept.id, OWNER)).toBeNull()
  // Nor does one count under another name.
  await store.put('exp:e:another', lying, 60_000)
  expect(await exports.find('another', OWNER)).toBeNull()
})

test('is read at another server of the same store and keys', async () => {
  const kept = await exports.keep(wish('13'), OWNER)
  if (typeof kept === 'string') throw new Error('not kept')
  const other = new Exports({ store, clock: workshop.clock, keys: () => workshop.mcp })
  expect(await other.find(kept.id, OWNER)).toEqual(kept)
})

test('a connection has so many, and another one has its own', async () => {
  const greedy = { ...OWNER, grantId: 'grant_greedy' }
  for (let at = 0; at < 200; at += 1) expect(await exports.keep(wish(String(at)), greedy)).toMatchObject({})
  expect(await exports.keep(wish('one more'), greedy)).toBe('full')
  expect(await exports.keep(wish('one more'), OWNER)).toMatchObject({ gid: OWNER.grantId })
})

test('a question longer than 64 KiB is not kept', async () => {
  expect(await exports.keep(wish('x'.repeat(70_000)), OWNER)).toBe('too_large')
  expect(await exports.keep(wish('x'.repeat(60_000)), OWNER)).toMatchObject({ gid: OWNER.grantId })
})

const somebody = (at: number) => ({ subject: `reader_${at}` })
const atOnce = () => Promise.resolve('read')

/** Parts that end when they are told to. */
function held() {
  const ends: (() => void)[] = []
  return {
    read: () => new Promise<string>((done) => ends.push(() => done('read'))),
    end: () => ends.splice(0).forEach((end) => end()),
  }
}

test('eight parts are read at a time, and the next one when one of them ends', async () => {
  const { read, end } = held()
  const reading = Array.from({ length: 8 }, (_, at) => exports.reading(somebody(at), read))
  expect(await exports.reading(OWNER, atOnce)).toBe('busy')
  end()
  expect(new Set(await Promise.all(reading))).toEqual(new Set(['read']))
  await expect(exports.reading(OWNER, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  const after = Array.from({ length: 8 }, (_, at) => exports.reading(somebody(at), atOnce))
  expect(await Promise.all(after)).toEqual(Array.from({ length: 8 }, () => 'read'))
})

test('three of one person, who keeps nobody else waiting', async () => {
  const { read, end } = held()
  const reading = Array.from({ length: 3 }, () => exports.reading(OWNER, read))
  expect(await exports.reading(OWNER, atOnce)).toBe('busy')
  expect(await exports.reading(somebody(1), atOnce)).toBe('read')
  end()
  await Promise.all(reading)
  expect(await Promise.all([1, 2, 3].map(() => exports.reading(OWNER, atOnce)))).toEqual(
    [1, 2, 3].map(() => 'read'),
  )
})
