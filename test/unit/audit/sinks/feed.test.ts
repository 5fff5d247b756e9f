import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { backoffMs } from '../../../../src/audit/sinks/backoff.ts'
import type { LineOut } from '../../../../src/audit/sinks/receivers/stdout.ts'
import { Metrics } from '../../../../src/kernel/metrics.ts'
import { auditKit, type AuditKit } from '../../../support/audit.ts'
import { scratchFolder } from '../../../support/folder.ts'
import { FedLog } from '../../../support/siem/fed-log.ts'
import { Splunk } from '../../../support/siem/splunk.ts'

let kit: AuditKit
beforeAll(async () => {
  kit = await auditKit()
})
let fed: FedLog
let out: Output
beforeEach(async () => {
  fed = await new FedLog(kit, await scratchFolder()).open()
  out = new Output()
})
afterEach(() => fed.close())

/** Standard output as a test wants it: what was written, piece by piece. */
class Output implements LineOut {
  readonly pieces: string[] = []
  /** What becomes of a piece: told as taken, told as failed, or never told. */
  mood: 'takes' | 'fails' | 'is silent' = 'takes'
  onWrite: () => void = () => undefined

  write(bytes: Buffer, done: (error?: Error | null) => void): boolean {
    this.pieces.push(bytes.toString())
    this.onWrite()
    if (this.mood === 'takes') done()
    if (this.mood === 'fails') done(Object.assign(new Error('gone'), { code: 'EPIPE' }))
    return true
  }

  on(): void {
    // Nothing happens that is not told to the writer.
  }

  off(): void {
    // As above.
  }

  events(): { id: string; n: number; eventType: string }[] {
    return this.pieces.flatMap((piece) =>
      piece
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as { id: string; n: number; eventType: string }),
    )
  }

  ids(): string[] {
    return this.events().map(({ id }) => id)
  }
}

const STDOUT = { type: 'stdout' }
const cursorPath = (): string => join(fed.folder, 'sinks', 'mcp-1.siem.json')

/** A second process on the same files: the first one was killed, so nobody closed anything. */
async function restarted(sink: object = STDOUT): Promise<Metrics> {
  const metrics = new Metrics('mcp')
  await fed.feed({ ...STDOUT, ...sink }, { stdout: out, metrics })
  return metrics
}

describe('a crash', () => {
  test('between sending and knowing leads to the same batch again, byte for byte, and to no other', async () => {
    const killed = new Output()
    killed.mood = 'is silent'
    const isOut = new Promise<void>((resolve) => (killed.onWrite = resolve))
    await fed.write(3)
    await fed.feed(STDOUT, { stdout: killed })
    await isOut
    await fed.write(4)
    const metrics = await restarted()
    await fed.time.pass(5_000)
    expect(out.pieces[0]).toBe(killed.pieces[0])
    expect(out.pieces).toHaveLength(2)
    expect(out.ids()).toEqual(await fed.ids())
    await metrics.close()
  })

  test('after it was taken leads to nothing twice', async () => {
    await fed.write(3)
    await fed.feed(STDOUT, { stdout: out })
    await fed.time.pass(3_000)
    await fed.sinks.close()
    await fed.write(2)
    const metrics = await restarted()
    await fed.time.pass(3_000)
    expect(out.ids()).toEqual(await fed.ids())
    await metrics.close()
  })

  test('that spoilt the cursor costs no record: all come again, and their ids tell', async () => {
    await fed.write(3)
    await fed.feed(STDOUT, { stdout: out })
    await fed.time.pass(3_000)
    await fed.sinks.close()
    await writeFile(cursorPath(), '{"v":1,"n":')
    const metrics = await restarted()
    await fed.time.pass(3_000)
    const all = await fed.ids()
    expect(out.ids()).toEqual([...all, ...all])
    expect(fed.log.events()).toContainEqual(
      expect.objectContaining({ event: 'audit.sink_cursor_unreadable' }),
    )
    await metrics.close()
  })
})

