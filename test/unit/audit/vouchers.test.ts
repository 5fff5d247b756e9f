import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Head, headContent, openHead, readOwnRecord } from '../../../src/audit/heads.ts'
import { openTombstone, tombstoneContent } from '../../../src/audit/tombstones.ts'
import { Vouchers } from '../../../src/audit/vouchers.ts'
import { type AuditKit, auditKit } from '../../support/audit.ts'
import { LooseLog, ownRecord } from '../../support/audit-writing.ts'
import { scratchFolder } from '../../support/folder.ts'

const OURS = 'mcp/mcp-1'
const OTHER = 'portal/portal-1'
const HASH = 'h'.repeat(43)

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

let vouchers: Vouchers
let opened: string[]
beforeEach(() => {
  opened = []
  vouchers = new Vouchers((text) => {
    opened.push(text)
    return kit.verify(text)
  })
})

const signed = (service: 'portal' | 'mcp', content: object): Promise<string> =>
  kit.sign(service, Buffer.from(JSON.stringify(content)))
const head = (n: number, bend: Partial<Head> = {}): Promise<string> =>
  kit.sign('mcp', headContent({ origin: OURS, n, hash: HASH, atMs: 5, ...bend }))

describe('known heads', () => {
  test('are found by log and record; the newest is the one of the latest record, whenever it was found', async () => {
    for (const n of [3, 9, 5]) expect(await vouchers.give({ text: await head(n), where: `${n}` })).toBe(true)
    expect(vouchers.find(OURS, 5)).toEqual([
      { head: { origin: OURS, n: 5, hash: HASH, atMs: 5 }, where: '5' },
    ])
    expect([vouchers.find(OURS, 4), vouchers.find(OTHER, 5)]).toEqual([[], []])
    expect(vouchers.newest(OURS)).toMatchObject({ head: { n: 9 }, where: '9' })
    expect(vouchers.newest(OTHER)).toBeUndefined()
    expect([vouchers.numbers(OURS), vouchers.numbers(OTHER)]).toEqual([[3, 9, 5], []])
    expect(vouchers.origins()).toEqual([OURS])
    expect([vouchers.isGiven(OURS), vouchers.isGiven(OTHER)]).toEqual([true, false])
  })

  test('that say the same count once, as first found; those that contradict each other both count', async () => {
    await vouchers.give({ text: await head(3), where: 'first' })
    await vouchers.give({ text: await head(3, { atMs: 6 }), where: 'again' })
    await vouchers.give({ text: await head(3, { hash: 'i'.repeat(43) }), where: 'contrary' })
    expect(vouchers.find(OURS, 3).map(({ where }) => where)).toEqual(['first', 'contrary'])
  })

  test('are opened once each, and so is what is none', async () => {
    const text = await head(3)
    for (const one of [text, 'nonsense', text, 'nonsense']) await vouchers.open(one)
    expect(opened).toEqual([text, 'nonsense'])
    expect(await vouchers.give({ text: 'nonsense', where: 'x' })).toBe(false)
    expect(vouchers.origins()).toEqual([])
  })

  test('are collected from a log’s records about itself and from beside it, but not from a refusal', async () => {
    const folder = await scratchFolder()
    const path = join(folder, 'mcp-1.jsonl')
    const tombstone = (origin: string, n: number): Promise<string> =>
      kit.sign('mcp', tombstoneContent({ origin, n, hash: HASH, atMs: 5 }))
    const log = new LooseLog().add(ownRecord('audit.opened', OURS))
    log.add(ownRecord('audit.head', OURS, { head: await head(1) }))
    log.add(ownRecord('audit.head_refused', OURS, { head: await head(7) }))
    for (const n of [4, 6, 5])
      log.add(ownRecord('audit.removed', OURS, { tombstone: await tombstone(OURS, n) }))
    log.add(ownRecord('audit.removed', OURS, { tombstone: 'nonsense' }))
    log.add({ eventType: 'audit.head', head: await head(8) })
    log.add({ eventType: 'mcp.call', timestamp: '', resource: OURS, head: await head(9) })
    await log.write(path)
    const beside = join(folder, 'mcp-1.head')
    await writeFile(beside, `${await head(2)}\n`)
    const files = { instance: 'mcp-1', segments: [{ path, first: 1 }], head: beside, missing: path }
    await vouchers.collect(files)
    await vouchers.collect({ ...files, segments: [], head: join(folder, 'none') })
    expect(vouchers.find(OURS, 1)).toMatchObject([{ where: `${path}:2` }])
    expect(vouchers.find(OURS, 2)).toMatchObject([{ where: beside }])
    expect(vouchers.numbers(OURS)).toEqual([1, 2])
    expect(vouchers.isGiven(OURS)).toBe(false)
    expect([vouchers.removedTo(OURS), vouchers.removedTo(OTHER)]).toEqual([6, 0])
  })
})

