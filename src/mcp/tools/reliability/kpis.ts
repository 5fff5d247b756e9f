import type { Result } from '../../../kernel/result.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { backlog } from './backlog.ts'
import { compliance } from './compliance.ts'
import { figureOf, unlessForbidden, type Figure, type FigureSaid, type Measured } from './figure.ts'
import { meanTimeBetween, meanTimeToRepair } from './failures.ts'
import type { Period } from './period.ts'
import { reactiveHours, reactiveOrders } from './reactive.ts'
import type { Scope } from './scope.ts'
import type { Statuses } from './work.ts'

/** What every figure is computed of. */
export interface KpiQuestion {
  readonly scope: Scope
  readonly period: Period
  readonly statuses: Statuses
  readonly failureTypes: readonly string[]
  readonly pmTypes: readonly string[]
}

export type Measure = (question: KpiQuestion, context: ToolContext) => Promise<Result<Measured, ToolProblem>>

interface Kpi {
  readonly unit: FigureSaid['unit']
  readonly formula: (question: KpiQuestion) => string
  readonly measure: Measure
}

const listed = (types: readonly string[]): string => types.join(', ')

/** The definitions, which docs/kpis.md explains. */
const KPIS = {
  backlog: {
    unit: 'hours',
    formula: () => 'estimated labor hours of the work orders that are open now',
    measure: backlog,
  },
  pm_compliance: {
    unit: '%',
    formula: ({ pmTypes }) =>
      `${listed(pmTypes)} work orders finished on or before the day of their target finish / those due in the period, cancelled ones left out`,
    measure: (question, context) =>
      compliance({ ...question, field: 'targcompdate', types: question.pmTypes }, context),
  },
  schedule_compliance: {
    unit: '%',
    formula: () =>
      'work orders finished on or before the day of their scheduled finish / those scheduled to finish in the period, cancelled ones left out',
    measure: (question, context) => compliance({ ...question, field: 'schedfinish', types: null }, context),
  },
  mtbf: {
    unit: 'hours',
    formula: ({ failureTypes }) =>
      `calendar hours of the period x assets in service / failures: ${listed(failureTypes)} work orders on an asset reported in the period, cancelled ones left out`,
    measure: meanTimeBetween,
  },
  mttr: {
    unit: 'hours',
    formula: ({ failureTypes }) =>
      `hours from actual start to actual finish / ${listed(failureTypes)} work orders on an asset finished in the period`,
    measure: meanTimeToRepair,
  },
  reactive_share: {
    unit: '%',
    formula: ({ failureTypes }) =>
      `actual labor hours of ${listed(failureTypes)} work orders / of all work orders finished in the period`,
    measure: reactiveHours,
  },
  reactive_orders: {
    unit: '%',
    formula: ({ failureTypes }) =>
      `${listed(failureTypes)} work orders / all work orders finished in the period`,
    measure: reactiveOrders,
  },
} as const satisfies Record<string, Kpi>

export type KpiName = keyof typeof KPIS
export const KPI_NAMES = Object.keys(KPIS) as [KpiName, ...KpiName[]]

/** The figures, one after the other: each asks Maximo a few questions at a time. */
export async function figuresOf(
  names: readonly KpiName[],
  question: KpiQuestion,
  context: ToolContext,
): Promise<readonly Figure[]> {
  const figures: Figure[] = []
  for (const name of new Set(names)) {
    const { unit, formula, measure }: Kpi = KPIS[name]
    const measured = await unlessForbidden(() => measure(question, context))
    figures.push(figureOf({ kpi: name, unit, formula: formula(question) }, measured))
  }
  return figures
}
