import { describe, expect, test, vi } from 'vitest'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { aCall } from '../../support/audit.ts'
import { manualClock } from '../../support/clock.ts'
import { aDenial, aFailure, aPipelineCall, watch } from '../../support/detection.ts'
import { SwitchedStore } from '../../support/store/switched-store.ts'

const MINUTE_MS = 60_000
const MACHINE = 'mxm_0123456789abcdefghijkl'

describe('failed sign-ins', () => {
  test('10 from one address are no detection, the 11th is, with what it saw', async () => {
    const at = watch()
    await at.hear(aFailure(), 10)
    expect(at.raised).toEqual([])
    await at.hear(aFailure({ correlationId: 'last' }))
    expect(at.raised).toMatchObject([
      {
        ...{ rule: 'failed_sign_ins', subject: { kind: 'address', id: '192.0.2.7' }, owners: [] },
        ...{ count: 11, limit: 10, windowMs: 5 * MINUTE_MS, addresses: ['192.0.2.7'] },
        correlationIds: ['abc123', 'last'],
      },
    ])
  })

  test('11 within five minutes are, 11 over five minutes are not', async () => {
    for (const [passMs, detections] of [
      [5 * MINUTE_MS - 10_001, 1],
      [5 * MINUTE_MS, 0],
    ] as const) {
      const at = watch()
      await at.hear(aFailure())
      at.clock.advance(passMs)
      await at.hear(aFailure(), 10)
      expect(at.raised).toHaveLength(detections)
    }
  })

  test('an IPv6 /64 is one address, and two IPv4 addresses are two', async () => {
    const at = watch()
    await at.hear(aFailure({ sourceIP: '2001:db8::1' }), 6)
    await at.hear(aFailure({ sourceIP: '2001:db8::2:0:0:5' }), 6)
    await at.hear(aFailure({ sourceIP: '192.0.2.7' }), 6)
    await at.hear(aFailure({ sourceIP: '192.0.2.8' }), 6)
    expect(at.raised.map(({ subject }) => subject.id)).toEqual(['2001:db8::/64'])
  })

  test('expired and revoked tokens, requests without one and limits are no failed sign-ins', async () => {
    const at = watch()
    for (const reason of ['token_expired', 'revoked_by_grant', 'credentials_missing', 'limited_tool_rate'])
      await at.hear(aFailure({ reason }), 30)
    expect(at.raised).toEqual([])
  })

  test('guesses at one owner’s client are told with the client, from however many addresses', async () => {
    const at = watch()
    const client = MACHINE
    for (let host = 1; host <= 11; host += 1)
      await at.hear(aFailure({ clientId: client, sourceIP: `192.0.2.${host}` }))
    expect(at.raised).toMatchObject([
      { subject: { kind: 'client', id: client }, owners: ['user_1'], count: 11 },
    ])
    const alone = watch()
    await alone.hear(aFailure({ clientId: client }), 30)
    expect(alone.raised.map(({ subject }) => subject.kind)).toEqual(['client'])
  })

  test('one address that tries eleven owners’ clients once each is told', async () => {
    const at = watch()
    for (let n = 0; n < 11; n += 1)
      await at.hear(aFailure({ clientId: `mxm_${String(n).padStart(22, '0')}` }))
    expect(at.raised).toMatchObject([{ subject: { kind: 'address' }, count: 11 }])
  })

  test('a spray over many addresses becomes one detection beyond twenty', async () => {
    const at = watch()
    for (let host = 1; host <= 60; host += 1) await at.hear(aFailure({ sourceIP: `192.0.2.${host}` }), 11)
    expect(at.raised).toHaveLength(21)
    expect(at.raised.at(-1)).toMatchObject({ subject: { kind: 'everywhere', id: '*' }, count: 21, limit: 20 })
  })
})

