import { z } from 'zod'
import { err, ok, type Result } from '../../../kernel/result.ts'
import { RECKONS_WORK } from '../reliability/facts.ts'
import { reportedFailures, type FailureQuestion } from '../reliability/failures.ts'
import { rounded } from '../reliability/figure.ts'
import { PERIOD } from '../reliability/period.ts'
import { failureQuestion, notesOn } from '../reliability/question.ts'
import { explainEmpty, SCOPE, type Scope } from '../reliability/scope.ts'
import { ranked, type Counted } from '../reliability/shares.ts'
import { countOf, groupsOf } from '../read/groups.ts'
import { everyOrder, failureTypes } from '../reliability/work.ts'
import { rowsIn } from '../result/child-table.ts'
import { tableOutput } from '../result/outputs.ts'
import { tableAnswer } from '../result/table-answer.ts'
import type { ToolProblem } from '../problem/tool-problem.ts'
import { defineTool, type ToolContext } from '../tool.ts'

const MAX_CODES = 100

export const getFailurePareto = defineTool({
  name: 'get_failure_pareto',
  title: 'Get a failure Pareto',
  description:
    'How often each failure class, problem, cause or remedy was reported in a period, the most frequent first, with its share and the running sum; says how many failures have no code.',
  ...RECKONS_WORK,
  picture: 'trend-chart',
  input: z.strictObject({
    level: z.enum(['class', 'problem', 'cause', 'remedy']).default('problem'),
    failure_class: z.string().min(1).max(30).optional(),
    ...SCOPE,
    ...PERIOD,
    failure_types: failureTypes,
  }),
  output: tableOutput,
  async run(asked, context) {
    const whole = await failureQuestion(asked, context)
    if (!whole.ok) return whole
    const { scope, period } = whole.value
    const question = { ...whole.value, scope: withinClass(scope, asked.failure_class) }
    const failures = await countOf(reportedFailures(question), context)
    if (!failures.ok) return failures
    const problem = failures.value === 0 ? await explainEmpty(asked, scope, context) : null
    if (problem !== null) return err(problem)
    const codes = await codesOf(asked.level, question, context)
    if (!codes.ok) return codes
    const { counted, coded } = codes.value
    const all = ranked(counted, (code) => code)
    const { from, to } = period
    return ok(
      tableAnswer(
        {
          columns: ['rank', 'code', 'failures', 'share', 'cumulative'],
          rows: all
            .slice(0, MAX_CODES)
            .map(({ rank, key, amount, share, cumulative }) => [rank, key, amount, share, cumulative]),
          total: all.length,
          site: scope.site,
          reading: `${asked.level} codes of ${asked.failure_types.join(', ')} work orders reported ${from} to ${to}, cancelled ones left out: ${failures.value} failures, ${coded} with a code (${percent(coded, failures.value)}); shares are percent of all codes reported`,
          notes: await notesOn(question, context),
          whenCut: 'name a failure_class.',
        },
        context,
      ),
    )
  },
})

const withinClass = (scope: Scope, failureClass: string | undefined): Scope =>
  failureClass === undefined
    ? scope
    : {
        ...scope,
        conditions: [
          ...scope.conditions,
          { field: 'failurecode', op: 'eq', value: failureClass.trim().toUpperCase() },
        ],
      }

const percent = (part: number, whole: number): string =>
  whole === 0 ? 'none' : `${rounded((part / whole) * 100)} %`

interface Coded {
  readonly counted: readonly Counted<string>[]
  /** Failures that have a code; one may have several causes. */
  readonly coded: number
}

/** Class and problem stand on the work order, and Maximo counts them; causes and remedies are in its failure report. */
const codesOf = (
  level: 'class' | 'problem' | 'cause' | 'remedy',
  question: FailureQuestion,
  context: ToolContext,
): Promise<Result<Coded, ToolProblem>> =>
  level === 'class' || level === 'problem'
    ? ownCodes(level === 'class' ? 'failurecode' : 'problemcode', question, context)
    : reportedCodes(level.toUpperCase(), question, context)

async function ownCodes(
  field: string,
  question: FailureQuestion,
  context: ToolContext,
): Promise<Result<Coded, ToolProblem>> {
  const groups = await groupsOf(
    {
      all: [...reportedFailures(question), { field, op: 'notnull' }],
      groupBy: [field],
      metrics: [{ kind: 'count' }],
    },
    context,
  )
  if (!groups.ok) return groups
  const counted = groups.value.map(({ by, metrics }) => ({
    key: String(by[field]),
    amount: Number(metrics['count'] ?? 0),
  }))
  return ok({ counted, coded: counted.reduce((sum, { amount }) => sum + amount, 0) })
}

async function reportedCodes(
  type: string,
  question: FailureQuestion,
  context: ToolContext,
): Promise<Result<Coded, ToolProblem>> {
  const orders = await everyOrder(
    {
      all: [
        ...reportedFailures(question),
        { some: 'failurereport', all: [{ field: 'type', op: 'eq', value: type }] },
      ],
      fields: [],
      children: { failurereport: ['type', 'failurecode'] },
    },
    context,
  )
  if (!orders.ok) return orders
  const counts = new Map<string, number>()
  for (const values of orders.value) {
    const lines = rowsIn(values['failurereport']).filter((line) => line['type'] === type)
    for (const code of new Set(lines.map((line) => String(line['failurecode']))))
      counts.set(code, (counts.get(code) ?? 0) + 1)
  }
  return ok({ counted: [...counts].map(([key, amount]) => ({ key, amount })), coded: orders.value.length })
}
