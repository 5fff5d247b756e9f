import { describe, expect, test } from 'vitest'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { manualClock } from '../../support/clock.ts'

describe('the memory store', () => {
  test('shows a script twin at once what was put, and shows others what it poked', async () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    await store.put('a', 'one', 100)
    expect(store.peek('a')).toBe('one')
    store.poke('b', 'two', 100)
    store.poke('c', 'three')
    expect(await store.getMany(['b', 'c'])).toEqual(['two', 'three'])
    clock.advance(100)
    expect(store.peek('a')).toBeNull()
    expect(await store.getMany(['b', 'c'])).toEqual([null, 'three'])
    store.drop('c')
    expect(await store.get('c')).toBeNull()
  })

  test('does not grow by keys that are over and that nobody reads again', () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    for (let key = 0; key < 50_000; key += 1) {
      store.poke(`key${key}`, 'v', 1_000)
      clock.advance(1)
    }
    // 1,000 live at any time; a sweep of four per write passes them all within 250 writes.
    expect(store.size).toBeLessThan(1_400)
    expect(store.size).toBeGreaterThanOrEqual(1_000)
  })

  test('keeps what is kept for good, whatever is swept', () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    for (let key = 0; key < 100; key += 1) store.poke(`good${key}`, 'v')
    for (let key = 0; key < 5_000; key += 1) {
      store.poke(`short${key}`, 'v', 1)
      clock.advance(10)
    }
    for (let key = 0; key < 100; key += 1) expect(store.peek(`good${key}`)).toBe('v')
  })

  test('is empty after it was closed', async () => {
    const store = new MemoryStore(manualClock())
    store.poke('a', 'one')
    await store.close()
    expect(store.size).toBe(0)
  })
})
