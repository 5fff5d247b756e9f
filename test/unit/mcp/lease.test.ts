import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { holdLease } from '../../../src/mcp/admission/lease.ts'
import { MemoryAdmissionStore } from '../../../src/mcp/admission/memory-admission-store.ts'
import { LEASE_MS, type AdmissionStore } from '../../../src/mcp/admission/store.ts'
import { anAsk } from '../../support/store/admission-stores.ts'
import { manualClock } from '../../support/clock.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => {
  vi.restoreAllMocks()
  vi.useRealTimers()
})

test('a call that runs for minutes keeps its place, and gives it back at its end', async () => {
  const clock = manualClock()
  const store = new MemoryStore(clock)
  const admission = new MemoryAdmissionStore(store, clock)
  await store.project('mcp-1', 1, [])
  const ask = (id: string) => admission.ask(anAsk({ lease: { id, atMost: 1 } }))
  await ask('long')
  const held = holdLease(admission, 'grant-1', { id: 'long' })
  for (let seconds = 0; seconds < 300; seconds += 5) {
    clock.advance(5_000)
    await vi.advanceTimersByTimeAsync(5_000)
  }
  expect(await ask('other')).toMatchObject({ limit: 'concurrent_calls' })
  await held.release()
  expect(await ask('other')).toMatchObject({ state: 'passed' })
})

test('a store that falls silent meanwhile breaks neither the call nor its end', async () => {
  let renewed = 0
  const silence = (): Promise<never> => Promise.reject(new StoreUnavailable('silent'))
  const silent: AdmissionStore = {
    ask: silence,
    renewLease: () => {
      renewed += 1
      return silence()
    },
    releaseLease: silence,
    spent: silence,
  }
  const held = holdLease(silent, 'grant-1', { id: 'a' })
  await vi.advanceTimersByTimeAsync(LEASE_MS)
  await held.release()
  expect(renewed).toBeGreaterThan(1)
  const untilTheEnd = renewed
  await vi.advanceTimersByTimeAsync(LEASE_MS)
  expect(renewed).toBe(untilTheEnd)
})

test('one timer serves all calls of a store: nobody is renewed at once, everybody twice before the end', async () => {
  const started = vi.spyOn(globalThis, 'setInterval')
  const ended = vi.spyOn(globalThis, 'clearInterval')
  const timers = (): unknown[] =>
    started.mock.calls.flatMap(([, ms], at): unknown[] =>
      ms === LEASE_MS / 4 ? [started.mock.results[at]?.value] : [],
    )
  const renewed: string[] = []
  const store = {
    renewLease: (grantId: string, id: string) => Promise.resolve(renewed.push(`${grantId} ${id}`) > 0),
    releaseLease: () => Promise.resolve(),
  } as unknown as AdmissionStore
  const early = holdLease(store, 'grant-1', { id: 'early' })
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4 - 1)
  const late = holdLease(store, 'grant-2', { id: 'late' })
  await vi.advanceTimersByTimeAsync(1)
  expect(renewed).toEqual([])
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4)
  const both = ['grant-1 early', 'grant-2 late']
  expect(renewed).toEqual(both)
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4)
  expect(renewed).toEqual([...both, ...both])
  expect(timers()).toHaveLength(1)

  await Promise.all([early.release(), late.release()])
  expect(ended).not.toHaveBeenCalledWith(timers()[0])
  await vi.advanceTimersByTimeAsync(LEASE_MS / 4)
  expect(ended).toHaveBeenCalledWith(timers()[0])
  await holdLease(store, 'grant-1', { id: 'again' }).release()
  expect(timers()).toHaveLength(2)
})

test('a message takes no lease', async () => {
  // A store that would be asked anything of it has nothing to answer with.
  const held = holdLease({} as AdmissionStore, 'grant-1', null)
  vi.advanceTimersByTime(LEASE_MS)
  await held.release()
})

test('a place is given back once, and a fault that is not the store’s silence is not hushed up', async () => {
  let released = 0
  const store = {
    releaseLease: () => {
      released += 1
      return released === 1 ? Promise.resolve() : Promise.reject(new TypeError('bug'))
    },
  } as unknown as AdmissionStore
  const held = holdLease(store, 'grant-1', { id: 'a' })
  await held.release()
  await held.release()
  expect(released).toBe(1)
  await expect(holdLease(store, 'grant-1', { id: 'b' }).release()).rejects.toThrow('bug')
})
