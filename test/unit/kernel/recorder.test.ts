import { copyFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../../src/kernel/clock.ts'
import { DiskUnavailable } from '../../../src/kernel/disk.ts'
import { type Journal, type JournalEntry, openJournal } from '../../../src/kernel/journal.ts'
import { readEpoch } from '../../../src/kernel/recorder.ts'
import { stretchOf } from '../../../src/kernel/reconcile.ts'
import { StoreUnavailable, type Write } from '../../../src/kernel/store/contract.ts'
import { EPOCH_KEY, markKey, tipKey } from '../../../src/kernel/store/keys.ts'
import { manualClock } from '../../support/clock.ts'
import { faultyDisk } from '../../support/store/disk.ts'
import { FaultyStore } from '../../support/store/faulty-store.ts'
import { scratchFolder } from '../../support/folder.ts'
import { captureLog, type CapturedLog } from '../../support/log.ts'
import { openLoneRecorder, type LoneRecorder } from '../../support/store/lone-recorder.ts'

/** `revoked` records write their key for good; every other record writes nothing. */
const writesOf = (entry: JournalEntry): readonly Write[] =>
  entry.type === 'revoked' ? [{ key: `revoked:${String(entry.data['id'])}`, value: '1' }] : []

interface Running {
  readonly journal: Journal
  readonly recorder: LoneRecorder
  readonly folded: JournalEntry[]
  readonly captured: CapturedLog
  end(): Promise<void>
}

let folder: string
let store: FaultyStore
let disk: ReturnType<typeof faultyDisk>
const toEnd: Running[] = []

beforeEach(async () => {
  folder = await scratchFolder()
  store = new FaultyStore(manualClock())
  disk = faultyDisk()
})
afterEach(async () => {
  for (const running of toEnd.splice(0)) await running.end()
})

async function start(writes = writesOf): Promise<Running> {
  const journal = await openJournal({ folder, writer: 'mcp-1', clock: manualClock(), disk })
  const folded: JournalEntry[] = []
  const captured = captureLog()
  const recorder = await openLoneRecorder({
    journal,
    store,
    clock: systemClock,
    log: captured.log,
    writesOf: writes,
    fold: (entry) => void folded.push(entry),
  }).catch(async (error: unknown) => {
    await journal.close()
    throw error
  })
  let isEnded = false
  const running = {
    journal,
    recorder,
    folded,
    captured,
    end: async () => {
      if (isEnded) return
      isEnded = true
      await recorder.close()
      await journal.close()
    },
  }
  toEnd.push(running)
  return running
}

const revoke = (recorder: LoneRecorder, id: string): Promise<boolean> =>
  recorder.record('revoked', { id }).then(({ projected }) => projected)
const primedWithin = (recorder: LoneRecorder, ms: number): Promise<void> =>
  expect.poll(() => recorder.primed(), { interval: 5, timeout: ms }).toBe(true)

describe('a recorder whose store is well', () => {
  test('is primed at once, and a mark exists before anything was decided', async () => {
    const { recorder } = await start()
    expect(recorder.primed()).toBe(true)
    expect(recorder.unprimedReason()).toBeNull()
    expect(await store.mark('mcp-1')).toBe(1)
    expect(recorder.requiredMark()).toBe(1)
    expect(await readEpoch(store)).toMatch(/^[\w-]{22}$/)
  })

  test('has journaled, folded and projected a record when it answers', async () => {
    const { recorder, folded, journal } = await start()
    const { entry, projected } = await recorder.record('revoked', { id: 'a' })
    expect(projected).toBe(true)
    expect(entry).toMatchObject({ seq: 2, type: 'revoked', data: { id: 'a' } })
    expect(folded).toEqual([entry])
    expect(journal.lastSeq).toBe(2)
    expect(store.peek('revoked:a')).toBe('1')
    expect(recorder.requiredMark()).toBe(2)
    expect(store.peek(tipKey('mcp-1'))).toBe(entry.hash)
  })

  test('keeps the order of 500 records made at once', async () => {
    const { recorder, folded } = await start()
    const made = await Promise.all(
      Array.from({ length: 500 }, (_, at) => recorder.record('revoked', { id: at })),
    )
    expect(made.every(({ projected }) => projected)).toBe(true)
    expect(folded.map(({ seq }) => seq)).toEqual(Array.from({ length: 500 }, (_, at) => at + 2))
    expect(await store.mark('mcp-1')).toBe(501)
  })

  test('sends what is recorded at the same time in one step', async () => {
    const { recorder } = await start()
    const calls = vi.spyOn(store, 'project')
    await Promise.all(['a', 'b', 'c'].map(async (id) => revoke(recorder, id)))
    expect(calls.mock.calls.map(([, seq, , from]) => [from, seq])).toEqual([[2, 4]])
    expect(['a', 'b', 'c'].map((id) => store.peek(`revoked:${id}`))).toEqual(['1', '1', '1'])
    const { entry } = await recorder.record('revoked', { id: 'd' })
    expect(store.peek(tipKey('mcp-1'))).toBe(entry.hash)
  })

  test('never sends records with a gap between them', async () => {
    const { journal } = await start()
    const entries: JournalEntry[] = []
    for (const id of ['a', 'b', 'c']) entries.push(await journal.append('revoked', { id }))
    const without = entries.filter(({ data }) => data['id'] !== 'b')
    expect(() => stretchOf(without)).toThrow('without a gap')
    expect(() => stretchOf([])).toThrow('without a gap')
    expect(stretchOf(entries)).toEqual({ from: 2, to: { n: 4, hash: entries[2]?.hash }, entries })
    expect(store.peek('revoked:a')).toBeNull()
  })

  test('folds everything again after a restart and projects nothing twice', async () => {
    const first = await start()
    await revoke(first.recorder, 'a')
    await revoke(first.recorder, 'b')
    const epoch = await readEpoch(store)
    await first.end()
    store.drop('revoked:a')
    const again = await start()
    expect(again.folded.map(({ data }) => data['id'])).toEqual(['a', 'b'])
    expect(again.recorder.primed()).toBe(true)
    expect(store.peek('revoked:a')).toBeNull()
    expect(await readEpoch(store)).toBe(epoch)
  })

  test('a record that cannot be journaled did not happen', async () => {
    const { recorder, folded } = await start()
    disk.failWith('ENOSPC')
    await expect(revoke(recorder, 'a')).rejects.toBeInstanceOf(DiskUnavailable)
    expect(folded).toEqual([])
    expect(store.peek('revoked:a')).toBeNull()
    disk.failWith(null)
    expect(await revoke(recorder, 'b')).toBe(true)
  })
})

describe('a recorder whose store is down', () => {
  test('starts, folds, is not primed and says why', async () => {
    store.mood = 'down'
    const { recorder, journal, captured } = await start()
    expect(recorder.primed()).toBe(false)
    expect(captured.events()).toContainEqual(expect.objectContaining({ event: 'store.unprimed' }))
    expect(recorder.unprimedReason()).toBe('the store does not answer')
    expect(recorder.requiredMark()).toBe(journal.lastSeq)
    store.mood = 'well'
    await primedWithin(recorder, 500)
  })

  test('records durably, says that it is not projected, and projects by itself when the store is back', async () => {
    const { recorder, captured } = await start()
    const primedAgain: number[] = []
    recorder.onPrimed(() => primedAgain.push(recorder.requiredMark()))
    store.mood = 'down'
    expect(await revoke(recorder, 'a')).toBe(false)
    expect(await revoke(recorder, 'b')).toBe(false)
    expect(recorder.primed()).toBe(false)
    // What is journaled is required from now on: the store must not be believed with less.
    expect(recorder.requiredMark()).toBe(3)
    store.mood = 'well'
    expect(await store.get('revoked:a')).toBeNull()
    await expect(recorder.readProjected(['revoked:a'])).rejects.toBeInstanceOf(StoreUnavailable)
    await primedWithin(recorder, 500)
    expect(await recorder.readProjected(['revoked:a', 'revoked:b', 'revoked:c'])).toEqual(['1', '1', null])
    expect(primedAgain).toEqual([3])
    expect(captured.events()).toContainEqual(
      expect.objectContaining({ event: 'store.primed', mark: 3, replayed: 2 }),
    )
  })

  test('a lost answer is no lost record: what the store has already is not projected twice', async () => {
    const { recorder } = await start()
    store.mood = 'deaf'
    expect(await revoke(recorder, 'a')).toBe(false)
    store.mood = 'well'
    const epoch = await readEpoch(store)
    await primedWithin(recorder, 500)
    expect(await revoke(recorder, 'b')).toBe(true)
    expect(await store.mark('mcp-1')).toBe(3)
    expect(await readEpoch(store)).toBe(epoch)
  })

  test('an outage alone does not change the epoch', async () => {
    const { recorder } = await start()
    const epoch = await readEpoch(store)
    store.mood = 'down'
    await revoke(recorder, 'a')
    store.mood = 'well'
    await primedWithin(recorder, 500)
    expect(await readEpoch(store)).toBe(epoch)
  })
})

describe('a store that forgot', () => {
  test.each([
    ['was flushed', () => store.flush()],
    ['lost the mark alone', () => store.drop(markKey('mcp-1'))],
    ['lost the epoch alone', () => store.drop(EPOCH_KEY)],
  ])('because it %s is primed again without being asked', async (_how, forget) => {
    const { recorder } = await start()
    for (const id of ['a', 'b', 'c']) await revoke(recorder, id)
    forget()
    await expect
      .poll(async () => [await store.mark('mcp-1'), store.peek(EPOCH_KEY) !== null, recorder.primed()], {
        timeout: 3_000,
      })
      .toEqual([4, true, true])
    expect(await recorder.readProjected(['revoked:a', 'revoked:b', 'revoked:c'])).toEqual(['1', '1', '1'])
  })

  test('is not read as absence: the read after a flush fails, then finds what was replayed', async () => {
    const { recorder } = await start()
    await revoke(recorder, 'a')
    store.flush()
    await expect(recorder.readProjected(['revoked:a'])).rejects.toBeInstanceOf(StoreUnavailable)
    expect(recorder.primed()).toBe(false)
    await primedWithin(recorder, 500)
    expect(await recorder.readProjected(['revoked:a'])).toEqual(['1'])
  })

  test('gets a new epoch, so that what was single use by its memory dies', async () => {
    const { recorder } = await start()
    await revoke(recorder, 'a')
    const epoch = await readEpoch(store)
    const snapshot = store.snapshot()
    await revoke(recorder, 'b')
    store.restore(snapshot)
    expect(await readEpoch(store)).toBe(epoch)
    await recorder.prime()
    expect(recorder.primed()).toBe(true)
    expect(await readEpoch(store)).not.toBe(epoch)
    expect(store.peek('revoked:b')).toBe('1')

    store.flush()
    await expect(readEpoch(store)).rejects.toBeInstanceOf(StoreUnavailable)
  })

  test('between two records is brought up to date by the second, which is projected too', async () => {
    const { recorder } = await start()
    await revoke(recorder, 'a')
    store.flush()
    expect(await revoke(recorder, 'b')).toBe(true)
    expect(await recorder.readProjected(['revoked:a', 'revoked:b'])).toEqual(['1', '1'])
  })

  test('while this process was down is primed at its start, with a new epoch', async () => {
    const first = await start()
    await revoke(first.recorder, 'a')
    const snapshot = store.snapshot()
    const epoch = await readEpoch(store)
    await revoke(first.recorder, 'b')
    await first.end()
    store.restore(snapshot)
    const again = await start()
    expect(again.recorder.primed()).toBe(true)
    expect(await again.recorder.readProjected(['revoked:a', 'revoked:b'])).toEqual(['1', '1'])
    expect(await readEpoch(store)).not.toBe(epoch)
  })
})

describe('a store that knows more than the journal', () => {
  async function journalRolledBack(): Promise<void> {
    const first = await start()
    await revoke(first.recorder, 'a')
    await first.end()
    const backup = join(await scratchFolder(), 'backup')
    await copyFile(join(folder, 'mcp-1.jsonl'), backup)
    const second = await start()
    await revoke(second.recorder, 'b')
    await revoke(second.recorder, 'c')
    await second.end()
    await copyFile(backup, join(folder, 'mcp-1.jsonl'))
  }

  test('is not believed, and the operator is told what to do', async () => {
    await journalRolledBack()
    const { recorder, captured } = await start()
    expect(recorder.primed()).toBe(false)
    expect(recorder.unprimedReason()).toMatch(/restore the journal, or empty the store/)
    expect(recorder.requiredMark()).toBe(Number.POSITIVE_INFINITY)
    await expect(recorder.readProjected(['revoked:a'])).rejects.toBeInstanceOf(StoreUnavailable)
    expect(await revoke(recorder, 'd')).toBe(false)
    expect(captured.events().filter(({ event }) => event === 'store.unprimed')).toHaveLength(1)

    store.flush()
    await primedWithin(recorder, 3_000)
    expect(await recorder.readProjected(['revoked:a', 'revoked:b', 'revoked:d'])).toEqual(['1', null, '1'])
  })

  test('is not believed either when the journal has grown past its mark meanwhile', async () => {
    await journalRolledBack()
    store.mood = 'down'
    const { recorder } = await start()
    for (const id of ['d', 'e', 'f', 'g']) await revoke(recorder, id)
    store.mood = 'well'
    await expect.poll(() => recorder.unprimedReason()).toMatch(/restore the journal/)
    expect(store.peek('revoked:g')).toBeNull()
  })

  test('is not believed when the journal was begun anew', async () => {
    const first = await start()
    await revoke(first.recorder, 'a')
    await first.end()
    await rm(join(folder, 'mcp-1.jsonl'))
    await expect(start()).rejects.toThrow(
      'The journal of mcp-1 is empty, but the store knows 2 records of it',
    )
    store.mood = 'down'
    const { recorder } = await start()
    store.mood = 'well'
    await expect.poll(() => recorder.unprimedReason()).toMatch(/restore the journal/)
  })
})

describe('a bug of ours', () => {
  test('in what a record means keeps the store unprimed and is logged', async () => {
    const { recorder, captured } = await start((entry) => {
      if (entry.data['id'] === 'bad') throw new Error('no such record')
      return writesOf(entry)
    })
    expect(await revoke(recorder, 'bad')).toBe(false)
    expect(recorder.primed()).toBe(false)
    expect(captured.events()).toContainEqual(expect.objectContaining({ event: 'store.projection_failed' }))
  })
})

test('whatever happens to store and process, what was answered as projected is found or refused', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.constant<'record'>('record') },
    fc.constantFrom<'well' | 'down' | 'deaf'>('well', 'down', 'deaf'),
    fc.constantFrom<'flush' | 'snapshot' | 'rollback' | 'restart'>(
      'flush',
      'snapshot',
      'rollback',
      'restart',
    ),
    fc.constant<'look'>('look'),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      folder = await scratchFolder()
      store = new FaultyStore(manualClock())
      let running = await start()
      let snapshot = store.snapshot()
      const answered: string[] = []
      const recorded: string[] = []
      const check = async (): Promise<void> => {
        const keys = answered.map((id) => `revoked:${id}`)
        const found = await running.recorder.readProjected(keys).catch(() => null)
        if (found !== null) expect(found).toEqual(keys.map(() => '1'))
      }
      for (const [at, one] of steps.entries()) {
        if (one === 'record') {
          recorded.push(String(at))
          if (await revoke(running.recorder, String(at))) answered.push(String(at))
        } else if (one === 'flush') store.flush()
        else if (one === 'snapshot') snapshot = store.snapshot()
        else if (one === 'rollback') store.restore(snapshot)
        else if (one === 'restart') {
          await running.end()
          running = await start()
        } else if (one !== 'look') store.mood = one
        await check()
      }
      store.mood = 'well'
      await running.recorder.prime()
      await running.recorder.prime()
      expect(running.recorder.primed()).toBe(true)
      const keys = recorded.map((id) => `revoked:${id}`)
      expect(await running.recorder.readProjected(keys)).toEqual(keys.map(() => '1'))
      await running.end()
    }),
    { numRuns: 60 },
  )
})
