import { CallController } from '../../kernel/call-signal.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Maximo } from '../../maximo/client.ts'
import type { MaximoClient } from '../../maximo/contract.ts'
import type { MaximoAccess } from '../admission/admitted.ts'
import { type BegunChange, isSentElsewhere } from '../records/changes.ts'
import type { Records } from '../records/records.ts'
import { sealedBox } from '../sealed-box.ts'
import { fieldRulesOf, guardFor, type FieldGuard } from '../tools/fields/guard-for.ts'
import type { ToolProblem } from '../tools/problem/tool-problem.ts'
import type { ToolContext } from '../tools/tool.ts'
import { type Approval, mayApprove, routeOf, type Asking } from './approval.ts'
import { carryOut, IntentNotRecorded, type CarryOutDeps } from './committing/carry-out.ts'
import {
  DISCARDED,
  ELSEWHERE,
  NOT_KNOWN,
  NOT_RECORDED,
  OUTCOME_LOST,
  refusedFor,
  rightsProblem,
  TOO_MANY,
} from './committing/commit-problems.ts'
import type { CommitAsk, Committed } from './committing/committed.ts'
import { type Plan, plan as planSchema } from './plan.ts'
import { Plans, type PlansDeps } from './plans.ts'
import { Questions } from './questions.ts'
import { reportOf, type ChangeReport } from './report.ts'
import { Settler } from './committing/settle.ts'
import { openQuestion } from './committing/asked-question.ts'
import { mayKnow, mayReadAll } from './other-connections.ts'
import { askedAt, leftOf, type Answered } from './staging/stage-again.ts'
import { buildPlan, fieldsHidden, type StageFacts, type StageRequest } from './staging/stage.ts'

export interface ChangesDeps extends Omit<CarryOutDeps, 'records' | 'box'>, PlansDeps {
  readonly records: Records
  /** INSTANCE_ID: names this server among those that claim plans; its journal is open in one process at a time. */
  readonly instanceId: string
  /** Reading, checking and writing half of a connection. */
  readonly maximoOf: (access: MaximoAccess) => Maximo
  /** Client ids that are known to put a question to a person. */
  readonly trustedClients: ReadonlySet<string>
  /** What callers do not see of records, and therefore do not change; absent: nothing is hidden. */
  readonly fields?: FieldGuard | undefined
  /** Where a person agrees to a change: a page of the portal that leads to this server's own. */
  readonly approvalUrl: string
  readonly secondApprovers: (plan: string, risk: Plan['risk']) => readonly string[] | null
}

/** The newest credential of an owner's environment; null: there is none, or it cannot be opened. */
export type AccessOf = (owned: MaximoAccess['owned']) => Promise<MaximoAccess | null>

/**
 * The one way by which Maximo is changed: staged, approved, claimed, sent once, written down, looked at. It alone holds
 * the writing half of a connection.
 */
export class Changes {
  readonly plans: Plans
  readonly #deps: ChangesDeps
  readonly #carryOut: CarryOutDeps
  readonly #settler: Settler
  readonly questions: Questions
  /** Changes that are being sent, or looked at, by id. */
  readonly #flights = new Map<string, Promise<Result<Committed, ToolProblem>>>()

  constructor(deps: ChangesDeps) {
    this.#deps = deps
    this.plans = new Plans(deps)
    this.questions = new Questions(deps)
    this.#settler = new Settler(deps)
    const { records, audit, log } = deps
    this.#carryOut = { records, audit, log, box: sealedBox(deps.keys, 'change-ledger') }
  }

