import { err, ok, type Result } from '../../../kernel/result.ts'
import type { DomainValue } from '../../../maximo/contract.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import type { Condition } from '../../../maximo/query/query.ts'
import { instantText } from '../result/answer-text.ts'
import type { ToolProblem } from '../tool-problem.ts'
import type { ToolContext } from '../tool.ts'

/** What a planner means; a site may have any status values of its own behind it. */
export const STATES = [
  'open',
  'waiting',
  'in_progress',
  'overdue',
  'completed',
  'closed',
  'cancelled',
  'any',
] as const
export type State = (typeof STATES)[number]

/** Internal values of the domain WOSTATUS (maximo-api §8.2): the rules of Maximo look at these, never at synonyms. */
const WAITING = ['WAPPR', 'WSCH', 'WMATL']
const OPEN = [...WAITING, 'APPR', 'INPRG']

const INTERNAL: Record<Exclude<State, 'any'>, readonly string[]> = {
  open: OPEN,
  waiting: WAITING,
  in_progress: ['INPRG'],
  overdue: OPEN,
  completed: ['COMP'],
  closed: ['CLOSE', 'HISTEDIT'],
  cancelled: ['CAN'],
}

/** Approved, but waiting for the plant: IBM ships it as a synonym of APPR, and it means waiting all the same. */
const WAITING_SYNONYM = 'WPCOND'

/** The conditions behind a meaning, through this environment's own status list. */
export async function stateConditions(
  state: State,
  atMs: number,
  context: ToolContext,
): Promise<Result<readonly Condition[], ToolProblem>> {
  if (state === 'any') return ok([])
  const values = await statusList(context)
  if (values.length === 0) return err(NO_STATUS_LIST)
  const statuses = [...new Set(values.filter((value) => means(value, state)).map(({ value }) => value))]
  if (statuses.length === 0) return err(noSuchState(state))
  const due = state === 'overdue' ? [{ field: 'targcompdate', op: 'lt', value: instantText(atMs) }] : []
  return ok([{ field: 'status', op: 'in', value: statuses }, ...due])
}

/** Empty also for a user who may not read domains: the same remedy. */
async function statusList({ maximo, call }: ToolContext): Promise<readonly DomainValue[]> {
  try {
    return await maximo.domainValues('WOSTATUS', call)
  } catch (error) {
    if (error instanceof MaximoFault && error.kind === 'not_permitted') return []
    throw error
  }
}

function means({ value, internal }: DomainValue, state: Exclude<State, 'any'>): boolean {
  if (value === WAITING_SYNONYM && state === 'waiting') return true
  return INTERNAL[state].includes(internal ?? value)
}

const NO_STATUS_LIST: ToolProblem = {
  kind: 'not_permitted',
  what: 'The status list of work orders (WOSTATUS) cannot be read, so the meaning of states is not known.',
  why: 'The Maximo user may lack the right to read domains.',
  next: 'Give exact values in "status" together with state "any", or ask a Maximo administrator for the right to read MXAPISYNONYMDOMAIN.',
}

const noSuchState = (state: State): ToolProblem => ({
  kind: 'not_found',
  what: `This environment has no status that means "${state}".`,
  why: null,
  next: 'Use another state, or exact values in "status": describe_object with object "mxapiwodetail" and field "status" lists them.',
})
