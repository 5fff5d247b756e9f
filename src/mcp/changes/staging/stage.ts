import type { Risk } from '../../../crypto/restrictions.ts'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { Scope } from '../../admission/scopes.ts'
import { ObjectRefused } from '../../tools/run/guarded-maximo.ts'
import type { FieldRules } from '../../tools/fields/field-policy.ts'
import { visible } from '../../tools/result/visible.ts'
import type { ToolProblem } from '../../tools/problem/tool-problem.ts'
import type { ToolFacts } from '../../tools/tool.ts'
import { examine, type Examined } from './examine.ts'
import { MAX_RECORDS, MAX_WANTED_CHARACTERS, type Plan, type PlannedRow } from '../plan.ts'
import { problem } from '../problems.ts'
import type { Examiner, Proposal } from './proposal.ts'
import { changedChildren, fieldsOf } from './touched.ts'
import { arrange } from './several-records.ts'
import { isFinance } from './business-objects.ts'
import { rateRisk } from './risk.ts'

export interface StageRequest {
  readonly tool: Pick<ToolFacts, 'name' | 'title' | 'scopes'>
  /** Why, in the words of the client. */
  readonly reason: string
  readonly proposals: readonly Proposal[]
  /** Its content was taken over from text that anybody could have typed. */
  readonly isFromUntrusted?: boolean
  /** All records are written, or none. */
  readonly isTogether?: boolean
  /** What else whoever decides should know. */
  readonly notes?: readonly string[]
}

/** What this server knows of the environment and the owner, beside what Maximo says. */
export interface StageFacts {
  readonly isProductionAdmin: boolean
  /** What the caller does not see of records; null: they see everything. */
  readonly fieldRules: FieldRules | null
  /** Clerk user ids who must agree to a change of this risk; null: its owner alone decides. */
  readonly secondApprovers: (risk: Risk) => readonly string[] | null
}

/** Builds a plan: everything is asked, nothing is written. @throws MaximoFault, ObjectRefused */
export async function buildPlan(
  request: StageRequest,
  facts: StageFacts,
  examiner: Examiner,
): Promise<Result<Omit<Plan, 'id'>, ToolProblem>> {
  assertMayTouch(request, examiner)
  const refusal = sizeProblem(request) ?? fieldsHidden(request, facts)
  if (refusal !== null) return err(refusal)
  const examined: Examined[] = []
  for (const proposal of request.proposals) {
    const one = await examine(normal(proposal), examiner)
    if (!one.ok) return one
    examined.push(one.value)
  }
  const arranged = arrange(examined, request.isTogether === true)
  if (!arranged.ok) return arranged
  return assemble(request, facts, { examined: arranged.value, examiner })
}

function normal(proposal: Proposal): Proposal {
  const object = proposal.object.trim().toUpperCase()
  if (proposal.op !== 'update' || proposal.children === undefined) return { ...proposal, object }
  const named = Object.entries(proposal.children).map(
    ([child, rows]) => [child.trim().toLowerCase(), rows] as const,
  )
  return { ...proposal, object, children: Object.fromEntries(named) }
}

function sizeProblem({ proposals }: StageRequest): ToolProblem | null {
  if (proposals.length === 0)
    return problem('invalid_input', 'There is nothing to change.', { next: 'Name at least one operation.' })
  if (proposals.length > MAX_RECORDS)
    return problem('too_large', `A change has at most ${MAX_RECORDS} records.`, {
      next: 'Stage several changes.',
    })
  return JSON.stringify(proposals).length > MAX_WANTED_CHARACTERS
    ? problem('too_large', 'The change is longer than a person can read.', {
        next: 'Shorten the texts, or stage several changes.',
      })
    : null
}

/** By the rules of the grant. @throws ObjectRefused */
function assertMayTouch({ proposals }: StageRequest, { context }: Examiner): void {
  const { objects } = context.admitted.caller.facts
  for (const { object } of proposals) {
    const touch = { object: object.trim().toUpperCase(), access: 'write' } as const
    if (objects !== null && !objects.mayTouch(touch)) throw new ObjectRefused(touch, objects.rule)
  }
}