describe('no storm', () => {
  test('10,000 events are one detection, and how much more there was is told when its time is over', async () => {
    const at = watch()
    await at.hear(aFailure(), 11)
    for (let part = 0; part < 10; part += 1) await at.hear(aFailure(), 1_000)
    expect(at.raised).toHaveLength(1)
    expect(at.settled).toEqual([])
    at.clock.advance(60 * MINUTE_MS)
    await at.detector.settle()
    expect(at.settled).toMatchObject([{ detection: { id: at.raised[0]?.id }, more: 10_000 }])
    await at.detector.settle()
    expect(at.settled).toHaveLength(1)
    expect(await at.metrics.text()).toContain(
      'maximo_mcp_detections_more_total{rule="failed_sign_ins",service="mcp"} 10000',
    )
  })

  test('what goes on after its time is told again', async () => {
    const at = watch()
    await at.hear(aFailure(), 11)
    at.clock.advance(60 * MINUTE_MS)
    await at.hear(aFailure(), 11)
    expect(at.raised).toHaveLength(2)
    expect(at.settled).toMatchObject([{ detection: { id: at.raised[0]?.id }, more: 0 }])
  })

  test('what could not be written down is told by the next of its kind', async () => {
    const at = watch()
    at.failWriting(true)
    await at.hear(aFailure(), 11)
    expect(at.raised).toEqual([])
    at.failWriting(false)
    await at.hear(aFailure())
    expect(at.raised).toMatchObject([{ count: 12 }])
  })
})

describe('two servers', () => {
  test('see one person’s sum, and tell it once', async () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    const [one, other] = [watch({ clock, store }), watch({ clock, store })]
    await one.hear(aFailure(), 6)
    await other.hear(aFailure(), 4)
    expect([...one.raised, ...other.raised]).toEqual([])
    await other.hear(aFailure(), 1)
    await one.hear(aFailure(), 5)
    expect(one.raised).toEqual([])
    expect(other.raised).toMatchObject([{ count: 11 }])
    clock.advance(60 * MINUTE_MS)
    await one.detector.settle()
    await other.detector.settle()
    expect(one.settled).toEqual([])
    expect(other.settled).toMatchObject([{ more: 5 }])
  })

  test('see what comes in while the store is being asked, too', async () => {
    const clock = manualClock()
    const store = new MemoryStore(clock)
    const [one, other] = [watch({ clock, store }), watch({ clock, store })]
    const asked = vi.spyOn(store, 'tally').mockImplementationOnce((...args) => {
      for (let time = 0; time < 3; time += 1) one.detector.hear(aFailure())
      return store.tally(...args)
    })
    await one.hear(aFailure(), 6)
    expect(asked).toHaveBeenCalledTimes(2)
    await one.detector.settle()
    await other.hear(aFailure(), 2)
    expect(other.raised).toMatchObject([{ count: 11 }])
  })

  test('count for themselves while the store is away, say so, and refuse nothing', async () => {
    const clock = manualClock()
    const store = new SwitchedStore(clock)
    const [one, other] = [watch({ clock, store }), watch({ clock, store })]
    store.silence()
    await one.hear(aFailure(), 11)
    await other.hear(aFailure(), 10)
    expect(one.raised).toMatchObject([{ count: 11 }])
    expect(other.raised).toEqual([])
    expect(await one.metrics.text()).toMatch(/maximo_mcp_detection_alone\{.*\} 1/)
    await one.detector.settle()
    expect(await one.metrics.text()).toMatch(/maximo_mcp_detection_alone\{.*\} 1/)
    store.restore()
    // Also where nothing comes in that there is to tell the store.
    await one.detector.settle()
    expect(await one.metrics.text()).toMatch(/maximo_mcp_detection_alone\{.*\} 0/)
  })
})

describe('scope escalation', () => {
  test('one refused call of a pipeline is critical; a person’s client may ask for more four times', async () => {
    const at = watch()
    await at.hear(aDenial({ authMethod: 'ci_token' }))
    await at.hear(aDenial({ grantId: 'g2' }), 4)
    expect(at.raised).toMatchObject([
      { rule: 'scope_escalation', subject: { kind: 'grant', id: 'g1' }, count: 1, limit: 0 },
    ])
    await at.hear(aDenial({ grantId: 'g2', reason: 'object_refused' }))
    expect(at.raised.at(-1)).toMatchObject({ subject: { id: 'g2' }, count: 5, limit: 4, owners: ['user_1'] })
  })

  test('a machine client that asks for a wider scope is told; a client of many persons is not', async () => {
    const at = watch()
    const refused = aFailure({ eventType: 'token.issued', reason: 'scope_too_wide', principal: 'x' })
    await at.hear({ ...refused, clientId: 'https://claude.ai/client.json' }, 20)
    expect(at.raised).toEqual([])
    await at.hear({ ...refused, clientId: MACHINE })
    expect(at.raised).toMatchObject([{ subject: { kind: 'client' } }])
  })

  test('a plan’s missing feature and Maximo’s own refusals are none', async () => {
    const at = watch()
    await at.hear(aDenial({ reason: 'feature_missing', authMethod: 'ci_token' }), 20)
    await at.hear(aPipelineCall({ outcome: 'refused', reason: 'not_permitted', recordCount: 0 }), 20)
    expect(at.raised).toEqual([])
  })
})

