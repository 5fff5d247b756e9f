import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Head, headContent } from '../../../src/audit/heads.ts'
import { tombstoneContent } from '../../../src/audit/tombstones.ts'
import { BadLog } from '../../../src/audit/verifier.ts'
import { type AuditVerdict, verifyAudit } from '../../../src/audit/verify.ts'
import { aCall, type AuditKit, auditKit } from '../../support/audit.ts'
import { LooseLog, ownRecord } from '../../support/audit-writing.ts'
import { scratchFolder } from '../../support/folder.ts'

const OURS = 'mcp/mcp-1'
const OTHER = 'portal/portal-1'
const SOME_HASH = 'x'.repeat(43)

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})

let folder: string
let path: string
let log: LooseLog
beforeEach(async () => {
  folder = await scratchFolder()
  path = join(folder, 'mcp-1.jsonl')
  // Three records: what follows is the fourth.
  log = new LooseLog().add(ownRecord('audit.opened', OURS)).add(aCall()).add(aCall())
})

const serviceOf = (origin: string) => (origin.startsWith('portal') ? 'portal' : 'mcp')
const head = (bend: Partial<Head> = {}): Promise<string> => {
  const content = { origin: OURS, ...log.tip, atMs: 1, ...bend }
  return kit.sign(serviceOf(content.origin), headContent(content))
}
const tombstone = (bend: Partial<Head> = {}): Promise<string> => {
  const content = { origin: OURS, ...log.tip, atMs: 1, ...bend }
  return kit.sign(serviceOf(content.origin), tombstoneContent(content))
}
const verify = (): Promise<AuditVerdict> => verifyAudit([folder], kit.verify)
/** The verdict on the log with one record more, the fourth. */
async function verdictOn(eventType: string, more: object, resource = OURS): Promise<AuditVerdict> {
  await log.add(ownRecord(eventType, resource, more)).write(path)
  return verify()
}
const bad = (what: string, line = 4, file = path): object => ({ ok: false, bad: { file, line, what } })

describe('a record about a head', () => {
  const UNSIGNED = 'its head is not signed by a known key of its service'
  const NOT_BEFORE = 'its head is not of the records before it'

  test.each(['audit.head', 'audit.segment', 'audit.head_accepted', 'audit.head_refused'])(
    '%s is none without one',
    async (eventType) => {
      expect(await verdictOn(eventType, {})).toEqual(bad('a record about a head without one'))
    },
  )

  test.each(['audit.head', 'audit.segment'])('%s holds with one of the record before', async (eventType) => {
    expect(await verdictOn(eventType, { head: await head() })).toMatchObject({
      ...{ ok: true, logs: [{ records: 4, vouchedTo: 3 }] },
    })
  })

  test.each(['audit.head', 'audit.segment'])('%s speaks of its own log', async (eventType) => {
    const foreign = await head({ origin: OTHER })
    expect(await verdictOn(eventType, { head: foreign }, OTHER)).toEqual(bad(NOT_BEFORE))
  })

  test('an older one of the log itself may stand in it again; one that is to come may not', async () => {
    const first = log.lines[0]
    expect(await verdictOn('audit.head', { head: await head({ ...first }) })).toMatchObject({ ok: true })
    const ahead = await head({ n: 9, hash: SOME_HASH })
    await log.add(ownRecord('audit.head', OURS, { head: ahead })).write(path)
    expect(await verify()).toEqual(bad(NOT_BEFORE, 5))
  })

  test('that was accepted may be of another log, and must be of the one that it names', async () => {
    const foreign = await head({ origin: OTHER, n: 900 })
    expect(await verdictOn('audit.head_accepted', { head: foreign }, OTHER)).toMatchObject({
      ...{ ok: true, elsewhere: [OTHER] },
    })
    await log.add(ownRecord('audit.head_accepted', OURS, { head: foreign })).write(path)
    expect(await verify()).toEqual(bad('its head is of another log than it says', 5))
  })

  test.each([
    ['nobody', () => Promise.resolve('nonsense')],
    ['the key of another service', () => kit.sign('portal', headContent({ ...aHead, origin: OURS }))],
    ['a key for something else than a head', () => tombstone()],
  ])('does not hold when it was signed by %s', async (_who, text) => {
    expect(await verdictOn('audit.head', { head: await text() })).toEqual(bad(UNSIGNED))
  })
  const aHead = { origin: OURS, n: 3, hash: SOME_HASH, atMs: 1 }

  test('that was refused is evidence and vouches for nothing', async () => {
    const other = new LooseLog().add(ownRecord('audit.opened', OTHER)).add(aCall())
    await other.write(join(folder, 'portal-1.jsonl'))
    const forked = await head({ origin: OTHER, n: 2, hash: SOME_HASH })
    expect(await verdictOn('audit.head_refused', { head: forked }, OTHER)).toMatchObject({
      ok: true,
      logs: [{ origin: OURS }, { origin: OTHER, vouchedTo: 0 }],
      elsewhere: [],
    })
  })
})

test('a record that only looks like one of the log about itself is none', async () => {
  expect(await verdictOn('audit.other', {})).toEqual(bad('not a record that a log writes about itself'))
})

