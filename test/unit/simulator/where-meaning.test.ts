import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Row } from '../../../src/dev/simulator/plant/plant.ts'
import { looseRows } from '../../../src/dev/simulator/plant/row-source.ts'
import { AWKWARD_TEXTS } from '../../../src/dev/simulator/plant/work-order-text.ts'
import { formatInstant } from '../../../src/dev/simulator/time-zone.ts'
import { rowTest } from '../../../src/dev/simulator/where/condition.ts'
import { bindWhere } from '../../../src/dev/simulator/where/predicate.ts'
import { parseWhere } from '../../../src/dev/simulator/where/parse-where.ts'
import { mboNamed } from '../../../src/dev/simulator/schema/catalog.ts'
import { DEFAULT_RULES } from '../../../src/dev/simulator/rules.ts'
import { anyCharacter, HandClock, keysOf, NOON_MS, runningPlant } from './running-plant.ts'

const plant = runningPlant()
const WO = 'os/mxapiwodetail'
const find = async (where: string, more: Record<string, string> = {}): Promise<string[]> => {
  const answered = await plant.ask(WO, { 'oslc.select': 'wonum,siteid', 'oslc.where': where, ...more })
  expect(answered.status, answered.text).toBe(200)
  return keysOf(answered.json.member)
}
const expected = (test: (row: Row) => boolean): string[] => keysOf(plant.oracle.rows('WORKORDER', test))

const DAY = '2026-11-20T00:00:00-05:00'
const DAY_MS = Date.parse(DAY)

