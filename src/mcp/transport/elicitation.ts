import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  inputRequired,
  type InputRequiredResult,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { Asking, Elicitation, Reply } from '../tools/run/asking.ts'
import { isRecord, type JsonRecord } from './message.ts'

const QUESTION = 'confirm'

/** A question as MCP 2026-07-28 carries it: the call ends with it, and is made again with the answer. */
export const elicited = ({ message, state }: Elicitation): InputRequiredResult =>
  inputRequired({
    inputRequests: { [QUESTION]: inputRequired.elicit({ message, requestedSchema: CONFIRMATION }) },
    requestState: state,
  })

/** Whether the envelope of a request declares forms; `{}` alone means them (client capabilities, elicitation). */
export function declaresForms(meta: unknown): boolean {
  const capabilities = isRecord(meta) ? meta[CLIENT_CAPABILITIES_META_KEY] : undefined
  const elicitation = isRecord(capabilities) ? capabilities['elicitation'] : undefined
  return isRecord(elicitation) && (Object.keys(elicitation).length === 0 || isRecord(elicitation['form']))
}

/** What the SDK read out of a call that is made again. */
export interface MadeAgain {
  readonly envelope?: JsonRecord | undefined
  readonly inputResponses?: JsonRecord | undefined
  readonly state: unknown
}

export function askingOf({ envelope, inputResponses, state }: MadeAgain): Asking {
  return {
    canElicit: declaresForms(envelope),
    reply: typeof state === 'string' && inputResponses !== undefined ? replyOf(state, inputResponses) : null,
  }
}

/** Anything but a clear yes is a no. */
const replyOf = (state: string, responses: JsonRecord): Reply => ({
  state,
  isAccepted: acceptedContent(responses, QUESTION, confirmation)?.confirm === true,
})

const confirmation = z.object({ confirm: z.boolean() })
const CONFIRMATION = {
  type: 'object' as const,
  properties: { confirm: { type: 'boolean' as const, title: 'Write this change to Maximo' } },
  required: ['confirm'],
}