describe('what was signed', () => {
  const HEAD = { v: 1, origin: OURS, n: 3, h: HASH, t: 5 }
  const TOMBSTONE = { v: 1, origin: OURS, removed: 3, h: HASH, t: 5 }
  const longest = `mcp/${'x'.repeat(96)}`

  test('is a head, or a tombstone, in exactly this shape', async () => {
    expect(await openHead(await signed('mcp', HEAD), kit.verify)).toEqual({
      ...{ origin: OURS, n: 3, hash: HASH, atMs: 5 },
    })
    expect(await openTombstone(await signed('mcp', TOMBSTONE), kit.verify)).toEqual({
      ...{ origin: OURS, n: 3, hash: HASH, atMs: 5 },
    })
    expect(await openHead(await signed('mcp', { ...HEAD, origin: longest, n: 1 }), kit.verify)).not.toBeNull()
    expect(
      await openTombstone(await signed('mcp', { ...TOMBSTONE, origin: longest, removed: 1 }), kit.verify),
    ).not.toBeNull()
  })

  test.each<[object, object]>([
    [{ v: 2 }, { v: 2 }],
    [{ origin: `${longest}x` }, { origin: `${longest}x` }],
    [{ n: 0 }, { removed: 0 }],
    [{ n: 1.5 }, { removed: 1.5 }],
    [{ h: HASH.slice(1) }, { h: HASH.slice(1) }],
    [{ h: `${HASH}h` }, { h: `${HASH}h` }],
    [{ t: 1.5 }, { t: 1.5 }],
    [{ more: 1 }, { more: 1 }],
    [{ origin: OTHER }, { origin: OTHER }],
    [{ origin: 'mcp-2/mcp-1' }, { origin: 'mcp-2/mcp-1' }],
  ])('with %j it is none', async (bentHead, bentTombstone) => {
    expect(await openHead(await signed('mcp', { ...HEAD, ...bentHead }), kit.verify)).toBeNull()
    expect(
      await openTombstone(await signed('mcp', { ...TOMBSTONE, ...bentTombstone }), kit.verify),
    ).toBeNull()
  })

  test('is neither when it is the other, or no JSON at all', async () => {
    expect(await openHead(await signed('mcp', TOMBSTONE), kit.verify)).toBeNull()
    expect(await openTombstone(await signed('mcp', HEAD), kit.verify)).toBeNull()
    expect(await openHead(await kit.sign('mcp', Buffer.from('{"v":1')), kit.verify)).toBeNull()
  })
})

describe('a record of the log about itself', () => {
  const RECORD = { timestamp: '2026-11-21T08:00:00Z', eventType: 'audit.head', resource: OURS, head: 'h' }

  test('is read with what it says', () => {
    expect(readOwnRecord(JSON.stringify({ ...RECORD, tombstone: 't', n: 1 }))).toEqual({
      ...RECORD,
      tombstone: 't',
    })
  })

  test.each([
    { timestamp: undefined },
    { eventType: undefined },
    { eventType: 'mcp.call' },
    { resource: undefined },
    { resource: null },
    { head: 1 },
    { tombstone: 1 },
  ])('with %j it is none', (bend) => {
    expect(readOwnRecord(JSON.stringify({ ...RECORD, ...bend }))).toBeNull()
  })

  test('cut off it is none', () => expect(readOwnRecord('{"eventType":"audit.head"')).toBeNull())
})
