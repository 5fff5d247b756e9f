import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Breaker, createBreaker } from '../../../src/kernel/breaker.ts'
import { StoreUnavailable } from '../../../src/kernel/store/contract.ts'
import { type ManualClock, manualClock } from '../../support/clock.ts'

const LATE_MS = 225

interface Setting {
  readonly breaker: Breaker
  readonly clock: ManualClock
  readonly changes: string[]
  readonly succeed: () => Promise<unknown>
  /** Fails after the given time; `true` when the other side was asked at all. */
  readonly fail: (tookMs?: number) => Promise<boolean>
}

function setting(random = 0): Setting {
  const clock = manualClock()
  const changes: string[] = []
  const breaker = createBreaker({
    clock,
    lateMs: LATE_MS,
    isFailure: (error) => !(error instanceof RangeError),
    onChange: (state) => changes.push(state),
    random: () => random,
  })
  return {
    breaker,
    clock,
    changes,
    succeed: () => breaker.guarded(() => Promise.resolve('value')),
    fail: async (tookMs = 1) => {
      let wasAsked = false
      await expect(
        breaker.guarded(() => {
          wasAsked = true
          clock.advance(tookMs)
          return Promise.reject(new Error('down'))
        }),
      ).rejects.toThrow()
      return wasAsked
    },
  }
}

async function opened(): Promise<Setting> {
  const made = setting()
  for (let call = 0; call < 5; call += 1) await made.fail()
  expect(made.breaker.state()).toBe('open')
  return made
}

describe('a closed breaker', () => {
  test('passes values and errors through', async () => {
    const { succeed, breaker } = setting()
    expect(await succeed()).toBe('value')
    await expect(breaker.guarded(() => Promise.reject(new Error('down')))).rejects.toThrow('down')
  })

  test('opens at the fifth failure in a row, not before', async () => {
    const { breaker, fail } = setting()
    for (let call = 0; call < 4; call += 1) await fail()
    expect(breaker.state()).toBe('closed')
    await fail()
    expect(breaker.state()).toBe('open')
  })

  test('a success between starts the count anew', async () => {
    const { breaker, fail, succeed } = setting()
    for (let round = 0; round < 3; round += 1) {
      for (let call = 0; call < 4; call += 1) await fail()
      await succeed()
      for (let call = 0; call < 6; call += 1) await succeed()
    }
    expect(breaker.state()).toBe('closed')
  })

  test('opens when half of 20 calls within 10 s fail', async () => {
    const { breaker, fail, succeed } = setting()
    for (let pair = 0; pair < 9; pair += 1) {
      await succeed()
      await fail()
    }
    await succeed()
    expect(breaker.state()).toBe('closed')
    await fail()
    expect(breaker.state()).toBe('open')
  })

  test('does not open when fewer than half fail, nor when failures are older than 10 s', async () => {
    const { breaker, clock, fail, succeed } = setting()
    for (let round = 0; round < 20; round += 1) {
      await succeed()
      await fail()
      await succeed()
    }
    expect(breaker.state()).toBe('closed')
    for (let pair = 0; pair < 40; pair += 1) {
      await succeed()
      await fail()
      clock.advance(1_250)
    }
    expect(breaker.state()).toBe('closed')
  })

  test('does not count failures that say nothing about the other side', async () => {
    const { breaker } = setting()
    for (let call = 0; call < 30; call += 1) {
      await expect(breaker.guarded(() => Promise.reject(new RangeError('one key')))).rejects.toThrow(
        'one key',
      )
    }
    expect(breaker.state()).toBe('closed')
  })

  test('does not count failures that came late by our own fault', async () => {
    const { breaker, fail } = setting()
    for (let call = 0; call < 30; call += 1) await fail(LATE_MS + 1)
    expect(breaker.state()).toBe('closed')
    for (let call = 0; call < 5; call += 1) await fail(LATE_MS)
    expect(breaker.state()).toBe('open')
  })
})

