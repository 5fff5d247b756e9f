import { describe, expect, test } from 'vitest'
import { createOracle } from '../../../src/dev/simulator/oracle.ts'
import { buildPlant } from '../../../src/dev/simulator/plant/build-plant.ts'
import type { Plant } from '../../../src/dev/simulator/plant/plant.ts'
import { relatedRows } from '../../../src/dev/simulator/related-rows.ts'
import { allMbos } from '../../../src/dev/simulator/schema/catalog.ts'
import { relationships } from '../../../src/dev/simulator/schema/relationships.ts'
import { mboNamed } from '../../../src/dev/simulator/schema/catalog.ts'
import { resourceId } from '../../../src/dev/simulator/resource-id.ts'
import { formatInstant, instantOfLocal } from '../../../src/dev/simulator/time-zone.ts'
import { NOON_MS } from './running-plant.ts'

const plant = buildPlant(7, NOON_MS)
const oracle = createOracle(plant)
const all = (one: Plant): unknown => allMbos().map(({ name }) => one.rows(name))

describe('the plant', () => {
  test('is the same for the same seed and day, and another for another seed', () => {
    expect(all(buildPlant(7, NOON_MS + 3_600_000))).toEqual(all(plant))
    expect(all(buildPlant(8, NOON_MS))).not.toEqual(all(plant))
  })

  test('has the promised size', () => {
    expect(oracle.workOrders()).toHaveLength(300)
    expect(oracle.count('ASSET')).toBe(40)
    expect(oracle.count('TICKET')).toBeGreaterThanOrEqual(30)
    expect([...oracle.groups('ASSET', 'siteid').keys()].toSorted()).toEqual(['BEDFORD', 'NASHUA'])
    const statuses = new Set(oracle.groups('WORKORDER', 'status').keys())
    for (const { value } of oracle.rows('SYNONYMDOMAIN', (row) => row['domainid'] === 'WOSTATUS'))
      expect(statuses).toContain(value)
  })

  test('has work order numbers that exist at both sites', () => {
    const repeated = [...oracle.groups('WORKORDER', 'wonum').values()].filter((count) => count === 2)
    expect(repeated).toHaveLength(40)
  })

  test('has overdue work, work ahead, and nothing that was reported or done after now', () => {
    expect(oracle.overdue(NOON_MS).length).toBeGreaterThan(10)
    expect(oracle.workOrders((row) => Number(row['targcompdate'] ?? 0) > NOON_MS).length).toBeGreaterThan(50)
    for (const name of ['reportdate', 'statusdate', 'actstart', 'actfinish']) {
      expect([name, oracle.count('WORKORDER', (row) => Number(row[name] ?? 0) > NOON_MS)]).toEqual([name, 0])
    }
  })

  test('stores the labor and material totals that its lines add up to', () => {
    for (const order of oracle.workOrders()) {
      const mine = (row: Record<string, unknown>): boolean =>
        row['refwo'] === order['wonum'] && row['siteid'] === order['siteid']
      expect(oracle.sum('LABTRANS', 'regularhrs', mine)).toBeCloseTo(Number(order['actlabhrs']), 6)
      expect(oracle.sum('MATUSETRANS', 'linecost', mine)).toBeCloseTo(Number(order['actmatcost']), 6)
    }
  })

  test('gives every record an id and a row stamp of its own', () => {
    const stamps = allMbos().flatMap(({ name }) => plant.rows(name).map((row) => row['_rowstamp']))
    expect(new Set(stamps).size).toBe(stamps.length)
    for (const mbo of allMbos()) {
      const ids = plant.rows(mbo.name).map((row) => resourceId(mbo, row))
      expect([mbo.name, new Set(ids).size]).toEqual([mbo.name, ids.length])
    }
  })

  test('has a location hierarchy that the ancestors agree with', () => {
    expect(oracle.locationsBelow('BEDFORD', 'BR400').toSorted()).toEqual([
      'BR400',
      'BR430',
      'BR431',
      'BR450',
      'BR460',
    ])
    for (const { location, parent, siteid } of oracle.rows('LOCHIERARCHY')) {
      if (parent !== undefined)
        expect(oracle.locationsBelow(String(siteid), String(parent))).toContain(location)
    }
  })

  test('has relationships between attributes that exist, and every one leads somewhere', () => {
    for (const relationship of relationships) {
      const [from, to] = [mboNamed(relationship.from), mboNamed(relationship.to)]
      for (const term of relationship.on) {
        expect(to.attributes.has(term.child)).toBe(true)
        if ('parent' in term) expect(from.attributes.has(term.parent)).toBe(true)
      }
    }
    const dead = relationships.filter((relationship) =>
      plant.rows(relationship.from).every((row) => relatedRows(plant, row, relationship).length === 0),
    )
    expect(dead).toEqual([])
  })
})

describe('time zones', () => {
  test.each([
    ['in winter', '2026-11-22T12:00:00', 'America/New_York', '2026-11-22T12:00:00-05:00'],
    ['in summer', '2026-07-01T12:00:00', 'America/New_York', '2026-07-01T12:00:00-04:00'],
    ['with half an hour', '2026-07-01T12:00:00', 'Asia/Kolkata', '2026-07-01T12:00:00+05:30'],
    ['in UTC', '2026-07-01T12:00:00', 'UTC', '2026-07-01T12:00:00+00:00'],
    ['the first of two equal times', '2026-11-01T01:30:00', 'America/New_York', '2026-11-01T01:30:00-04:00'],
  ])('a wall clock is read and written %s', (_name, local, zone, written) => {
    expect(formatInstant(instantOfLocal(Date.parse(`${local}Z`), zone), zone)).toBe(written)
  })
})
