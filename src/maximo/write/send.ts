import type { Clock } from '../../kernel/clock.ts'
import type { MaximoClient } from '../contract.ts'
import type { Answer } from '../http/exchange.ts'
import { AnswerLost } from '../http/answer-lost.ts'
import { bodyOf, faultIn } from '../http/answer.ts'
import { MaximoFault } from '../fault.ts'
import type { Knowledge } from '../knowledge.ts'
import { renderParameters, type Parameter } from '../query/parameters.ts'
import type { MaximoSession, Posting } from '../session.ts'
import type { MissingRight, WriteCall } from './contract.ts'
import { CHOICES, failureOf, lostOutcome, QUESTION_ID, type Failure } from './failure.ts'
import type { Payload } from './payload.ts'

/** What a writer works with: the same session and knowledge as its reading half. */
export interface Tools {
  readonly session: MaximoSession
  readonly knowledge: Knowledge
  readonly client: MaximoClient
  readonly clock: Clock
}

/** Maximo has done it. */
export interface Answered {
  readonly kind: 'answered'
  /** Null: nothing was said. */
  readonly body: unknown
  readonly location: string | null
}

export interface Letter extends Pick<Posting, 'segments' | 'operation' | 'headers'> {
  readonly parameters?: readonly Parameter[]
  readonly payload: Payload | readonly Payload[]
  /** What the user needs a right for. */
  readonly right: MissingRight
}

/**
 * Sends JSON, once: interactive, so that a question is asked and not answered by default; with every problem at once.
 * @throws MaximoFault or the signal's reason while nothing can have changed
 */
export const sendJson = (letter: Letter, tools: Tools, call: WriteCall): Promise<Answered | Failure> => {
  const posting: Posting = {
    segments: letter.segments,
    operation: letter.operation,
    queryString: renderParameters([...(letter.parameters ?? []), ['interactive', '1']]),
    headers: ['content-type', 'application/json', 'batcherror', '1', ...letter.headers, ...callHeaders(call)],
    body: JSON.stringify(letter.payload),
  }
  return sendOnce(posting, { right: letter.right, tools }, call)
}

/** Sends a write as it is. */
export const sendOnce = async (
  posting: Posting,
  { right, tools }: { readonly right: MissingRight; readonly tools: Tools },
  call: WriteCall,
): Promise<Answered | Failure> => {
  try {
    return readAnswer(await tools.session.post(posting, call), right, tools)
  } catch (error) {
    if (error instanceof AnswerLost) return lostOutcome(error)
    throw error
  }
}

const readAnswer = (answer: Answer, right: MissingRight, { clock }: Tools): Answered | Failure => {
  const body = readBody(answer)
  if (body instanceof MaximoFault) return failureOf(body, null, right)
  const fault = faultIn(body, answer, { objectStructure: right.objectStructure, nowMs: clock.nowMs() })
  return fault === null
    ? { kind: 'answered', body, location: answer.location }
    : failureOf(fault, body, right)
}

const readBody = (answer: Answer): unknown => {
  try {
    return bodyOf(answer)
  } catch (error) {
    if (error instanceof MaximoFault) return error
    throw error
  }
}

/** The key and the answers of a call. @throws Error when they are none of ours: whoever calls has checked them */
export const callHeaders = ({ key, answers = {} }: WriteCall): readonly string[] => {
  if (key !== undefined && !KEY.test(key)) throw new Error('not a write key of ours')
  const given = Object.entries(answers).map(([id, choice]) => {
    const number = CHOICES.find(([name]) => name === choice)?.[1]
    if (!QUESTION_ID.test(id) || number === undefined)
      throw new Error('not an answer to a question of Maximo')
    return `${id}:${number}`
  })
  return [
    ...(key === undefined ? [] : ['transactionid', key]),
    ...(given.length === 0 ? [] : ['yncuserinput', given.join(';')]),
  ]
}

const KEY = /^[A-Za-z0-9_-]{1,64}$/
