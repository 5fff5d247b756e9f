import { z } from 'zod'
import { err, ok } from '../../../kernel/result.ts'
import { originOf } from '../result/as-of.ts'
import { RECKONS_WORK } from '../reliability/facts.ts'
import { failureQuestion, notesOn } from '../reliability/question.ts'
import { explainEmpty, SCOPE } from '../reliability/scope.ts'
import type { Figure } from '../reliability/figure.ts'
import { figuresOf, KPI_NAMES } from '../reliability/kpis.ts'
import { PERIOD } from '../reliability/period.ts'
import { failureTypes, PM_TYPES, workTypes } from '../reliability/work.ts'
import { figuresOutput } from '../result/outputs.ts'
import { visibleJson } from '../result/visible.ts'
import { defineTool } from '../tool.ts'

export const getMaintenanceKpis = defineTool({
  name: 'get_maintenance_kpis',
  title: 'Get maintenance KPIs',
  description:
    'Backlog hours, PM and schedule compliance, MTBF, MTTR and reactive share over all rows of a period, each with formula, both sides of its fraction, row counts and whether it is complete.',
  ...RECKONS_WORK,
  costUnits: 5,
  input: z.strictObject({
    kpis: z
      .array(z.enum(KPI_NAMES))
      .min(1)
      .default([...KPI_NAMES]),
    ...SCOPE,
    ...PERIOD,
    failure_types: failureTypes,
    pm_types: workTypes(PM_TYPES, 'work types that are preventive'),
  }),
  output: figuresOutput,
  async run(asked, context) {
    const failures = await failureQuestion(asked, context)
    if (!failures.ok) return failures
    const { scope, period } = failures.value
    const kpis = await figuresOf(asked.kpis, { ...failures.value, pmTypes: asked.pm_types }, context)
    const problem = kpis.every(isOfNothing) ? await explainEmpty(asked, scope, context) : null
    if (problem !== null) return err(problem)
    const notes = await notesOn(failures.value, context, asked.pm_types)
    const body = {
      ...originOf(context),
      ...(scope.site !== null && { site: scope.site }),
      period: { from: period.from, to: period.to, time_zone: period.zone },
      ...{ returned: kpis.length, total: kpis.length, complete: kpis.every(({ complete }) => complete) },
      ...(notes.length > 0 && { notes }),
      kpis,
    }
    return ok({ text: visibleJson(body), recordCount: kpis.length })
  },
})

const isOfNothing = ({ numerator, denominator }: Figure): boolean =>
  (numerator?.rows ?? 0) === 0 && (denominator?.rows ?? 0) === 0
