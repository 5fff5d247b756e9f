import { Agent, request } from 'undici'
import { describe, expect, test } from 'vitest'
import type { Fault } from '../../src/dev/simulator/faults.ts'
import { manualClock } from '../support/clock.ts'
import { ASSET_ROWS, ASSETS, type FaultyEnvironment, faultyPlant } from '../support/faults/faulty-plant.ts'
import { instead } from '../support/faults/http-bend.ts'
import { PROBE } from '../support/wire/probe.ts'
import { aCall, faultOf } from '../unit/maximo/support/scripted-maximo.ts'

/**
 * The storm that a client makes of a hiccup: it asks again at once, as often as it fails, and takes the threads of all
 * others. Both clients ask the same simulator by way of the same proxy; the simulator counts what arrives.
 */
const plant = faultyPlant()
const CALLS = 160
const AT_ONCE = 20
/** The loop of the story has no end; here it has, so that the test has one. */
const NAIVE_TRIES = 6

const HICCUPS: readonly [string, Fault][] = [
  ['503', { kind: 'unavailable', retryAfter: null }],
  ['429', { kind: 'too-many-requests', retryAfter: '0' }],
]

/** What arrives at the simulator, of so many calls, while it has a hiccup; and how many of them failed. */
async function measured(ask: () => Promise<boolean>): Promise<{ arrived: number; failed: number }> {
  plant.simulator.requests.reset()
  let failed = 0
  for (let round = 0; round < CALLS / AT_ONCE; round++) {
    const answered = await Promise.all(Array.from({ length: AT_ONCE }, ask))
    failed += answered.filter((isAnswered) => !isAnswered).length
  }
  return { arrived: plant.simulator.requests(), failed }
}

/** Asks for rows, and again at once while there is an error: no pause, no budget, no breaker. */
function naiveClient({ baseUrl }: FaultyEnvironment, agent: Agent) {
  const { apiKey } = plant.simulator.accounts.of('planner@example.com')
  return async (): Promise<boolean> => {
    for (let tries = 0; tries < NAIVE_TRIES; tries++) {
      const answer = await request(`${baseUrl}/api/os/mxapiasset?lean=1&oslc.pageSize=2`, {
        dispatcher: agent,
        headers: { ...PROBE, apikey: apiKey },
      })
      await answer.body.dump()
      if (answer.statusCode === 200) return true
    }
    return false
  }
}

/** Ours, once for each call. */
async function ourClient(environment: FaultyEnvironment) {
  const { client } = await plant.informed(environment)
  return async (): Promise<boolean> => {
    try {
      return (await client.query(ASSETS, aCall())).ok
    } catch {
      return false
    }
  }
}

describe('M5: a hiccup of Maximo is not made a storm', () => {
  test.each(HICCUPS)(
    '%s: a client that retries at once multiplies its calls, ours adds a tenth',
    async (_name, fault) => {
      const environment = await plant.environment()
      const ours = await ourClient(environment)
      const agent = new Agent({ connections: AT_ONCE })
      plant.simulator.faults.add({ fault, when: ASSET_ROWS })

      const before = await measured(naiveClient(environment, agent))
      await agent.close()
      expect(before).toEqual({ arrived: CALLS * NAIVE_TRIES, failed: CALLS })

      const after = await measured(ours)
      expect(after.failed).toBe(CALLS)
      expect(after.arrived).toBeGreaterThan(0)
      expect(after.arrived / CALLS).toBeLessThanOrEqual(1.1)
    },
  )

  test('a 429 to every second request: all that our client asks again is within the tenth', async () => {
    const environment = await plant.environment()
    const ours = await ourClient(environment)
    plant.simulator.faults.add({
      fault: { kind: 'too-many-requests', retryAfter: '0' },
      when: ASSET_ROWS,
      every: 2,
    })
    const { arrived, failed } = await measured(ours)
    // Half of what arrived was refused, and each retry saved at most one call.
    expect(arrived).toBeGreaterThan(CALLS)
    expect(arrived / CALLS).toBeLessThanOrEqual(1.1)
    expect(failed).toBeLessThan(arrived / 2)
  })

  test('without a hiccup both ask once for each call', async () => {
    const environment = await plant.environment()
    const ours = await ourClient(environment)
    const agent = new Agent({ connections: AT_ONCE })
    const naive = naiveClient(environment, agent)
    expect(await measured(naive)).toEqual({ arrived: CALLS, failed: 0 })
    expect(await measured(ours)).toEqual({ arrived: CALLS, failed: 0 })
    await agent.close()
  })
})

describe('M5: a Maximo that fails is left alone, then probed', () => {
  test('after five failures in a row nothing is asked, after two seconds one question, then all', async () => {
    const environment = await plant.environment()
    const clock = manualClock()
    const { client } = await plant.informed(environment, { clock })
    const failing = instead(500, { 'content-type': 'text/html' })
    environment.proxy.set(failing, { when: ASSET_ROWS, times: 6 })
    for (let call = 0; call < 5; call++) await faultOf(client.query(ASSETS, aCall()))
    const open = { kind: 'unavailable', detail: 'breaker_open' }
    expect(await faultOf(client.query(ASSETS, aCall()))).toMatchObject(open)
    expect(environment.asked()).toBe(5)

    clock.advance(2_001)
    await faultOf(client.query(ASSETS, aCall()))
    expect(await faultOf(client.query(ASSETS, aCall()))).toMatchObject(open)
    expect(environment.asked()).toBe(6)

    // The second rest is twice as long.
    clock.advance(4_001)
    const many = Array.from({ length: 5 }, () => client.query(ASSETS, aCall()).catch(() => 'refused'))
    expect((await Promise.all(many)).filter((one) => one !== 'refused')).toHaveLength(1)
    expect(await client.query(ASSETS, aCall())).toMatchObject({ ok: true })
    expect(environment.asked()).toBe(8)
  })
})