  /** Checks a change and keeps its plan. Nothing is written. @throws MaximoFault, ObjectRefused, StoreUnavailable */
  async stage(request: StageRequest, context: ToolContext): Promise<Result<Plan, ToolProblem>> {
    const { checker } = this.#deps.maximoOf(context.admitted.maximo)
    const now = { ...context, maximo: this.#freshOf(context) }
    const built = await buildPlan(request, this.#stageFacts(context), { context: now, checker })
    if (!built.ok) return built
    const kept = await this.plans.keep(built.value)
    return kept === 'full' ? err(TOO_MANY) : ok(kept)
  }

  /** Reads what Maximo holds at this moment, never a kept answer, and no more than its caller may see. */
  #freshOf({ admitted }: ToolContext): MaximoClient {
    return guardFor(this.#deps.maximoOf(admitted.maximo).fresh, admitted.caller.facts, this.#deps.fields)
  }

  #stageFacts({ admitted }: ToolContext): StageFacts {
    const { facts } = admitted.caller
    const about = this.#deps.records.ledger.newestCredential(admitted.maximo.owned)?.about
    return {
      fieldRules: fieldRulesOf(facts, this.#deps.fields),
      isProductionAdmin: about?.cls === 'production' && about.admin === true,
      secondApprovers: (risk) => this.#deps.secondApprovers(facts.plan.plan, risk),
    }
  }

  get approvalUrl(): string {
    return this.#deps.approvalUrl
  }

  /** How a plan would be approved for this caller. */
  route(
    plan: Plan,
    context: ToolContext,
    { canElicit }: Pick<CommitAsk, 'canElicit'>,
  ): ReturnType<typeof routeOf> {
    const asking: Asking = { canElicit, trusted: this.#deps.trustedClients }
    return routeOf(plan, context.admitted.caller.facts, asking)
  }

  /** Sends a plan, if it may be, and answers what became of it; of an earlier commit, what became of that. */
  async commit(id: string, ask: CommitAsk, context: ToolContext): Promise<Result<Committed, ToolProblem>> {
    const earlier = await this.#earlier(id, context)
    if (earlier !== null) return earlier
    const found = await this.findPlan(id, context)
    if (!found.ok) return found
    const plan = found.value
    const refusal = rightsProblem(plan, context) ?? this.hiddenIn(plan, context)
    if (refusal !== null) return err(refusal)
    const approved = await this.#approvalOf(plan, ask, context)
    if (!approved.ok) return approved
    if (approved.value.kind !== 'approved') return ok(approved.value)
    const running = this.#flights.get(id)
    return running ?? this.#fly(id, this.#send(plan, approved.value.approval, context))
  }

  /** A plan of this caller that waits. */
  async findPlan(id: string, context: ToolContext): Promise<Result<Plan, ToolProblem>> {
    const { subject, grantId, environment } = context.admitted.caller.facts
    const plan = ID.test(id) ? await this.plans.find(id) : null
    const isOwn = plan?.sub === subject && plan.gid === grantId && plan.env === environment
    if (plan === null || !isOwn) return err(NOT_KNOWN)
    const claim = await this.plans.findClaim(id)
    if (claim?.by === 'discard') return err(DISCARDED)
    return ok(plan)
  }

  /** A field of a plan that this caller does not see, whatever the token saw that staged it. */
  hiddenIn({ records }: Plan, { admitted }: ToolContext): ToolProblem | null {
    const fieldRules = fieldRulesOf(admitted.caller.facts, this.#deps.fields)
    return fieldsHidden({ proposals: records.map(({ wanted }) => wanted) }, { fieldRules })
  }

  /**
   * What became of a change that was begun; looks where that is not known. Null: it was not begun here, or not by one whose
   * changes this caller gets to know of.
   */
  async report(id: string, context: ToolContext): Promise<ChangeReport | null> {
    const change = this.#deps.records.ledger.changes.find(id)
    const plan = change === null ? null : await this.#planFor(context, change)
    if (change === null || plan === null) return null
    if (this.#isWriting(change)) return reportOf(change, plan, { isWriting: true })
    const { fresh } = this.#deps.maximoOf(context.admitted.maximo)
    await this.#settler.settle({ change, plan }, { client: fresh, call: context.call })
    return reportOf(this.#deps.records.ledger.changes.find(id) ?? change, plan)
  }

  /** The newest changes of this caller that were begun, without looking. */
  async history(context: ToolContext, atMost: number): Promise<readonly ChangeReport[]> {
    const { subject, environment } = context.admitted.caller.facts
    const reports: ChangeReport[] = []
    for (const change of this.#deps.records.ledger.changes.of({ sub: subject, env: environment })) {
      if (reports.length >= atMost) break
      const plan = await this.#planFor(context, change)
      if (plan !== null) reports.push(reportOf(change, plan, { isWriting: this.#isWriting(change) }))
    }
    return reports
  }

  /** Null: this caller does not get to know of the change. */
  async #planFor({ admitted }: ToolContext, change: BegunChange): Promise<Plan | null> {
    const { facts } = admitted.caller
    if (!mayKnow(change, facts)) return null
    const plan = await this.openPlan(change)
    return change.gid === facts.grantId || mayReadAll(plan, facts) ? plan : null
  }

  /**
   * Plans anew what a conflict kept from being written, against the records as they are now. Null: there was no conflict,
   * or what is left cannot be planned any more.
   */
  async restage(report: ChangeReport, context: ToolContext): Promise<Plan | null> {
    const { state, records } = report
    if (state !== 'not_written' && state !== 'partly_written') return null
    if (!records.some(({ why }) => why === 'conflict')) return null
    const staged = await this.stage(leftOf(report), context)
    return staged.ok ? staged.value : null
  }

  /** What Maximo asked instead of writing. Null: nothing. */
  async questionIn(report: ChangeReport): Promise<Omit<Answered, 'choice'> | null> {
    const index = askedAt(report)
    const step = index === null ? undefined : report.change.steps.get(index)
    const question = step === undefined ? null : await openQuestion(step, this.#carryOut.box)
    return index === null || question === null ? null : { index, question }
  }

  #isWriting(change: BegunChange): boolean {
    return this.#flights.has(change.id) || isSentElsewhere(change, this.#deps.clock.nowMs())
  }

  /** Ends the waiting of a plan. `false`: it is being written, or is not there. */
  async discard(plan: Plan): Promise<boolean> {
    return this.plans.claim(plan, 'discard', this.#deps.instanceId)
  }

  /** @throws when the plan of a change in our own journal cannot be opened: its key was removed under it */
  async openPlan(change: Pick<BegunChange, 'id' | 'plan'>): Promise<Plan> {
    const opened = await this.#carryOut.box.open(change.plan, planSchema)
    if (opened?.id !== change.id) throw new Error('change: a plan of the journal cannot be opened')
    return opened
  }

  /**
   * Looks after everything whose outcome nobody knows, as after a kill. With the newest credential of its owner, and only
   * while the connection that committed it is in force. What cannot be looked at now stays for the next time.
   */
  async settleDoubts(accessOf: AccessOf): Promise<void> {
    const { ledger } = this.#deps.records
    for (const change of ledger.changes.inDoubt()) {
      const grant = ledger.findGrant(change.gid)
      if (this.#isWriting(change) || grant === null || ledger.isEnded(grant)) continue
      const access = await accessOf({ sub: change.sub, env: change.env })
      if (access === null) continue
      const { fresh } = this.#deps.maximoOf(access)
      const call = { signal: new CallController(), correlationId: change.id, urgency: 'batch' } as const
      await this.#settler.settle({ change, plan: await this.openPlan(change) }, { client: fresh, call })
    }
  }

  /** Waits for what is being sent: its outcome belongs into the journal. */
  async drain(): Promise<void> {
    await Promise.allSettled(this.#flights.values())
  }

  async #earlier(id: string, context: ToolContext): Promise<Result<Committed, ToolProblem> | null> {
    const { subject, environment, grantId } = context.admitted.caller.facts
    const change = this.#deps.records.ledger.changes.find(id)
    if (change === null) return null
    if (change.sub !== subject || change.env !== environment || change.gid !== grantId) return err(NOT_KNOWN)
    const running = this.#flights.get(id)
    if (running !== undefined) return running
    const report = await this.report(id, context)
    return report === null ? err(NOT_KNOWN) : ok({ kind: 'report', report })
  }

  async #approvalOf(
    plan: Plan,
    ask: CommitAsk,
    context: ToolContext,
  ): Promise<Result<Committed | { readonly kind: 'approved'; readonly approval: Approval }, ToolProblem>> {
    const agreed = await this.plans.findAgreed(plan)
    const route = this.route(plan, context, ask)
    if (route.kind === 'approved') return ok(route)
    if (route.kind === 'refused') return err(refusedFor(plan, route.allowed))
    if (agreed?.by === 'page' && mayApprove(plan, agreed.sub))
      return ok({ kind: 'approved', approval: { by: 'page', sub: agreed.sub } })
    if (route.kind === 'page') return ok({ kind: route.second ? 'second' : 'page', plan })
    if (ask.answer === 'accept')
      return ok({ kind: 'approved', approval: { by: 'elicitation', sub: plan.sub } })
    return ok({ kind: ask.answer === 'decline' ? 'declined' : 'ask', plan })
  }

  /** From here on others who commit the same plan wait for this one. */
  #fly(id: string, work: Promise<Result<Committed, ToolProblem>>): Promise<Result<Committed, ToolProblem>> {
    const flight = work.finally(() => this.#flights.delete(id))
    this.#flights.set(id, flight)
    return flight
  }

  async #send(plan: Plan, approval: Approval, context: ToolContext): Promise<Result<Committed, ToolProblem>> {
    if (!(await this.plans.claim(plan, 'commit', this.#deps.instanceId))) return this.#claimed(plan, context)
    const { writer } = this.#deps.maximoOf(context.admitted.maximo)
    try {
      const results = await carryOut({ plan, approval, writer, context }, this.#carryOut)
      const change = this.#deps.records.ledger.changes.find(plan.id)
      if (change === null) throw new Error('change: it was journaled and is not in the ledger')
      return ok({ kind: 'report', report: reportOf(change, plan, { results }) })
    } catch (error) {
      if (error instanceof IntentNotRecorded) return err(NOT_RECORDED)
      this.#deps.log.error({ err: error, change: plan.id }, 'change: an outcome was not recorded')
      return err(OUTCOME_LOST)
    }
  }

  /** Somebody else was first. */
  async #claimed(plan: Plan, context: ToolContext): Promise<Result<Committed, ToolProblem>> {
    const report = await this.report(plan.id, context)
    if (report !== null) return ok({ kind: 'report', report })
    const claim = await this.plans.findClaim(plan.id)
    if (claim?.by === 'discard') return err(DISCARDED)
    // Its holder journals before it sends: what was claimed here and does not stand in our journal was never sent.
    return err(claim?.holder === this.#deps.instanceId ? NOT_RECORDED : ELSEWHERE)
  }
}

const ID = /^[A-Za-z0-9_-]{22}$/
