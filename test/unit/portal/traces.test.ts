import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { randomId } from '../../../src/kernel/random.ts'
import { explain } from '../../../src/portal/traces/explain.ts'
import { describeSent } from '../../../src/portal/traces/sent.ts'
import { TraceIndex } from '../../../src/portal/traces/trace-index.ts'
import type { TraceStep } from '../../../src/portal/traces/trace-step.ts'
import { Traces } from '../../../src/portal/traces/traces.ts'
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
})

describe('the folder', () => {
  const open = async () => {
    const [folder, clock, log] = [join(await scratchFolder(), 'traces'), manualClock(), captureLog()]
    return { folder, clock, log, traces: await Traces.open({ folder, clock, log: log.log }) }
  }

  test('is read again at the next start; a damaged line or a foreign file is passed over', async () => {
    const { folder, clock, log, traces } = await open()
    const id = randomId()
    traces.note(id, step({ sub: 'user_1' }))
    await traces.close()
    await writeFile(join(folder, `${id}.jsonl`), '{"cut', { flag: 'a' })
    await writeFile(join(folder, 'notes.txt'), 'nothing')
    const again = await Traces.open({ folder, clock, log: log.log })
    expect(again.listFor('user_1').map((trace) => trace.id)).toEqual([id])
    expect((await again.read(id))?.steps).toHaveLength(1)
  })

  test('forgets after thirty days, on disk too', async () => {
    const { folder, clock, traces } = await open()
    traces.note(randomId(), step({ atMs: clock.nowMs() }))
    await traces.close()
    expect(await readdir(folder)).toHaveLength(1)
    clock.advance(31 * 86_400_000)
    traces.sweep()
    await traces.close()
    expect(await readdir(folder)).toEqual([])
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

  test('that cannot be written holds nobody up: it is logged', async () => {
    const { folder, log, traces } = await open()
    await rm(folder, { recursive: true })
    traces.note(randomId(), step())
    await traces.close()
    expect(log.text()).toContain('a step of a login attempt was not traced')
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
