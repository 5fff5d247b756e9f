import { onTestFinished, describe, expect, test } from 'vitest'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import type { SimulatorRules } from '../../../src/dev/simulator/rules.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { openEgress } from '../../../src/maximo/egress/egress.ts'
import { instantWriter } from '../../../src/maximo/query/instant-writer.ts'
import { isShownTwice, zoneOffsetMinutes } from '../../../src/maximo/query/time-zone.ts'
import { clientOf } from '../../support/maximo/simulated-client.ts'
import { aQuery, problemsOf, whereOf } from './support/compiled.ts'
import { aCall, clientFor, faultOf, scriptedMaximo, sendJson } from './support/scripted-maximo.ts'

const NEW_YORK = 'America/New_York'
const seconds = (text: string) => Date.parse(text) / 1000

describe('an instant is written as clocks show it where the server stands', () => {
  test.each([
    [NEW_YORK, '2026-01-15T12:00:00Z', '2026-01-15T07:00:00-05:00'],
    [NEW_YORK, '2026-07-15T12:00:00Z', '2026-07-15T08:00:00-04:00'],
    ['Asia/Kolkata', '2026-07-15T12:00:00Z', '2026-07-15T17:30:00+05:30'],
    ['UTC', '2026-07-15T12:00:00Z', '2026-07-15T12:00:00+00:00'],
    ['Not/AZone', '2026-07-15T12:00:00Z', '2026-07-15T12:00:00+00:00'],
    [null, '2026-07-15T12:00:00Z', '2026-07-15T12:00:00+00:00'],
  ])('%s %s', (zone, instant, written) => {
    expect(instantWriter(zone, false)(seconds(instant))).toBe(written)
    expect(instantWriter(zone, true)(seconds(instant))).toBe(written.slice(0, 19))
  })

  test('without an offset an hour that clocks show twice cannot be written', () => {
    const write = instantWriter(NEW_YORK, true)
    for (const [instant, isTwice] of [
      ['2026-11-01T04:59:59Z', false],
      ['2026-11-01T05:00:00Z', true],
      ['2026-11-01T05:59:59Z', true],
      ['2026-11-01T06:00:00Z', true],
      ['2026-11-01T06:59:59Z', true],
      ['2026-11-01T07:00:00Z', false],
      ['2026-03-08T07:00:00Z', false],
    ] as const) {
      expect([instant, isShownTwice(NEW_YORK, seconds(instant))]).toEqual([instant, isTwice])
      expect(write(seconds(instant)) === null).toBe(isTwice)
      expect(instantWriter(NEW_YORK, false)(seconds(instant))).not.toBeNull()
    }
    const all = [{ field: 'reportdate', op: 'ge', value: '2026-11-01T05:30:00Z' }]
    expect(problemsOf({ all }, { writeInstant: write })).toMatchObject([{ reason: 'bad_value' }])
    expect(whereOf(all, { writeInstant: instantWriter(NEW_YORK, false) })).toBe(
      'reportdate>="2026-11-01T01:30:00-04:00"',
    )
  })

  test('a zone that does not exist has no offset', () => {
    expect(zoneOffsetMinutes('Not/AZone', 0)).toBeNull()
    expect(zoneOffsetMinutes('Asia/Kathmandu', seconds('2026-01-01T00:00:00Z'))).toBe(345)
  })
})

describe('a Maximo that reads points in time in one form only', () => {
  const start = async (rules: Partial<SimulatorRules>) => {
    const simulator = await startSimulator({ port: 0, clock: systemClock, rules })
    const egress = openEgress({ allowCidrs: [], allowLoopbackHttp: true, clock: systemClock })
    onTestFinished(async () => {
      await egress.close()
      await simulator.close()
    })
    const asked = () =>
      simulator.requests.seen().filter(({ path }) => path.endsWith('/os/mxapiwodetail')).length
    return { simulator, asked, maximo: clientOf(simulator, egress, 'planner@example.com') }
  }
  const since = (value: string) =>
    aQuery({ all: [{ field: 'reportdate', op: 'ge', value }], pageSize: 1000, count: true })

  test.each([
    ['naive', 2, 1],
    ['offset', 1, 1],
    ['both', 1, 1],
  ] as const)('%s is asked %i time, then %i', async (dates, first, later) => {
    const { simulator, maximo, asked } = await start({ dates })
    const rows = simulator.plant.rows('WORKORDER').map((row) => Number(row['reportdate'] ?? 0))
    const at = Math.floor((rows[11] ?? 0) / 1000) * 1000
    const expected = createOracle(simulator.plant).count(
      'WORKORDER',
      (row) => Number(row['reportdate'] ?? 0) >= at,
    )
    for (const requests of [first, later]) {
      const before = asked()
      const page = await maximo.query(since(new Date(at).toISOString()), aCall())
      expect(page.ok && page.value.total).toBe(expected)
      expect(asked() - before).toBe(requests)
    }
  })

  test('is not believed to when it refuses both', async () => {
    let refuses = true
    const server = await scriptedMaximo((request, response) => {
      if (request.url?.includes('/whoami') === true)
        sendJson(response, { userName: 'WILSON', timezone: NEW_YORK })
      else if (refuses)
        sendJson(response, { Error: { reasonCode: 'BMXAA8744E', message: 'x', statusCode: '400' } }, 400)
      else sendJson(response, { member: [] })
    })
    const maximo = clientFor(server.baseUrl)
    const instant = since('2026-05-01T08:00:00Z')
    expect(await faultOf(maximo.query(instant, aCall()))).toMatchObject({
      kind: 'invalid_query',
      code: 'BMXAA8744E',
    })
    expect(server.asked()).toBe(2)
    refuses = false
    expect(await maximo.query(instant, aCall())).toMatchObject({ ok: true })
    expect(server.asked()).toBe(3)
    expect(decodeURIComponent(server.seen.at(-1)?.line ?? '')).toContain(
      'reportdate>="2026-05-01T04:00:00-04:00"',
    )
  })

  test('is not asked twice about a question without a point in time', async () => {
    const server = await scriptedMaximo((_, response) =>
      sendJson(response, { Error: { reasonCode: 'BMXAA8744E', message: 'x', statusCode: '400' } }, 400),
    )
    await faultOf(clientFor(server.baseUrl).query(since('2026-05-01'), aCall()))
    expect(server.asked()).toBe(1)
  })
})
