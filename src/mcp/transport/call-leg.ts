import { sendPreparedJson } from '../../kernel/json-answer.ts'
import type { LimitFields } from '../admission/admission.ts'
import { runTool, type CallOutcome, type ToolCall } from '../tools/run/run-tool.ts'
import type { WorkRunner } from '../tools/run/run-work.ts'
import { errorAnswer, type Answers, type TextAnswer } from './answers.ts'
import type { DirectRequest } from './direct-leg.ts'
import { elicited } from './elicitation.ts'
import { INTERNAL_ERROR } from './errors.ts'
import type { PlainRequest } from './plain-request.ts'
import { ProgressStream } from './progress-stream.ts'

type PlainCall = Extract<PlainRequest, { method: 'tools/call' }>
type Answered = Extract<CallOutcome, { kind: 'answered' }>
type Spoken = Extract<CallOutcome, { kind: 'answered' | 'asks' }>

export type CallRequest = DirectRequest & { readonly plain: PlainCall }
export type CallLeg = (
  request: CallRequest,
  called: Pick<ToolCall, 'access' | 'args' | 'tool'>,
) => Promise<void>

/** What proxies log for a client that closed its request; nobody receives it. */
const CLIENT_CLOSED = 499
/** A call that began was admitted; what is refused afterwards is an answer whose record could not be written. */
const NOT_TOLD = 'The answer could not be recorded, so it is not given. Try again in a few seconds.'

/** Runs one tool and answers: one JSON body, or a stream where something was told before the answer. */
export function callLeg(answers: Answers, runner: WorkRunner): CallLeg {
  return async (request, called) => {
    const { plain, reply, signal } = request
    const fields = (): LimitFields => runner.admission.limitFields(request.caller)
    const { progressToken: token } = plain
    const progress =
      token === undefined ? undefined : new ProgressStream({ reply, token, clock: runner.clock, fields })
    const asking = { canElicit: plain.canElicit, reply: null }
    const outcome = await runTool({ ...called, asking, signal, progress }, runner)
    if (progress?.isOpen === true) progress.end(lastEvent(plain, outcome))
    else answer(request, outcome)
  }

  /** The end of a stream, whose head said 200 already. */
  function lastEvent(plain: PlainCall, outcome: CallOutcome): string | null {
    switch (outcome.kind) {
      case 'answered':
      case 'asks':
        return bodyOf(plain, outcome)
      case 'refused':
        return errorAnswer(plain.id, INTERNAL_ERROR, NOT_TOLD, { reason: outcome.refusal.reason })
      case 'abandoned':
        return null
    }
  }

  function answer({ plain, reply, caller, refuse }: CallRequest, outcome: CallOutcome): void {
    switch (outcome.kind) {
      case 'answered':
      case 'asks':
        sendPreparedJson(reply, bodyOf(plain, outcome), runner.admission.limitFields(caller))
        return
      case 'refused':
        refuse(outcome.refusal, plain.id)
        return
      case 'abandoned':
        reply.code(CLIENT_CLOSED).send()
        return
    }
  }

  function bodyOf(plain: PlainCall, outcome: Spoken): string {
    return outcome.kind === 'answered'
      ? answers.text(plain.era, plain.id, shown(plain, outcome))
      : answers.result(plain.id, elicited(outcome.ask))
  }
}

/** Links came with 2025-06-18: an older client may refuse an answer that holds one. */
const shown = (plain: PlainCall, { text, isError, links }: Answered): TextAnswer => ({
  text,
  isError,
  links: plain.knowsLinks ? links : undefined,
})