describe('a where clause finds exactly the rows that a plain predicate finds', () => {
  test.each<[string, string, (row: Row) => boolean]>([
    ['equality', 'status="APPR"', (row) => row['status'] === 'APPR'],
    ['an UPPER attribute in lower case', 'status="appr"', (row) => row['status'] === 'APPR'],
    [
      'inequality, null not included',
      'worktype!="CM"',
      (row) => row['worktype'] !== undefined && row['worktype'] !== 'CM',
    ],
    [
      'inequality of numbers, null not included',
      'wopriority!=3',
      (row) => row['wopriority'] !== undefined && row['wopriority'] !== 3,
    ],
    [
      'a range',
      'wopriority>=2 and wopriority<4',
      (row) => Number(row['wopriority']) >= 2 && Number(row['wopriority']) < 4,
    ],
    [
      'a list',
      'status in ["WAPPR","WMATL"]',
      (row) => row['status'] === 'WAPPR' || row['status'] === 'WMATL',
    ],
    ['a list of numbers', 'wopriority in [1,5]', (row) => row['wopriority'] === 1 || row['wopriority'] === 5],
    ['not in', 'status!="[CLOSE,CAN]"', (row) => row['status'] !== 'CLOSE' && row['status'] !== 'CAN'],
    ['a boolean as 0', 'istask=0', (row) => row['istask'] === false],
    ['a boolean as true', 'historyflag=true', (row) => row['historyflag'] === true],
    ['null', 'lead!="*"', (row) => row['lead'] === undefined],
    ['not null', 'lead="*"', (row) => row['lead'] !== undefined],
    ['null of a number', 'wopriority!="*"', (row) => row['wopriority'] === undefined],
    ['null of a date', 'actfinish!="*"', (row) => row['actfinish'] === undefined],
    [
      'a pattern, without regard to case',
      'description="%PUMP%"',
      (row) => /pump/i.test(String(row['description'])),
    ],
    [
      'a pattern at the start',
      'description="Replace%"',
      (row) => String(row['description']).startsWith('Replace'),
    ],
    ['a pattern at the end', 'description="%seal"', (row) => String(row['description']).endsWith('seal')],
    ['no pattern', 'description!="%pump%"', (row) => !/pump/i.test(String(row['description']))],
    ['a time with an offset', `reportdate>="${DAY}"`, (row) => Number(row['reportdate']) >= DAY_MS],
    [
      'the same time in UTC',
      'reportdate>="2026-11-20T05:00:00Z"',
      (row) => Number(row['reportdate']) >= DAY_MS,
    ],
    [
      'the same time of the reader',
      'reportdate>="2026-11-20T00:00:00"',
      (row) => Number(row['reportdate']) >= DAY_MS,
    ],
    ['the same day', 'reportdate>="2026-11-20"', (row) => Number(row['reportdate']) >= DAY_MS],
    ['a bound day', 'reportdate>="&SYSDAY&-2D"', (row) => Number(row['reportdate']) >= DAY_MS],
  ])('%s', async (_name, where, test) => {
    const rows = expected(test)
    expect(rows.length).toBeGreaterThan(0)
    expect(rows.length).toBeLessThan(plant.oracle.count('WORKORDER'))
    expect(await find(where)).toEqual(rows)
  })

  test('with opmodeor any term is enough', async () => {
    const where = 'status="WMATL" and wopriority=1'
    expect(await find(where, { opmodeor: '1' })).toEqual(
      expected((row) => row['status'] === 'WMATL' || row['wopriority'] === 1),
    )
    expect(await find(where)).toEqual(expected((row) => row['status'] === 'WMATL' && row['wopriority'] === 1))
  })

  test('through a relation, some related row must satisfy the term', async () => {
    const { oracle } = plant
    const pumps = new Set(
      oracle
        .rows('ASSET', (row) => /pump/i.test(String(row['description'])))
        .map((row) => `${row['siteid']}/${row['assetnum']}`),
    )
    const onPump = (row: Row): boolean => pumps.has(`${row['siteid']}/${row['assetnum']}`)
    expect(await find('asset.description="%pump%"')).toEqual(expected(onPump))
    expect(await find('asset{description="%pump%"}')).toEqual(expected(onPump))
    expect(await find('asset.location.location!="*"')).toEqual([])
  })

  test('inside braces all terms must hold for one related row', async () => {
    const both = (row: Row): boolean =>
      plant.oracle.rows(
        'WPLABOR',
        (line) =>
          line['wonum'] === row['wonum'] &&
          line['siteid'] === row['siteid'] &&
          line['craft'] === 'MECH' &&
          Number(line['laborhrs']) > 6,
      ).length > 0
    expect(await find('showplanlabor{craft="MECH" and laborhrs>6}')).toEqual(expected(both))
  })

  test('internal values find every synonym, also of one site', async () => {
    const approved = expected((row) => ['APPR', 'WPCOND', 'APPR S1'].includes(String(row['status'])))
    expect(await find('wonum="*"', { domaininternalwhere: 'status=APPR' })).toEqual(approved)
    expect((await find('status="APPR"')).length).toBeLessThan(approved.length)
    expect(await find('wonum="*"', { domaininternalwhere: 'status!=APPR,CLOSE' })).toEqual(
      expected((row) => !['APPR', 'WPCOND', 'APPR S1', 'CLOSE'].includes(String(row['status']))),
    )
  })

  test('search terms are looked for in every named attribute', async () => {
    const found = await find('istask=0', {
      'oslc.searchTerms': '"pump","jams"',
      searchAttributes: 'description,asset.description',
    })
    const pumps = await find(
      'description="%pump%" and asset.description="%pump%" and description="%jams%" and asset.description="%jams%"',
      { opmodeor: '1' },
    )
    expect(found).toEqual(pumps.filter((key) => !key.includes('/T')))
    const exact = await find('istask=0', { 'oslc.searchTerms': '""Carton lift jams""' })
    expect(exact).toEqual(expected((row) => row['description'] === 'Carton lift jams'))
  })

  test('a value read to the second is not found again by equality, but by "later than"', async () => {
    const row = plant.oracle.workOrders((one) => Number(one['statusdate']) % 1000 > 0)[0]
    const read = formatInstant(Number(row?.['statusdate']), 'America/New_York')
    expect(await find(`wonum="${String(row?.['wonum'])}" and statusdate>"${read}"`)).toContain(
      keysOf([row!])[0],
    )
  })
})