test('a record that does not follow is said to be that, whatever it says', async () => {
  await log.add(ownRecord('audit.other', OURS)).write(path)
  await writeFile(path, (await readFile(path, 'utf8')).replace('audit.other', 'audit.otter'))
  expect(await verify()).toEqual(bad('its hash does not follow from its content and the record before'))
})

describe('a record of what was removed', () => {
  const WRONG = 'what it says was removed is not signed for this log by a known key'

  test('holds with a tombstone of records before it, though they are still here', async () => {
    expect(await verdictOn('audit.removed', { tombstone: await tombstone() })).toMatchObject({
      ...{ ok: true, logs: [{ records: 4, removedTo: 0 }] },
    })
  })

  test.each([
    ['none', () => Promise.resolve(undefined)],
    ['nonsense', () => Promise.resolve('nonsense')],
    ['a head', () => head()],
    ['one of another log', () => tombstone({ origin: OTHER })],
    ['one that the key of another service signed', () => kit.sign('portal', tombstoneContent(aTombstone))],
    ['one of the record itself', () => tombstone({ n: 4 })],
    ['one of records to come', () => tombstone({ n: 5 })],
  ])('does not hold with %s', async (_what, text) => {
    expect(await verdictOn('audit.removed', { tombstone: await text() })).toEqual(bad(WRONG))
  })
  const aTombstone = { origin: OURS, n: 3, hash: SOME_HASH, atMs: 1 }
})

describe('a log whose first records are gone', () => {
  const later = (): string => join(folder, 'mcp-1@000000000004.jsonl')
  /** The log from its fourth record on, and what it says of the ones before. */
  async function begunLater(first: object, buried: string): Promise<AuditVerdict> {
    await log
      .add(first)
      .add(ownRecord('audit.removed', OURS, { tombstone: buried }))
      .write(later(), 4)
    return verify()
  }
  const notHere = (): object => bad('the records from 1 to 3 are not here', 1, later())
  const segment = async (bend: Partial<Head> = {}): Promise<object> =>
    ownRecord('audit.segment', OURS, { head: await head(bend) })

  test('holds where its first line vouches for the last of them and a tombstone for all', async () => {
    expect(await begunLater(await segment(), await tombstone())).toMatchObject({
      ...{ ok: true, logs: [{ file: later(), origin: OURS, records: 5, removedTo: 3, vouchedTo: 3 }] },
    })
  })

  test('does not without a tombstone that reaches as far, of this log', async () => {
    const first = await segment()
    expect(await begunLater(first, await tombstone({ n: 2 }))).toEqual(notHere())
    log = new LooseLog(log.lines[2])
    expect(await begunLater(first, await tombstone({ origin: OTHER }))).toEqual(notHere())
  })

  test.each<[string, () => Promise<object> | object]>([
    ['is no record', () => ({})],
    ['is a call', () => aCall()],
    ['has no head', () => ownRecord('audit.segment', OURS)],
    ['has a head that nobody signed', () => ownRecord('audit.segment', OURS, { head: 'nonsense' })],
    ['vouches for an earlier record', () => segment({ ...log.lines[1] })],
    ['is not the beginning of a file', async () => ownRecord('audit.head', OURS, { head: await head() })],
  ])('does not where its first line %s', async (_what, first) => {
    const buried = await tombstone()
    expect(await begunLater(await first(), buried)).toEqual(notHere())
  })

  test('its first line counts as any other: a head of another log does not begin it', async () => {
    const buried = await tombstone({ origin: OTHER })
    expect(await begunLater(await segment({ origin: OTHER }), buried)).toEqual(
      bad('its head is of another log than it says', 1, later()),
    )
  })

  test('between two files: what is missing is named from its first record to its last', async () => {
    await log.write(path)
    log.add(aCall()).add(aCall())
    const third = join(folder, 'mcp-1@000000000006.jsonl')
    await log.add(await segment()).write(third, 6)
    expect(await verify()).toEqual(bad('the records from 4 to 5 are not here', 1, third))
  })
})

describe('how far a log is vouched for', () => {
  test('nothing vouches for one without a head', async () => {
    await log.write(path)
    expect(await verify()).toMatchObject({ ok: true, logs: [{ records: 3, vouchedTo: 0 }] })
  })

  test('it may end with the very record that the newest head is of, and not before it', async () => {
    await log.write(path)
    const text = await head()
    const given = (where: string) => verifyAudit([folder], kit.verify, [{ text, where }])
    expect(await given('kept:1')).toMatchObject({ ok: true, logs: [{ records: 3, vouchedTo: 3 }] })
    log.lines.pop()
    await log.write(path)
    expect(await given('kept:1')).toEqual(bad('cut: the signed head in kept:1 vouches for 3 records', 3))
  })

  test.each([
    ['kept:12', 'kept', 12],
    ['a:1:2', 'a:1', 2],
    ['kept', 'kept', 1],
    ['kept:7 copy', 'kept:7 copy', 1],
  ])('a head from %s that nobody signed is said to be there', async (where, file, line) => {
    await log.write(path)
    expect(await verifyAudit([folder], kit.verify, [{ text: 'nonsense', where }])).toEqual(
      bad('not a head that a known key signed', line, file),
    )
  })
})

test('the error names file, line and what is wrong', () => {
  const error = new BadLog({ file: 'a.jsonl', line: 7, what: 'cut' })
  expect([error.name, error.message]).toEqual(['BadLog', 'a.jsonl:7: cut'])
})