test('a receiver that says when is left alone until then', async () => {
  const splunk = new Splunk({ token: 'T', index: 'audit' })
  await splunk.server.up()
  try {
    splunk.moods.push({ status: 503, headers: { 'retry-after': '600' } })
    const sink = { type: 'splunk_hec', url: splunk.server.origin, token: { env: 'HEC' }, index: 'audit' }
    await fed.feed(sink, { env: { HEC: 'T' } })
    await fed.time.pass(599_000)
    expect([splunk.moods, splunk.bodies]).toEqual([[], []])
    await fed.time.pass(2_000)
    expect(splunk.ids()).toEqual(await fed.ids())
  } finally {
    await fed.sinks.close()
    await splunk.server.down()
  }
})

test('waits double from a second to a minute, spread by half, and a receiver is obeyed for an hour at most', () => {
  const waits = (random: number): number[] =>
    [1, 2, 3, 6, 7, 500].map((n) => backoffMs(n, undefined, () => random))
  expect(waits(1)).toEqual([1_000, 2_000, 4_000, 32_000, 60_000, 60_000])
  expect(waits(0)).toEqual([500, 1_000, 2_000, 16_000, 30_000, 30_000])
  expect([0, 100_000, 1e9].map((asked) => backoffMs(1, asked, () => 1))).toEqual([1_000, 100_000, 3_600_000])
})

test('a disk that takes no cursor keeps everything back, since nobody would know what was sent', async () => {
  await writeFile(join(fed.folder, 'sinks'), 'in the way')
  await fed.write(3)
  await fed.feed({ ...STDOUT, behindAfterS: 10 }, { stdout: out })
  await fed.time.pass(30_000)
  expect(out.pieces).toEqual([])
  expect(fed.sinks.notes()).toEqual([
    expect.stringMatching(/: log_unreadable \(the audit log or the cursor cannot be used\)$/),
  ])
  await rm(join(fed.folder, 'sinks'))
  await fed.time.pass(60_000)
  expect(out.ids()).toEqual(await fed.ids())
})