describe('a where clause is refused', () => {
  test.each([
    ['an unknown attribute', 'nosuch="1"', 'BMXAA8742E'],
    ['an unknown relation', 'nosuch.wonum="1"', 'BMXAA4187E'],
    ['an attribute that is not persistent', 'description_longdescription="%a%"', 'BMXAA4185E'],
    ['a bare number for a text', 'wonum=1001', 'BMXAA8744E'],
    ['a quoted number', 'wopriority="1"', 'BMXAA8744E'],
    ['a quoted boolean', 'istask="0"', 'BMXAA8744E'],
    ['a boolean that is neither 0 nor 1', 'istask=2', 'BMXAA8744E'],
    ['a boolean compared by size', 'istask>0', 'BMXAA8744E'],
    ['a date that does not exist', 'reportdate>"2026-02-30"', 'BMXAA8744E'],
    ['a date with a blank for its plus', 'reportdate>"2026-02-03T00:00:00 05:00"', 'BMXAA8744E'],
    ['an hour that does not exist', 'reportdate>"2026-02-03T25:00:00"', 'BMXAA8744E'],
    ['a date in words', 'reportdate>"yesterday"', 'BMXAA8744E'],
    ['an empty clause', '', 'BMXAA8744E'],
  ])('%s', async (_name, where, code) => {
    const { status, json } = await plant.ask(WO, { 'oslc.where': where })
    expect({ status, code: json.Error.reasonCode, said: json.Error.statusCode }).toEqual({
      status: 400,
      code,
      said: '400',
    })
    expect(json.Error.message.startsWith(`${code} - `)).toBe(true)
  })

  test('an internal filter on an attribute without synonyms', async () => {
    const { status } = await plant.ask(WO, { domaininternalwhere: 'description=APPR' })
    expect(status).toBe(400)
  })
})

describe('dates by the rule of the instance', () => {
  const at = (dates: 'offset' | 'naive', value: string): (() => unknown) => {
    const scope = {
      plant: plant.simulator.plant,
      rules: { ...DEFAULT_RULES, dates },
      zone: 'UTC',
      clock: new HandClock(),
    }
    return () =>
      bindWhere({ terms: parseWhere(`reportdate>"${value}"`), anyOf: false }, mboNamed('WORKORDER'), scope)
  }
  test('one takes only offsets, another only naive times', () => {
    expect(at('offset', DAY)).not.toThrow()
    expect(at('offset', '2026-11-20T00:00:00')).toThrow('BMXAA8744E')
    expect(at('naive', '2026-11-20T00:00:00')).not.toThrow()
    expect(at('naive', DAY)).toThrow('BMXAA8744E')
  })
})

describe('any text', () => {
  test('stored in a record is found by its own value and by nothing else', () => {
    const scope = {
      plant: {
        rows: () => [],
        source: () => looseRows([]),
        find: () => [],
        range: () => [],
        startOfDayMs: NOON_MS,
      },
      rules: DEFAULT_RULES,
      zone: 'UTC',
      clock: new HandClock(),
    }
    const plain = fc.string({ unit: anyCharacter, minLength: 1 }).filter((value) => !/["%*[\]]/.test(value))
    fc.assert(
      fc.property(plain, plain, (stored, asked) => {
        const terms = parseWhere(`description="${asked}"`)
        const test = rowTest(bindWhere({ terms, anyOf: false }, mboNamed('WORKORDER'), scope))
        expect(test({ description: stored })).toBe(stored === asked)
        expect(test({ description: asked })).toBe(true)
      }),
    )
  })

  test('of the plant comes back over HTTP as it is stored', async () => {
    for (const text of AWKWARD_TEXTS.filter((one) => !/["%*]/.test(one))) {
      const answered = await plant.ask(WO, {
        'oslc.where': `description="${text}"`,
        'oslc.select': 'description',
      })
      expect(answered.json.member.map((row) => row['description'])).toContain(text)
    }
  })
})
