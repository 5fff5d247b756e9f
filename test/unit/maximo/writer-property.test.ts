import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plainText } from '../../../src/maximo/records/long-text.ts'
import type { ChildChange, WriteValues } from '../../../src/maximo/write/contract.ts'
import { richText } from '../../../src/maximo/write/rich-text.ts'
import { done, WO, writeCall, writtenPlant } from './support/written-plant.ts'

const plant = writtenPlant()

/** What a work order should be after the updates so far. */
interface Model {
  values: Record<string, unknown>
  labor: { craft: string; laborhrs: number }[]
}

interface Step {
  readonly values: WriteValues
  readonly rows: readonly {
    readonly action: 'add' | 'update' | 'delete'
    readonly at: number
    readonly laborhrs: number
  }[]
}

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 })
const steps: fc.Arbitrary<Step> = fc.record({
  values: fc.record(
    {
      description: fc.option(text),
      wopriority: fc.option(fc.integer({ min: 0, max: 999 })),
      estdur: fc.integer({ min: 0, max: 400 }).map((quarters) => quarters / 4),
      targstartdate: fc.option(fc.constantFrom('2026-05-01T08:00:00Z', '2026-11-01T05:30:00Z')),
    },
    { requiredKeys: ['estdur'] },
  ),
  rows: fc.array(
    fc.record({
      action: fc.constantFrom('add', 'update', 'delete'),
      at: fc.nat(5),
      laborhrs: fc.integer({ min: 1, max: 40 }),
    }),
    { maxLength: 3 },
  ),
})

const CRAFTS = ['MECH', 'ELEC', 'PIPE', 'WELD']

/** The step as child changes on the rows that are there, each named once; and the model after it. */
function applied({ rows }: Step, model: Model, hrefs: readonly string[]): readonly ChildChange[] {
  const gone = new Set<number>()
  const touched = new Set<number>()
  const added: Model['labor'] = []
  const changes = rows.flatMap(({ action, at, laborhrs }): ChildChange[] => {
    if (action === 'add') {
      const row = { craft: CRAFTS[at % CRAFTS.length] ?? '', laborhrs }
      added.push(row)
      return [{ action, values: row }]
    }
    const index = hrefs.length === 0 ? -1 : at % hrefs.length
    const row = hrefs[index]
    if (row === undefined || touched.has(index)) return []
    touched.add(index)
    if (action === 'delete') gone.add(index)
    else model.labor[index] = { craft: model.labor[index]?.craft ?? '', laborhrs }
    return [action === 'delete' ? { action, row } : { action, row, values: { laborhrs } }]
  })
  model.labor = [...model.labor.filter((_, index) => !gone.has(index)), ...added]
  return changes
}

const FIELDS = ['description', 'wopriority', 'estdur', 'targstartdate', 'location']

async function stateOf(id: string) {
  const record = await plant.read(id, FIELDS, { wplabor: ['craft', 'laborhrs'] })
  const labor = (record.values['wplabor'] ?? []) as { href: string; craft: string; laborhrs: number }[]
  return { record, labor }
}

describe('any merges, one after the other', () => {
  test('leave the record as a model of it says: what is named changes, nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(steps, { minLength: 1, maxLength: 4 }), async (updates) => {
        const { id } = await plant.workOrder()
        const model: Model = { values: { description: 'Leak', location: 'BR230' }, labor: [] }
        for (const step of updates) {
          const { record, labor } = await stateOf(id)
          const wplabor = applied(
            step,
            model,
            labor.map(({ href }) => href),
          )
          const request = { objectStructure: WO, id, rowstamp: record.rowstamp ?? '', values: step.values }
          const { warnings } = done(
            await plant
              .as('planner@example.com')
              .writer.update({ ...request, children: { wplabor } }, writeCall()),
          )
          expect(warnings).toEqual([])
          Object.assign(model.values, step.values)
        }
        const { record, labor } = await stateOf(id)
        expect(labor.map(({ craft, laborhrs }) => ({ craft, laborhrs }))).toEqual(model.labor)
        const shown = Object.fromEntries(FIELDS.map((name) => [name, instantOf(record.values[name])]))
        const expected = Object.fromEntries(FIELDS.map((name) => [name, instantOf(model.values[name])]))
        expect(shown).toEqual(expected)
      }),
      { numRuns: 25 },
    )
  })
})

/** Points in time compare as such, whatever offset they are written with. */
const instantOf = (value: unknown): unknown =>
  typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : (value ?? null)

test('any lines survive the way into a long description and back', () => {
  const line = fc
    .array(fc.constantFrom('a', 'Ü', '<b>', '</p>', '&', '&amp;', '"', '漢', '<!--', '-->', '<script>'), {
      minLength: 1,
      maxLength: 6,
    })
    .map((parts) => parts.join(''))
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
      expect(plainText(richText(lines.join('\n')))).toBe(lines.join('\n'))
    }),
    { numRuns: 500 },
  )
})
