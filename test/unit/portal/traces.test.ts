import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import type { Disk } from '../../../src/kernel/disk.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { explain } from '../../../src/portal/traces/explain.ts'
import { describeSent } from '../../../src/portal/traces/sent.ts'
import { TraceIndex } from '../../../src/portal/traces/trace-index.ts'
import { readTraces, traceFilePath, writeLine } from '../../../src/portal/traces/trace-lines.ts'
import type { TraceStep } from '../../../src/portal/traces/trace-step.ts'
import { Traces } from '../../../src/portal/traces/traces.ts'
import { faultyDisk } from '../../support/store/disk.ts'
import { captureLog } from '../../support/log.ts'
import { manualClock } from '../../support/clock.ts'
import { scratchFolder } from '../../support/folder.ts'

const step = (more: Partial<TraceStep> = {}): TraceStep => ({
  atMs: 1_800_000_000_000,
  step: 'authorization',
  outcome: 'passed',
  reference: randomId().slice(0, 16),
  address: '192.0.2.1',
  userAgent: null,
  sent: {},
  known: {},
  ...more,
})

describe('what a client sent', () => {
  test('is shown where it opens nothing, and otherwise by its length', () => {
    expect(
      describeSent({
        client_id: 'mxc_1',
        scope: 'maximo:read',
        state: 's'.repeat(9),
        code: 'c',
        password: 'hunter2',
      }),
    ).toEqual({
      client_id: 'mxc_1',
      scope: 'maximo:read',
      state: '(9 characters)',
      code: '(1 characters)',
      password: '(7 characters)',
    })
  })

  test('that is repeated, not text, or a list is told as that', () => {
    expect(describeSent({ state: ['a', 'b'], code: 5, redirect_uris: ['http://localhost/cb'] })).toEqual({
      state: '(sent 2 times)',
      code: '(not text)',
      redirect_uris: '["http://localhost/cb"]',
    })
  })

  test('hides a token that was pasted into a harmless field, and keeps the rest of it', () => {
    const token = `${'A'.repeat(60)}.${'b'.repeat(30)}.${'c'.repeat(30)}`
    expect(describeSent({ redirect_uri: `https://a.example/cb?t=${token}&x=1` })).toEqual({
      redirect_uri: 'https://a.example/cb?t=(122 characters)&x=1',
    })
  })

  test('shows characters that deceive as what they are, and never more than a page holds', () => {
    expect(describeSent({ client_name: 'a\u202Eb\u0000c' })).toEqual({ client_name: 'a\u{FFFD}b\u{FFFD}c' })
    const many = Object.fromEntries(Array.from({ length: 500 }, (_, index) => [`p${index}`, 'x']))
    expect(Object.keys(describeSent(many))).toHaveLength(31)
    expect(describeSent(many)['and others']).toBe('470')
    expect(describeSent({ scope: 'word '.repeat(900) })['scope']?.length).toBe(1000)
  })

  test.each([null, undefined, 'text', 7])('%s is nothing', (raw) => {
    expect(describeSent(raw)).toEqual({})
  })
})

