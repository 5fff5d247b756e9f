import { z } from 'zod'
import { ok } from '../../../kernel/result.ts'
import { dayAt } from '../read/days.ts'
import { whoAmI } from '../read/who-am-i.ts'
import { locationsBelow } from '../work/locations-below.ts'
import { unknownAsset } from '../work/unknown-asset.ts'
import { heldByPerson } from '../work/assignee.ts'
import { argument, nameIn, type Argument } from './argument.ts'

/** Arguments that Maximo is asked about first. */
const code = z.string().min(1).max(30)

/** The location and all below it. */
export const within = (field = 'location'): Argument =>
  argument(code.optional().describe('with all locations below it'), {
    criteria: async (value, { subject, site }, context) => {
      const below = await locationsBelow(value, site, context)
      return below.ok ? ok([{ field: nameIn(subject, field), op: 'in', value: below.value }]) : below
    },
  })

/** The asset, which must exist when nothing is found for it. */
export const ofAsset = (field = 'assetnum'): Argument =>
  argument(code.optional(), {
    criteria: (value, { subject }) => ok([{ field: nameIn(subject, field), op: 'eq', value }]),
    explain: (value, { site }, context) => unknownAsset(value, site, context),
  })

/** The field lies before today, where the Maximo user's clocks stand; `false` says nothing, as if it was left out. */
export const beforeToday = (field: string): Argument =>
  argument(z.boolean().describe('due before today').optional(), {
    criteria: async (value, { subject, atMs }, context) => {
      if (!value) return ok([])
      const { timeZone } = await whoAmI(context)
      return ok([{ field: nameIn(subject, field), op: 'lt', value: dayAt(atMs, timeZone) }])
    },
  })

/** One of the fields names the person: an id, a whole name, or "me". */
export const heldBy = (fields: readonly string[], crewField: string | null, text: string): Argument =>
  argument(z.string().min(1).max(60).optional().describe(text), {
    criteria: async (value, { schema, subject }, context) => {
      const named = fields.map((field) => nameIn(subject, field))
      const any = await heldByPerson(value, { fields: named, crewField, schema }, context)
      return any.ok ? ok([{ any: any.value }]) : any
    },
  })