describe('error rate', () => {
  const failing = aPipelineCall({ outcome: 'failed', reason: 'upstream_down', recordCount: 0 })

  test('a fifth of the calls may fail, more may not, and few calls are no rate', async () => {
    const few = watch()
    await few.hear(failing, 19)
    expect(few.raised).toEqual([])
    const at = watch()
    await at.hear(aPipelineCall(), 80)
    await at.hear(failing, 20)
    expect(at.raised).toEqual([])
    await at.hear(failing)
    expect(at.raised).toMatchObject([
      {
        ...{ rule: 'error_rate', subject: { kind: 'environment', id: 'production' }, owners: ['user_1'] },
        ...{ count: 20, limit: 20, windowMs: 10 * MINUTE_MS },
      },
    ])
  })

  test('one tool that fails among many is told by its name; a refused call is no error', async () => {
    const at = watch()
    await at.hear(aPipelineCall(), 500)
    await at.hear(aPipelineCall({ tool: 'get_asset', outcome: 'refused', reason: 'not_found' }), 100)
    expect(at.raised).toEqual([])
    await at.hear(aPipelineCall({ ...failing, tool: 'get_item' }), 20)
    expect(at.raised).toMatchObject([{ rule: 'error_rate', tool: 'get_item', count: 100 }])
  })

  test('what failed ten minutes ago is forgotten', async () => {
    const at = watch()
    await at.hear(aPipelineCall(), 80)
    await at.hear(failing, 20)
    at.clock.advance(10 * MINUTE_MS)
    await at.hear(aPipelineCall(), 80)
    await at.hear(failing, 20)
    expect(at.raised).toEqual([])
  })
})

describe('bounds', () => {
  test('100,000 addresses are held as 20,000, and what was forgotten is counted', async () => {
    const at = watch()
    for (let n = 0; n < 100_000; n += 1)
      at.detector.hear(aFailure({ sourceIP: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}` }))
    expect(at.detector.sizes()).toMatchObject({ failed: 20_000, records: 0 })
    expect(await at.metrics.text()).toContain('maximo_mcp_detection_forgotten_total{service="mcp"} 80000')
    // Strangers push out strangers alone.
    await at.hear(aDenial({ authMethod: 'ci_token' }))
    expect(at.raised).toMatchObject([{ rule: 'scope_escalation' }])
  })

  test('12,000 connections are held as bounded sums, and their visits wait in a bounded line', async () => {
    const at = watch()
    for (let n = 0; n < 12_000; n += 1)
      at.detector.hear(aPipelineCall({ grantId: `g${n}`, environmentId: `e${n}` }))
    expect(at.detector.sizes()).toEqual({ failed: 0, denied: 0, records: 10_000, calls: 5_000, errors: 0 })
    // 2,000 sums of records, 19,000 of calls, of each environment and of its tool, and 7,000 visits.
    expect(await at.metrics.text()).toContain('maximo_mcp_detection_forgotten_total{service="mcp"} 28000')
  })

  test('a judgement asks the store for 500 sums of a kind at most', async () => {
    const store = new MemoryStore(manualClock())
    const at = watch({ store })
    for (let n = 0; n < 2_000; n += 1) at.detector.hear(aFailure({ sourceIP: `10.0.${n >> 8}.${n & 255}` }))
    await at.detector.settle()
    expect(store.size).toBe(500)
  })
})

test('a rule that is off finds nothing, and one with other thresholds keeps to them', async () => {
  const at = watch({
    file: { failed_sign_ins: { on: false }, scope_escalation: { persons: 2 }, error_rate: { on: false } },
  })
  await at.hear(aFailure(), 50)
  await at.hear(aCall({ outcome: 'failed', environmentId: 'e', tool: 't' }), 50)
  await at.hear(aDenial(), 2)
  expect(at.raised).toMatchObject([{ rule: 'scope_escalation', count: 2 }])
})
