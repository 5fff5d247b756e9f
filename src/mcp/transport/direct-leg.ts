import type { FastifyReply } from 'fastify'
import type { CallSignal } from '../../kernel/call-signal.ts'
import { sendPreparedJson } from '../../kernel/json-answer.ts'
import type { Refusal } from '../admission/refusal.ts'
import type { Caller } from '../admission/caller.ts'
import { runTool, type CallOutcome, type ToolRunner } from '../tools/run-tool.ts'
import type { Tool } from '../tools/tool.ts'
import { answersAs, errorAnswer } from './answers.ts'
import type { RpcId } from './message.ts'
import type { PlainRequest } from './plain-request.ts'
import type { ServerIdentity } from './protocol.ts'
import { toolLists } from './tool-lists.ts'
import { unknownTool } from './unknown-tool.ts'

export interface DirectLegDeps {
  readonly catalog: readonly Tool[]
  readonly identity: ServerIdentity
  readonly runner: ToolRunner
}

export interface DirectRequest {
  readonly plain: PlainRequest
  readonly caller: Caller
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

const INVALID_PARAMS = -32_602
/** What proxies log for a client that closed its request; nobody receives it. */
const CLIENT_CLOSED = 499

export function directLeg(deps: DirectLegDeps): DirectLeg {
  const { catalog, runner } = deps
  const tools = new Map(catalog.map((tool) => [tool.name, tool]))
  const lists = toolLists(catalog, deps.identity)
  const answers = answersAs(deps.identity)

  return async (request) => {
    const { plain, caller, reply, signal } = request
    const tool = plain.method === 'tools/call' ? tools.get(plain.name) : undefined
    if (plain.method === 'tools/call' && tool !== undefined) {
      answer(request, await runTool({ tool, args: plain.args, caller, signal }, runner))
      return
    }
    const admitted = await runner.admission.admit(caller, { kind: 'message', method: plain.method })
    if (!admitted.ok) {
      request.refuse(admitted.error, plain.id)
      return
    }
    await admitted.value.release()
    if (plain.method === 'tools/list') sendPreparedJson(reply, lists.answer(plain.era, plain.id, caller))
    else
      sendPreparedJson(reply, errorAnswer(plain.id, INVALID_PARAMS, unknownTool(plain.name, catalog, caller)))
  }

  function answer({ plain, reply, refuse }: DirectRequest, outcome: CallOutcome): void {
    switch (outcome.kind) {
      case 'answered':
        sendPreparedJson(reply, answers.text(plain.era, plain.id, outcome.text, outcome.isError))
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
