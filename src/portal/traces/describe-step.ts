import { explain } from './explain.ts'
import type { TraceStep } from './trace-step.ts'

/** A step in words, for a page and for a terminal. */
export interface StepInWords {
  readonly name: string
  readonly outcome: TraceStep['outcome']
  /** Why it did not pass, and what to do; empty for what passed. */
  readonly why: string
  readonly todo: string
  readonly reason: string | null
  readonly sent: readonly (readonly [string, string])[]
  readonly known: readonly (readonly [string, string])[]
  readonly from: string
  readonly reference: string
}

export const STEP_NAMES: Readonly<Record<TraceStep['step'], string>> = {
  registration: 'Registration of the client',
  authorization: 'Authorization request',
  consent: 'Consent page shown',
  decision: 'The owner’s answer',
  exchange: 'Exchange of the code for a token',
  refresh: 'Refresh of the token',
}

const FAILED: Readonly<Record<Exclude<TraceStep['outcome'], 'passed'>, string>> = {
  refused: 'It was refused.',
  failed: 'It could not be decided.',
}

export function describeStep(step: TraceStep): StepInWords {
  const { outcome, reason, reference, address, userAgent } = step
  const explained = reason === undefined ? null : explain(reason)
  return {
    name: STEP_NAMES[step.step],
    outcome,
    why: outcome === 'passed' ? '' : (explained?.why ?? FAILED[outcome]),
    todo: outcome === 'passed' ? '' : (explained?.todo ?? ''),
    reason: reason ?? null,
    sent: Object.entries(step.sent),
    known: Object.entries(step.known),
    from: userAgent === null ? address : `${address}, ${userAgent}`,
    reference,
  }
}