describe('an open breaker', () => {
  test('refuses at once, without asking, for 2 s', async () => {
    const { breaker, clock, fail, succeed } = await opened()
    clock.advance(1_999)
    expect(await fail()).toBe(false)
    await expect(succeed()).rejects.toBeInstanceOf(StoreUnavailable)
    expect(breaker.state()).toBe('open')
  })

  test('then lets one probe through; the others are refused while it runs', async () => {
    const { breaker, clock, changes } = await opened()
    clock.advance(2_000)
    let finish: (value: string) => void = () => undefined
    const probe = breaker.guarded(() => new Promise<string>((resolve) => (finish = resolve)))
    expect(breaker.state()).toBe('half_open')
    await expect(breaker.guarded(() => Promise.resolve('too many'))).rejects.toBeInstanceOf(StoreUnavailable)
    finish('back')
    expect(await probe).toBe('back')
    expect(breaker.state()).toBe('closed')
    expect(changes).toEqual(['open', 'half_open', 'closed'])
  })

  test('a failed probe opens it for twice as long, up to 30 s; a good one starts over', async () => {
    const { breaker, clock, fail, succeed } = await opened()
    let openMs = 2_000
    for (const nextMs of [4_000, 8_000, 16_000, 30_000, 30_000]) {
      clock.advance(openMs)
      expect(await fail()).toBe(true)
      clock.advance(nextMs - 1)
      expect(await fail()).toBe(false)
      clock.advance(-nextMs + 1)
      openMs = nextMs
    }
    clock.advance(30_000)
    await succeed()
    for (let call = 0; call < 5; call += 1) await fail()
    clock.advance(1_999)
    expect(await fail()).toBe(false)
    clock.advance(1)
    await succeed()
    expect(breaker.state()).toBe('closed')
  })

  test('a late probe that fails opens it again', async () => {
    const { breaker, clock, fail } = await opened()
    clock.advance(2_000)
    await fail(LATE_MS + 1_000)
    expect(breaker.state()).toBe('open')
  })

  test('is shortened by the jitter, so that processes do not probe together', async () => {
    const made = setting(0.5)
    for (let call = 0; call < 5; call += 1) await made.fail()
    made.clock.advance(1_799)
    expect(await made.fail()).toBe(false)
    made.clock.advance(1)
    await made.succeed()
    expect(made.breaker.state()).toBe('closed')
  })

  test('a call from before it opened changes nothing when it ends', async () => {
    const { breaker, clock, fail } = setting()
    let finish: (value: string) => void = () => undefined
    const early = breaker.guarded(() => new Promise<string>((resolve) => (finish = resolve)))
    for (let call = 0; call < 5; call += 1) await fail()
    finish('late news')
    await early
    expect(breaker.state()).toBe('open')
    clock.advance(2_000)
    expect(await fail()).toBe(true)
  })

  test('closes when the other side was seen to work', async () => {
    const { breaker, succeed, fail } = await opened()
    breaker.reset()
    expect(await succeed()).toBe('value')
    for (let call = 0; call < 4; call += 1) await fail()
    expect(breaker.state()).toBe('closed')
  })
})

test('whatever happens, it asks at most once per opening and always comes back', async () => {
  const step = fc.oneof(
    fc.constant<'succeed'>('succeed'),
    fc.constant<'fail'>('fail'),
    fc.integer({ min: 1, max: 3_000 }),
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
      const { breaker, clock, fail, succeed } = setting()
      for (const one of steps) {
        if (typeof one === 'number') clock.advance(one)
        else if (one === 'succeed') await succeed().catch(() => undefined)
        else {
          const was = breaker.state()
          const wasAsked = await fail()
          // A failure that was let through an open breaker was the probe, and closed the door behind it.
          if (was === 'open' && wasAsked) expect(await fail()).toBe(false)
        }
      }
      clock.advance(30_000)
      await succeed()
      expect(breaker.state()).toBe('closed')
    }),
  )
})
