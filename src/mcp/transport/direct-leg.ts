import type { FastifyReply } from 'fastify'
import type { CallSignal } from '../../kernel/call-signal.ts'
import { sendPreparedJson } from '../../kernel/json-answer.ts'
import type { Admitted } from '../admission/admitted.ts'
import type { Refusal } from '../admission/refusal.ts'
import type { Caller } from '../admission/caller.ts'
import type { WorkRunner } from '../tools/run/run-work.ts'
import { resolveCall } from '../tools/access/resolve-call.ts'
import type { Selection } from '../tools/access/selection.ts'
import type { ServedTools } from '../tools/access/served-tools.ts'
import { answersAs, errorAnswer } from './answers.ts'
import { callLeg } from './call-leg.ts'
import { INVALID_PARAMS } from './errors.ts'
import type { RpcId } from './message.ts'
import type { PlainRequest } from './plain-request.ts'
import type { ServerIdentity } from './protocol.ts'
import { toolLists } from './tool-lists.ts'

export interface DirectLegDeps {
  readonly tools: ServedTools
  readonly identity: ServerIdentity
  /** Of what lists of tools depend on beside the caller: the operator's plans. */
  readonly revision: () => number
  readonly runner: WorkRunner
}

export interface DirectRequest {
  readonly plain: PlainRequest
  readonly caller: Caller
  /** The tools that the address asks for. */
  readonly selection: Selection
  readonly reply: FastifyReply
  readonly signal: CallSignal
  /** Answers what admission refused, at the door through which the request came. */
  readonly refuse: (refusal: Refusal, rpcId: RpcId | null) => void
}

/**
 * `tools/list` and `tools/call` without the SDK: no server object, no schema conversion, no `Request` and `Response`.
 * `test/contract/differential.test.ts` holds its answers against the SDK's.
 */
export type DirectLeg = (request: DirectRequest) => Promise<void>

export function directLeg(deps: DirectLegDeps): DirectLeg {
  const { tools, runner } = deps
  const lists = toolLists(deps.identity, deps.revision)
  const answerCall = callLeg(answersAs(deps.identity), runner)

  return async (request) => {
    const send = (body: string | Buffer): void => {
      sendPreparedJson(request.reply, body, runner.admission.limitFields(request.caller))
    }
    const { plain, caller, selection } = request
    const access = tools.accessOf(caller, selection)
    if (plain.method === 'tools/call') {
      const called = resolveCall(plain.name, plain.args, access)
      if (called.ok) await answerCall({ ...request, plain }, { ...called.value, access })
      else if ((await admit(request)) !== null) send(errorAnswer(plain.id, INVALID_PARAMS, called.error))
      return
    }
    const admitted = await admit(request)
    if (admitted === null) return
    await tools.rights.refresh(admitted)
    send(lists.answer(plain, tools.accessOf(caller, selection)))
  }

  /** Null: refused, and answered. */
  async function admit({ caller, plain, refuse }: DirectRequest): Promise<Admitted | null> {
    const admitted = await runner.admission.admit(caller, { kind: 'message', method: plain.method })
    if (!admitted.ok) {
      refuse(admitted.error, plain.id)
      return null
    }
    await admitted.value.release()
    return admitted.value
  }
}
