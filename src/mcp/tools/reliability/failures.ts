import { ok, type Result } from '../../../kernel/result.ts'
import type { Criterion } from '../../../maximo/query/query.ts'
import { parseInstant } from '../../../maximo/query/instant.ts'
import { ASSET_STATES } from '../status/meanings.ts'
import { statusValues } from '../status/status-values.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import type { ToolContext } from '../tool.ts'
import { rounded } from './figure.ts'
import type { KpiQuestion, Measure } from './kpis.ts'
import { conditionOn } from './period.ts'
import { countOf } from '../read/groups.ts'
import { everyOrder, notCancelled, ofTypes, ON_AN_ASSET, withStatus, WORK } from './work.ts'

const ASSETS = 'MXAPIASSET'
export const HOUR_S = 3_600

export type FailureQuestion = Omit<KpiQuestion, 'pmTypes'>

/** Failures that were reported in the period, whatever has become of them. */
export const reportedFailures = (question: FailureQuestion): readonly Criterion[] => [
  ...failureWork(question),
  ...notCancelled(question.statuses),
  conditionOn('reportdate', question.period),
]

export const reportedOnAssets = (question: FailureQuestion): readonly Criterion[] => [
  ...reportedFailures(question),
  ON_AN_ASSET,
]

/** Failures of assets whose repair was finished in the period. */
export const repairedFailures = (question: FailureQuestion): readonly Criterion[] => [
  ...failureWork(question),
  ON_AN_ASSET,
  withStatus(question.statuses.done),
  conditionOn('actfinish', question.period),
]

const failureWork = ({ scope, failureTypes }: FailureQuestion): readonly Criterion[] => [
  WORK,
  ofTypes(failureTypes),
  ...scope.conditions,
]

export const meanTimeBetween: Measure = async (question, context) => {
  const assets = await assetsInService(question, context)
  if (!assets.ok) return assets
  const failures = await countOf(reportedOnAssets(question), context)
  if (!failures.ok) return failures
  const hours = assets.value * question.period.hours
  return ok({
    numerator: { what: 'hours of the assets in service', value: hours, rows: assets.value },
    denominator: { what: 'failures reported in the period', value: failures.value, rows: failures.value },
    unknown: unknownBetween(assets.value, failures.value, hours),
  })
}

function unknownBetween(assets: number, failures: number, hours: number): string | undefined {
  if (assets === 0) return 'No asset of this part of the plant was in service in the period.'
  return failures === 0
    ? `No failure was reported in ${rounded(hours)} hours of service: the mean time is longer than that, and not known.`
    : undefined
}

/** Assets that are not decommissioned, or were not before the period began. */
async function assetsInService(
  { scope, period }: KpiQuestion,
  context: ToolContext,
): Promise<Result<number, ToolProblem>> {
  const out = await statusValues(ASSET_STATES, 'decommissioned', context)
  if (!out.ok) return out
  if (out.value.length === 0) return countOf(scope.conditions, context, ASSETS)
  const now = await countOf(
    [...scope.conditions, { field: 'status', op: 'notin', value: out.value }],
    context,
    ASSETS,
  )
  if (!now.ok) return now
  const then = await countOf(
    [...scope.conditions, withStatus(out.value), { field: 'statusdate', op: 'ge', value: period.from }],
    context,
    ASSETS,
  )
  return then.ok ? ok(now.value + then.value) : then
}

export const meanTimeToRepair: Measure = async (question, context) => {
  const finished = await everyOrder(
    { all: repairedFailures(question), fields: ['actstart', 'actfinish'] },
    context,
  )
  if (!finished.ok) return finished
  const open = await countOf(
    [
      ...failureWork(question),
      ON_AN_ASSET,
      withStatus(question.statuses.open),
      { field: 'reportdate', op: 'le', value: question.period.to },
    ],
    context,
  )
  if (!open.ok) return open
  const times = finished.value.map(repairSeconds).filter((seconds) => seconds !== null)
  const hours = times.reduce((sum, one) => sum + one, 0) / HOUR_S
  const without = finished.value.length - times.length
  return ok({
    numerator: { what: 'hours from start to finish', value: hours, rows: times.length },
    denominator: { what: 'repairs finished in the period', value: times.length, rows: times.length },
    notes: [
      ...(without === 0 ? [] : [`Left out, without a usable actual start: ${without}.`]),
      ...(open.value === 0 ? [] : [`Still open, without a repair time yet: ${open.value}.`]),
    ],
  })
}

/** From start to finish, whole seconds, whose sum is exact; null where the row does not say. */
export function repairSeconds({ actstart, actfinish }: Readonly<Record<string, unknown>>): number | null {
  const [start, finish] = [actstart, actfinish].map((at) =>
    typeof at === 'string' ? parseInstant(at) : null,
  )
  if (typeof start !== 'number' || typeof finish !== 'number' || finish < start) return null
  return finish - start
}
