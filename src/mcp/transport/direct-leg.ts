import type { FastifyReply } from 'fastify'
import type { CallSignal } from '../../kernel/call-signal.ts'
import { sendPreparedJson } from '../../kernel/json-answer.ts'
import type { Refusal } from '../admission/refusal.ts'
import type { Caller } from '../admission/caller.ts'
import { runTool, type CallOutcome } from '../tools/run/run-tool.ts'
import type { WorkRunner } from '../tools/run/run-work.ts'
import { resolveCall } from '../tools/access/resolve-call.ts'
import type { Selection } from '../tools/access/selection.ts'
import type { ServedTools } from '../tools/access/served-tools.ts'
import { answersAs, errorAnswer, type TextAnswer } from './answers.ts'
import { elicited } from './elicitation.ts'
import { INVALID_PARAMS } from './errors.ts'
import type { RpcId } from './message.ts'
import type { PlainRequest } from './plain-request.ts'
import type { ServerIdentity } from './protocol.ts'
import { toolLists } from './tool-lists.ts'

export interface DirectLegDeps {
  readonly tools: ServedTools
  readonly identity: ServerIdentity
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

/** What proxies log for a client that closed its request; nobody receives it. */
const CLIENT_CLOSED = 499

/** Links came with 2025-06-18: an older client may refuse an answer that holds one. */
const shown = (plain: PlainRequest, { text, isError, links }: Answered): TextAnswer => ({
  text,
  isError,
  links: plain.method === 'tools/call' && plain.knowsLinks ? links : undefined,
})

type Answered = Extract<CallOutcome, { kind: 'answered' }>

export function directLeg(deps: DirectLegDeps): DirectLeg {
  const { tools, runner } = deps
  const lists = toolLists(deps.identity)
  const answers = answersAs(deps.identity)

  return async (request) => {
    const { plain, caller, selection, reply, signal } = request
    const access = tools.accessOf(caller, selection)
    const called = plain.method === 'tools/call' ? resolveCall(plain.name, plain.args, access) : null
    if (called?.ok === true) {
      const canElicit = plain.method === 'tools/call' && plain.canElicit
      const asking = { canElicit, reply: null }
      answer(request, await runTool({ ...called.value, access, asking, signal }, runner))
      return
    }
    const admitted = await runner.admission.admit(caller, { kind: 'message', method: plain.method })
    if (!admitted.ok) {
      request.refuse(admitted.error, plain.id)
      return
    }
    await admitted.value.release()
    if (called !== null) {
      sendPreparedJson(reply, errorAnswer(plain.id, INVALID_PARAMS, called.error))
      return
    }
    await tools.rights.refresh(admitted.value)
    const seen = tools.accessOf(caller, selection)
    const isPictured = plain.method === 'tools/list' && plain.isPictured
    sendPreparedJson(reply, lists.answer({ ...plain, isPictured }, seen))
  }

  function answer({ plain, reply, refuse }: DirectRequest, outcome: CallOutcome): void {
    switch (outcome.kind) {
      case 'answered':
        sendPreparedJson(reply, answers.text(plain.era, plain.id, shown(plain, outcome)))
        return
      case 'asks':
        sendPreparedJson(reply, answers.result(plain.id, elicited(outcome.ask)))
        return
      case 'refused':
        refuse(outcome.refusal, plain.id)
        return
      case 'abandoned':
        reply.code(CLIENT_CLOSED).send()
        return
    }
  }
}