describe('the index', () => {
  test('keeps the newest thirty of one owner, and all of the others', () => {
    const index = new TraceIndex()
    index.add('other', step({ sub: 'user_other' }))
    const dropped = Array.from({ length: 32 }, (_, at) => index.add(`t${at}`, step({ sub: 'user_1' }))).flat()
    expect(dropped).toEqual(['t0', 't1'])
    expect(
      index
        .listFor('user_1')
        .map(({ id }) => id)
        .slice(0, 2),
    ).toEqual(['t31', 't30'])
    expect(index.find('other')).toBeDefined()
  })

  test('a flood of strangers pushes out strangers alone, and a login that somebody then signs in to counts as theirs', () => {
    const index = new TraceIndex()
    index.add('mine', step())
    index.add('mine', step({ step: 'consent', sub: 'user_1', reference: 'ref-of-consent' }))
    const dropped = Array.from({ length: 1_005 }, (_, at) => index.add(`s${at}`, step())).flat()
    expect(dropped).toHaveLength(5)
    expect(index.resolve('ref-of-consent')?.id).toBe('mine')
    expect(index.resolve('s0')).toBeUndefined()
  })

  test('a dropped trace is not found by reference or connection either', () => {
    const index = new TraceIndex()
    index.add('old', step({ atMs: 1, reference: 'r', gid: 'g' }))
    index.add('new', step({ atMs: 5 }))
    expect(index.dropBefore(3)).toEqual(['old'])
    expect([index.resolve('r'), index.resolve('g'), index.resolve('old')]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
  })

  test('keeps five thousand of all owners together, the newest', () => {
    const index = new TraceIndex()
    const dropped = Array.from({ length: 5_002 }, (_, at) => index.add(`t${at}`, step({ sub: `user_${at}` })))
    expect(dropped.flat()).toEqual(['t0', 't1'])
    expect(index.listFor('user_0')).toEqual([])
    expect(index.listFor('user_5001')).toHaveLength(1)
  })
})

describe('the file', () => {
  const opened: Traces[] = []
  afterEach(async () => {
    for (const traces of opened.splice(0)) await traces.close()
  })

  const open = async (more: { readonly disk?: Disk } = {}) => {
    const [folder, clock, log] = [join(await scratchFolder(), 'traces'), manualClock(), captureLog()]
    const again = async () => {
      const traces = await Traces.open({ folder, instance: 'portal-1', clock, log: log.log, ...more })
      opened.push(traces)
      return traces
    }
    return { folder, path: traceFilePath(folder, 'portal-1'), clock, log, traces: await again(), again }
  }
  const stepsOf = async (traces: Traces, id: string) =>
    (await traces.read(id))?.steps.map(({ reference }) => reference)
  const named = (reference: string) => step({ reference })

  test('is read again at the next start; what is no step, or was cut by a crash, is passed over', async () => {
    const { path, traces, again } = await open()
    const [id, other] = [randomId(), randomId()]
    traces.note(id, step({ sub: 'user_1', reference: 'one' }))
    traces.note(other, step({ sub: 'user_1' }))
    await traces.close()
    const foreign = ['{}', 'null', 'x', '{"id":"short"}', '{"cut'].join('\n')
    await writeFile(path, foreign, { flag: 'a' })
    const second = await again()
    expect(second.listFor('user_1').map((trace) => trace.id)).toEqual([other, id])
    second.note(id, named('two'))
    expect(await stepsOf(second, id)).toEqual(['one', 'two'])
    await second.close()
    expect(await stepsOf(await again(), id)).toEqual(['one', 'two'])
  })

  test('is read by others while it is written, and beside the files of other portals', async () => {
    const { folder, traces } = await open()
    const [early, late] = [randomId(), randomId()]
    traces.note(late, step({ atMs: 9, reference: 'three' }))
    await traces.read(late)
    const line = writeLine({ id: early, step: step({ atMs: 4, reference: 'one' }) })
    await writeFile(traceFilePath(folder, 'portal-2'), Buffer.concat([line, line, line.subarray(0, 40)]))
    await writeFile(join(folder, 'notes.txt'), writeLine({ id: early, step: step() }))
    const read = await readTraces(folder)
    expect(read.map(({ id, steps }) => [id, steps.length])).toEqual([
      [early, 2],
      [late, 1],
    ])
  })

  test('forgets after thirty days, on disk too, and keeps what is younger in its order', async () => {
    const { path, clock, traces, again } = await open()
    const [old, young] = [randomId(), randomId()]
    for (const reference of ['one', 'two'])
      for (const [id, atMs] of [[old, clock.nowMs()] as const, [young, clock.nowMs() + 86_400_000] as const])
        traces.note(id, step({ atMs, reference }))
    clock.advance(30 * 86_400_000 + 1)
    await traces.sweep()
    expect(traces.resolve(old)).toBeUndefined()
    expect(await readFile(path, 'utf8')).not.toContain(old)
    traces.note(young, named('three'))
    expect(await stepsOf(traces, young)).toEqual(['one', 'two', 'three'])
    await traces.close()
    expect(await stepsOf(await again(), young)).toEqual(['one', 'two', 'three'])
  })

  test('does not grow with what is forgotten', async () => {
    const { path, traces } = await open()
    const sent = { note: 'x'.repeat(1_000) }
    const mine = randomId()
    traces.note(mine, named('mine'))
    for (let at = 0; at < 4_500; at += 1) {
      traces.note(randomId(), step({ sent }))
      if (at % 500 === 0) await traces.read(mine)
    }
    expect(traces.resolve(mine)).toBeUndefined()
    await traces.read(mine)
    expect((await stat(path)).size).toBeLessThan(3_000_000)
    expect(await traces.read(mine)).toBeNull()
  })

  test('a trace that is forgotten while it is being written is gone', async () => {
    const { path, clock, traces } = await open()
    const id = randomId()
    traces.note(id, step({ atMs: clock.nowMs() }))
    clock.advance(31 * 86_400_000)
    await traces.sweep()
    expect([await traces.read(id), (await stat(path)).size]).toEqual([null, 0])
  })

  test('a trace has sixty steps at most, and of refreshes in a row that passed the first', async () => {
    const { traces } = await open()
    const [full, alike] = [randomId(), randomId()]
    for (let at = 0; at < 70; at += 1) {
      traces.note(full, step({ outcome: 'refused' }))
      traces.note(alike, step({ step: 'refresh' }))
    }
    expect((await traces.read(full))?.steps).toHaveLength(60)
    expect((await traces.read(alike))?.steps).toHaveLength(1)
  })

  test('that cannot be written holds nobody up: it is logged, and goes on when it can', async () => {
    const disk = faultyDisk()
    const { log, traces, again } = await open({ disk })
    disk.failWith('ENOSPC', 30)
    const id = randomId()
    traces.note(id, named('lost'))
    expect(await traces.read(id)).toBeNull()
    expect(log.text()).toContain('steps of login attempts were not traced')
    disk.failWith(null)
    traces.note(id, named('kept'))
    expect(await stepsOf(traces, id)).toEqual(['kept'])
    await traces.close()
    expect(await stepsOf(await again(), id)).toEqual(['kept'])
  })

  test('strangers of one address leave sixty steps a minute and one that stands for the rest', async () => {
    const { traces } = await open()
    const kept = Array.from({ length: 200 }, () => traces.takesStranger('192.0.2.7')).filter((takes) => takes)
    expect(kept).toHaveLength(61)
    expect(traces.takesStranger('198.51.100.7')).toBe(true)
  })
})

test('an explanation says why and what to do; a reason of another version has none', () => {
  expect(explain('verifier_mismatch')).toMatchObject({ why: expect.stringContaining('code_challenge') })
  expect(explain('toString')).toBeNull()
})