/** What is hidden cannot be looked at before it is changed; and a pseudonym would be put back in its place. */
export function fieldsHidden(
  { proposals }: Pick<StageRequest, 'proposals'>,
  { fieldRules }: Pick<StageFacts, 'fieldRules'>,
): ToolProblem | null {
  if (fieldRules === null) return null
  for (const proposal of proposals) {
    const { object } = normal(proposal)
    const hidden = fieldsIn(proposal).find((path) => fieldRules.actionOf(object, path) !== null)
    if (hidden !== undefined) return notShown(object, hidden)
  }
  return null
}

function fieldsIn(proposal: Proposal): readonly string[] {
  const own = proposal.op === 'create' ? Object.keys(proposal.values) : fieldsOf(proposal)
  const parameters = proposal.op === 'action' ? Object.keys(proposal.parameters) : []
  const rows = changedChildren(proposal).flatMap(([child, changes]) =>
    changes.flatMap((change) => namesIn(change).map((name) => `${child}.${name}`)),
  )
  return [...own, ...parameters, ...rows].map((name) => name.trim().toLowerCase())
}

/** What a row is told by counts, too: whoever may not see a field could ask by it what it holds. */
const namesIn = (change: PlannedRow): readonly string[] => [
  ...(change.action === 'delete' ? [] : Object.keys(change.values)),
  ...(change.action === 'add' ? [] : Object.keys(change.match)),
]

const notShown = (object: string, path: string): ToolProblem =>
  problem(
    'invalid_field',
    `${visible(path)} of ${object} cannot be changed here: you do not see it as it is.`,
    {
      why: 'The operator of this server hides or masks it for you. Nothing was staged.',
      next: 'Leave it out, or ask the operator of this server.',
    },
  )

function assemble(
  request: StageRequest,
  facts: StageFacts,
  {
    examined,
    examiner: { context },
  }: { readonly examined: readonly Examined[]; readonly examiner: Examiner },
): Result<Omit<Plan, 'id'>, ToolProblem> {
  const records = examined.map(({ planned }) => planned)
  const { risk, because } = rateRisk({
    wanted: records.map(({ wanted }) => wanted),
    movesTo: examined.map(({ movesTo }) => movesTo),
    writesTo: examined.map(({ writesTo }) => writesTo),
    isProductionAdmin: facts.isProductionAdmin,
    isFromUntrusted: request.isFromUntrusted === true,
    isAnswer: records.some(({ answers = [] }) => answers.length > 0),
  })
  const { caller } = context.admitted
  const second = facts.secondApprovers(risk)
  const approvers = (second ?? []).filter((sub) => sub !== caller.facts.subject)
  if (second !== null && approvers.length === 0) return err(NOBODY_ELSE)
  const madeMs = context.clock.nowMs()
  return ok({
    ...{ sub: caller.facts.subject, gid: caller.facts.grantId, env: caller.facts.environment },
    ...{ cid: caller.facts.clientId, host: context.environment.host },
    tool: request.tool.name,
    title: request.tool.title,
    reason: visible(request.reason),
    scopes: scopesOf(request, examined),
    madeMs,
    endsMs: madeMs + lifeMs(risk, approvers.length > 0),
    risk,
    because: [...because],
    fromUntrusted: request.isFromUntrusted === true,
    approvers,
    records,
    ...(request.isTogether === true && { together: true }),
    warnings: [...(request.notes ?? []), ...examined.flatMap(({ warnings }) => warnings)],
  })
}

const scopesOf = ({ tool }: StageRequest, examined: readonly Examined[]): string[] => {
  const finance: readonly Scope[] = examined.some(({ writesTo }) => isFinance(writesTo))
    ? ['maximo:finance']
    : []
  return [...new Set<Scope>(['maximo:write', ...tool.scopes, ...finance])]
}

/** What a person has to walk to waits longer; another person longest. The row stamps hold however long it was. */
const lifeMs = (risk: Risk, isSecond: boolean): number => {
  if (isSecond) return 24 * 3_600_000
  return risk === 'low' ? 15 * 60_000 : 60 * 60_000
}

const NOBODY_ELSE = problem(
  'needs_approval',
  'A change of this risk needs a second person, and the plans of this server name nobody but you.',
  {
    next: 'Ask the operator of this server to name an approver.',
  },
)
