import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { parseInstant } from '../../../maximo/query/instant.ts'
import { kindsOf } from '../catalog/kinds.ts'
import { site } from '../query/inputs.ts'
import { queryProblem } from '../read/problems.ts'
import { chooseSite } from '../read/site.ts'
import { untrustedColumns } from '../result/columns.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import { visible } from '../result/visible.ts'
import { defineTool, READS_MAXIMO } from '../tool.ts'

const KINDS = kindsOf({
  asset: { objectStructure: 'MXAPIASSETMETER', field: 'assetnum' },
  location: { objectStructure: 'MXAPILOCATIONMETER', field: 'location' },
})
const READ = [
  ...['metername', 'active', 'readingtype', 'measureunitid', 'lastreading', 'lastreadingdate'],
  ...['previousreading', 'previousreadingdate', 'lifetodate'],
]
const MAX_METERS = 100

export const getMeterReadings = defineTool({
  name: 'get_meter_readings',
  title: 'Get meter readings',
  description:
    'Meters of an asset or a location with the last two readings, and the change per day between them where both are numbers. Older readings are not in this interface of Maximo.',
  toolset: 'assets',
  isOnRequest: true,
  ...READS_MAXIMO,
  ...KINDS.facts,
  input: z.strictObject({
    kind: z.enum(KINDS.names).default('asset'),
    number: z.string().min(1).max(30).describe('asset or location'),
    meter: z.string().min(1).max(30).optional(),
    site,
  }),
  output: tableOutput,
  async run({ kind, number, meter, site: asked }, context) {
    const { objectStructure, field } = KINDS.of(kind)
    const schema = await context.maximo.schema(objectStructure, context.call)
    const where = await chooseSite(asked, { schema, filtered: [] }, context)
    const fields = READ.filter((name) => schema.fields.has(name))
    const page = await context.maximo.query(
      {
        objectStructure,
        all: [
          { field, op: 'eq', value: number.trim().toUpperCase() },
          ...(meter === undefined
            ? []
            : [{ field: 'metername', op: 'eq', value: meter.trim().toUpperCase() }]),
          ...where.conditions,
        ],
        select: { fields },
        orderBy: [{ field: 'metername', direction: 'asc' }],
        pageSize: MAX_METERS,
        count: true,
      },
      context.call,
    )
    if (!page.ok) return err(queryProblem(page.error, objectStructure))
    const { records, total } = page.value
    if (records.length === 0)
      return err({
        kind: 'not_found',
        what: `There is no such meter at ${kind} "${visible(number)}"${where.site === null ? '' : ` at site ${visible(where.site)}`} that you may see.`,
        why: null,
        next: 'Check the number and the site; get_asset with section "meters" shows those of an asset.',
      })
    return ok(
      tableAnswer(
        {
          columns: [...fields, 'change_per_day'],
          rows: records.map(({ values }) => [...fields.map((name) => values[name]), changePerDay(values)]),
          total,
          site: where.site,
          notes: where.notes,
          untrusted: untrustedColumns(fields, schema),
          whenCut: 'name a meter.',
        },
        context,
      ),
    )
  },
})

/** Between the last two readings; null where one is no number, or they are less than an hour apart. */
function changePerDay(values: Readonly<Record<string, unknown>>): number | null {
  const [last, previous] = [values['lastreading'], values['previousreading']].map(numberIn)
  const [to, from] = [values['lastreadingdate'], values['previousreadingdate']].map((text) =>
    typeof text === 'string' ? parseInstant(text) : null,
  )
  if (last === undefined || previous === undefined || last === null || previous === null) return null
  if (to === undefined || from === undefined || to === null || from === null || to - from < HOUR_S)
    return null
  return Math.round(((last - previous) / (to - from)) * DAY_S * 1000) / 1000
}

const HOUR_S = 3_600
const DAY_S = 86_400

/** Readings are texts: `999`, and `1/16` for what is no number. */
const numberIn = (text: unknown): number | null =>
  typeof text === 'string' && /^-?\d+(?:\.\d+)?$/.test(text.trim()) ? Number(text) : null