describe('the log', () => {
  test('in several files is one log', async () => {
    await fed.close()
    fed = await new FedLog(kit, fed.folder).open({ fileRecords: 4 })
    await fed.feed(STDOUT, { stdout: out })
    for (let round = 0; round < 6; round++) {
      await fed.write(3)
      await fed.time.pass(2_000)
    }
    const files = (await readdir(fed.folder)).filter((name) => name.endsWith('.jsonl'))
    expect(files.length).toBeGreaterThan(2)
    expect(out.ids()).toEqual(await fed.ids())
    expect(out.events().map(({ n }) => n)).toEqual(out.ids().map((_id, at) => at + 1))
  })

  test('of which retention took a part before it was delivered has a gap that says so, once, in its place', async () => {
    await fed.close()
    fed = await new FedLog(kit, fed.folder).open({ fileRecords: 4 })
    await fed.feed(STDOUT, { stdout: out })
    await fed.time.pass(2_000)
    const delivered = out.events().length
    out.mood = 'fails'
    for (let round = 0; round < 5; round++) await fed.write(3)
    await fed.time.pass(60_000)
    await fed.sinks.close()
    const files = (await readdir(fed.folder)).filter((name) => name.endsWith('.jsonl')).sort()
    for (const name of files.slice(0, 2)) await rm(join(fed.folder, name))
    const kept = await fed.ids()
    out = new Output()
    const metrics = await restarted()
    await fed.time.pass(5_000)
    const [gap, ...others] = out.events()
    expect(gap).toMatchObject({ eventType: 'audit.gap', gapFrom: delivered + 1, n: (others[0]?.n ?? 0) - 1 })
    expect(gap).toMatchObject({
      gapTo: (others[0]?.n ?? 0) - 1,
      recordCount: (others[0]?.n ?? 0) - 1 - delivered,
    })
    expect(others.map(({ id }) => id)).toEqual(kept)
    const lost = (others[0]?.n ?? 0) - 1 - delivered
    expect(lost).toBeGreaterThan(0)
    expect(await metrics.text()).toContain(
      `maximo_mcp_audit_sink_lost_total{sink="siem",service="mcp"} ${lost}`,
    )
    await metrics.close()
  })

  test('that was changed behind the cursor is not sent, and says where', async () => {
    await fed.write(3)
    await fed.feed(STDOUT, { stdout: out })
    await fed.time.pass(3_000)
    await fed.write(2)
    const path = join(fed.folder, 'mcp-1.jsonl')
    const text = await readFile(path, 'utf8')
    const lines = text.split('\n')
    lines[4] = (lines[4] ?? '').replace('"outcome":"success"', '"outcome":"refused"')
    await writeFile(path, lines.join('\n'))
    await fed.time.pass(1_000_000)
    expect(out.events()).toHaveLength(4)
    expect(fed.sinks.notes()).toEqual([
      expect.stringMatching(/: log_unreadable \(.*mcp-1\.jsonl:5: its hash does not/),
    ])
    await writeFile(path, text)
    await fed.time.pass(100_000)
    expect(out.ids()).toEqual(await fed.ids())
  })

  test('that a new sink finds is sent from its beginning, or from now on', async () => {
    await fed.write(3)
    await fed.feed({ ...STDOUT, start: 'now' }, { stdout: out })
    await fed.time.pass(2_000)
    expect(out.pieces).toEqual([])
    await fed.write(2)
    await fed.time.pass(2_000)
    expect(out.ids()).toEqual((await fed.ids()).slice(4))
  })
})

test('a receiver that takes less than was thought gets it in halves, each record once and in order', async () => {
  const splunk = new Splunk({ token: 'T', index: 'audit', maxBytes: 4_000 })
  await splunk.server.up()
  try {
    await fed.write(20)
    const sink = { type: 'splunk_hec', url: splunk.server.origin, token: { env: 'HEC' }, index: 'audit' }
    await fed.feed(sink, { env: { HEC: 'T' } })
    await fed.time.pass(3_000)
    expect(splunk.ids()).toEqual(await fed.ids())
    expect(splunk.bodies.length).toBeGreaterThan(4)
    expect(splunk.duplicates).toEqual([])
  } finally {
    await fed.sinks.close()
    await splunk.server.down()
  }
})

describe('an operator', () => {
  test('is told by notes, or not given a ready service where the sink is required', async () => {
    out.mood = 'fails'
    await fed.feed({ ...STDOUT, required: true, behindAfterS: 60 }, { stdout: out })
    await fed.time.pass(59_000)
    expect([fed.sinks.reasons(), fed.sinks.notes()]).toEqual([[], []])
    expect(await fed.figure('behind{')).toBe(0)
    await fed.time.pass(2_000)
    expect(fed.sinks.reasons()).toEqual([
      'audit sink siem is behind by 1 records, the oldest 61 s old: unreachable (EPIPE)',
    ])
    expect(fed.sinks.notes()).toEqual([])
    expect(await fed.figure('behind{')).toBe(1)
    out.mood = 'takes'
    await fed.time.pass(60_000)
    expect(fed.sinks.reasons()).toEqual([])
  })

  test('reads of an outage twice in the process log: when it begins and when it ends', async () => {
    out.mood = 'fails'
    await fed.feed(STDOUT, { stdout: out })
    await fed.time.pass(600_000)
    out.mood = 'takes'
    await fed.time.pass(100_000)
    const told = fed.log.events().filter(({ event }) => String(event).startsWith('audit.sink'))
    expect(told.map(({ event, reason }) => [event, reason])).toEqual([
      ['audit.sink_failed', 'unreachable'],
      ['audit.sink_recovered', undefined],
    ])
    expect(await fed.figure('failures_total{')).toBe(told[1]?.['failures'])
  })

  test('who ends the service waits for the batch that is out, and not for a receiver that is silent', async () => {
    out.mood = 'is silent'
    const isOut = new Promise<void>((resolve) => (out.onWrite = resolve))
    await fed.feed(STDOUT, { stdout: out })
    await isOut
    await fed.sinks.close()
    expect(JSON.parse(await readFile(cursorPath(), 'utf8'))).toMatchObject({ n: 0, sendingTo: 1 })
  })
})
