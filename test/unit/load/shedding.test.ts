import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Load, Overloaded } from '../../../src/kernel/load/load.ts'
import { LOAD_CLASSES, type LoadClass, type ShedWhy, whyShed } from '../../../src/kernel/load/shedding.ts'
import { CATALOG } from '../../../src/mcp/tools/catalog/catalog.ts'
import { loadOfTool } from '../../../src/mcp/transport/load-class.ts'

const LIMITS = { maxInFlight: 100, maxLagMs: 250 }

describe('who is turned away', () => {
  test.each<[LoadClass, number]>([
    ['revocation', 100],
    ['sign_in', 95],
    ['write', 85],
    ['read', 70],
    ['report', 40],
  ])('%s: the room is %d of 100', (of, room) => {
    expect(whyShed(of, { inFlight: room - 1, lagMs: 0 }, LIMITS)).toBeNull()
    expect(whyShed(of, { inFlight: room, lagMs: 0 }, LIMITS)).toBe('in_flight')
  })

  test.each<[LoadClass, number]>([
    ['write', 1_000],
    ['read', 500],
    ['report', 250],
  ])('%s: more than %d ms of lateness, whatever is in flight', (of, lagMs) => {
    expect(whyShed(of, { inFlight: 0, lagMs }, LIMITS)).toBeNull()
    expect(whyShed(of, { inFlight: 0, lagMs: lagMs + 1 }, LIMITS)).toBe('event_loop')
  })

  test.each<LoadClass>(['revocation', 'sign_in'])('%s: no lateness does', (of) => {
    expect(whyShed(of, { inFlight: 0, lagMs: 60_000 }, LIMITS)).toBeNull()
  })

  test('one person sees a quarter of the room, once a third is taken by anybody', () => {
    for (const of of ['revocation', 'write', 'read', 'report'] as const) {
      expect(whyShed(of, { inFlight: 34, own: 24, lagMs: 0 }, LIMITS)).toBeNull()
      expect(whyShed(of, { inFlight: 33, own: 33, lagMs: 0 }, LIMITS)).toBeNull()
      expect(whyShed(of, { inFlight: 34, own: 25, lagMs: 0 }, LIMITS)).toBe('one_person')
    }
  })

  test('whenever one is turned away, so is everything that matters less, and there is room for one of each', () => {
    const now = fc.record({ inFlight: fc.nat(12_000), lagMs: fc.nat(10_000) })
    const limits = fc.record({
      maxInFlight: fc.integer({ min: 4, max: 10_000 }),
      maxLagMs: fc.integer({ min: 10 }),
    })
    fc.assert(
      fc.property(now, limits, (state, given) => {
        const shed = LOAD_CLASSES.map((of) => whyShed(of, state, given) !== null)
        expect(shed).toEqual([...shed].sort((a, b) => Number(a) - Number(b)))
        for (const of of LOAD_CLASSES) expect(whyShed(of, { inFlight: 0, lagMs: 0 }, given)).toBeNull()
      }),
    )
  })
})

describe('what a process works on', () => {
  test('whoever lets their calls hang leaves room for others, and gets theirs back', async () => {
    const load = new Load({ limits: LIMITS, lagMs: () => 0 })
    let end = (): void => undefined
    const hangs = new Promise<void>((resolve) => (end = resolve))
    const asked = Array.from({ length: 100 }, () => load.during('read', () => hangs, 'mallory'))
    const refused = Promise.all(
      asked.map((one) => one.then(Boolean, (error: unknown) => error instanceof Overloaded)),
    )
    for (const of of ['revocation', 'write', 'read', 'report'] as const)
      expect(await load.during(of, () => 'done', 'alice')).toBe('done')
    await expect(load.during('revocation', () => 'done', 'mallory')).rejects.toThrow(Overloaded)
    end()
    expect((await refused).filter((isRefused) => isRefused)).toHaveLength(66)
    expect(await load.during('report', () => 'done', 'mallory')).toBe('done')
  })

  function aLoad(maxInFlight = 4, random = 0) {
    const heard: [LoadClass, ShedWhy][] = []
    const load = new Load({
      limits: { maxInFlight, maxLagMs: 250 },
      lagMs: () => 0,
      onShed: (...shed) => heard.push(shed),
      random: () => random,
    })
    return { load, heard }
  }
  const held = (): { work: () => Promise<string>; end: () => void } => {
    let end = (): void => undefined
    const waits = new Promise<string>((resolve) => (end = () => resolve('done')))
    return { work: () => waits, end }
  }

  test('counts until it is done, and what fails frees its place', async () => {
    const { load, heard } = aLoad()
    const one = held()
    const running = Array.from({ length: 4 }, () => load.during('revocation', one.work))
    expect(load.running.revocation).toBe(4)
    let wasBegun = false
    await expect(load.during('revocation', () => (wasBegun = true))).rejects.toBeInstanceOf(Overloaded)
    expect([wasBegun, heard]).toEqual([false, [['revocation', 'in_flight']]])
    one.end()
    await Promise.all(running)
    await expect(load.during('write', () => Promise.reject(new Error('failed')))).rejects.toThrow('failed')
    const broken = (): never => {
      throw new Error('broken')
    }
    await expect(load.during('write', broken)).rejects.toThrow('broken')
    expect(load.running).toEqual({ revocation: 0, sign_in: 0, write: 0, read: 0, report: 0 })
  })

  test('says when to come again: not all at the same time', async () => {
    for (const [random, waitS] of [
      [0, 1],
      [0.999, 5],
    ] as const) {
      const { load } = aLoad(4, random)
      const one = held()
      const running = Array.from({ length: 3 }, () => load.during('read', one.work))
      const refused = await load.during('read', one.work).catch((error: unknown) => error)
      expect(refused).toMatchObject({ statusCode: 503, retryAfterS: waitS })
      expect((refused as Error).message).toBe(
        `This server has more to do than it can at the moment. Nothing was done; try again in ${waitS} s.`,
      )
      one.end()
      await Promise.all(running)
    }
  })
})

describe('the class of a tool', () => {
  test('is by what it does and costs; a name says nothing', () => {
    const facts = { effect: 'read', costUnits: 1 } as const
    expect(loadOfTool(facts)).toBe('read')
    expect(loadOfTool({ ...facts, costUnits: 3 })).toBe('report')
    expect(loadOfTool({ effect: 'stage', costUnits: 5 })).toBe('write')
    expect(loadOfTool({ effect: 'change', costUnits: 1 })).toBe('write')
    expect(loadOfTool({ effect: 'change', costUnits: 1, endsAccess: true })).toBe('revocation')
  })

  test('in the catalog: exports and figures of a whole plant are reports, and what ends a connection goes first', () => {
    const of = (load: LoadClass): string[] =>
      CATALOG.filter((tool) => loadOfTool(tool) === load).map(({ name }) => name)
    expect(of('report')).toEqual(expect.arrayContaining(['export_records', 'get_maintenance_kpis']))
    expect(of('revocation')).toEqual(['revoke_session'])
    expect(of('write')).toEqual(expect.arrayContaining(['commit_change']))
    expect(of('read')).toEqual(expect.arrayContaining(['get_record']))
  })
})
