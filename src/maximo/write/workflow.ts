import { ASSIGNMENTS } from '../inbox.ts'
import { isObject, listOf, textOf, wholeNumberOf } from '../json.ts'
import { workflowNodeOf } from '../records/addresses.ts'
import { sendAction } from './act.ts'
import type {
  AssignmentDone,
  AssignmentRequest,
  Done,
  InputRequest,
  Outcome,
  WorkflowInput,
  WriteCall,
} from './contract.ts'
import { memoProblem } from './memo.ts'
import { fieldProblem, invalid } from './problems.ts'
import { sendJson, type Answered, type Tools } from './send.ts'

/** `wsmethod:completeAssignment` on an entry of the inbox (maximo-api §4.8). */
export const answerAssignment = async (
  request: AssignmentRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<AssignmentDone>> => {
  const { accepted, memo } = request
  const wrong = memoProblem(memo)
  if (wrong !== null) return invalid(wrong)
  const sent = await sendAction(
    'wsmethod:completeAssignment',
    {
      ref: {
        ...{ objectStructure: ASSIGNMENTS, id: request.id },
        ...(request.rowstamp !== undefined && { rowstamp: request.rowstamp }),
      },
      parameters: { accepted, ...(memo !== undefined && { memo }) },
    },
    tools,
    call,
  )
  return sent.kind === 'answered' ? { kind: 'done', next: inputIn(sent, tools) } : sent
}

/** The node stays open until it is answered; afterwards it is `missing`. */
export const answerInput = async (
  { input, actionId, memo }: InputRequest,
  tools: Tools,
  call: WriteCall,
): Promise<Outcome<Done>> => {
  const wrong = memoProblem(memo)
  if (wrong !== null) return invalid(wrong)
  if (!isOffered(input, actionId)) return invalid(fieldProblem('not_allowed', 'actionId', NOT_OFFERED))
  const answer = actionId === null ? { interactioncomplete: 1 } : { actionid: actionId }
  const sent = await sendJson(
    {
      segments: ['wf', input.node],
      operation: 'post',
      headers: [],
      payload: { ...answer, ...(memo !== undefined && { memo }) },
      right: { objectStructure: ASSIGNMENTS, action: 'answer' },
    },
    tools,
    call,
  )
  if (sent.kind === 'answered') return { kind: 'done' }
  return sent.kind === 'missing' ? { kind: 'missing', what: 'input' } : sent
}

const isOffered = (input: WorkflowInput, actionId: number | null): boolean =>
  actionId === null
    ? input.kind === 'interaction'
    : input.choices.some((choice) => choice.actionId === actionId)

const inputIn = ({ body, location }: Answered, { session }: Tools): WorkflowInput | null => {
  const node = location === null ? null : workflowNodeOf(location, session.base)
  if (node === null || !isObject(body)) return null
  return {
    kind: body['internalnodetype'] === 'WFINTERACTION' ? 'interaction' : 'input',
    node,
    choices: listOf(body['member']).flatMap((member) => {
      const actionId = isObject(member) ? wholeNumberOf(member['actionid']) : null
      if (!isObject(member) || actionId === null) return []
      const isPositive = member['ispositive'] === true
      return [{ actionId, instruction: textOf(member['instruction']), isPositive }]
    }),
  }
}

const NOT_OFFERED = 'The workflow does not offer this way on.'
