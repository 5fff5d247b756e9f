import type { MaximoFault, MaximoFaultKind } from '../../../maximo/fault.ts'
import { kindOfReason } from '../../../maximo/http/reason-kinds.ts'
import type { ObjectRefused } from '../run/guarded-maximo.ts'
import { visible } from '../result/visible.ts'
import { reasonSentences, type ReasonSentences } from './reason-sentences.ts'
import type { ProblemKind, ToolProblem } from './tool-problem.ts'

/** Who has to act, and how. One entry per kind: a new kind of fault does not compile without an answer. */
const ANSWERS: Record<
  MaximoFaultKind,
  { readonly kind: ProblemKind; readonly what: string; readonly next: string }
> = {
  credentials_rejected: {
    kind: 'credentials_rejected',
    what: 'Maximo does not accept the credential stored for this environment.',
    next: 'The owner of the connection replaces the Maximo key in the portal (Environments). Do not try again before that.',
  },
  not_permitted: {
    kind: 'not_permitted',
    what: 'The Maximo user of this connection may not read this.',
    next: 'Ask a Maximo administrator for the right, or use another object: describe_object without arguments lists what may be read.',
  },
  not_found: {
    kind: 'not_found',
    what: 'Maximo has nothing under that name.',
    next: 'Check the name: describe_object without arguments lists the objects.',
  },
  invalid_query: {
    kind: 'invalid_query',
    what: 'Maximo refused the query.',
    next: 'Simplify it: fewer conditions, other fields (describe_object says which can be filtered), no ordering by calculated fields.',
  },
  conflict: {
    kind: 'conflict',
    what: 'The record in Maximo is not as it was read.',
    next: 'Read the record again, look at what changed, and decide anew.',
  },
  refused: {
    kind: 'refused',
    what: 'A rule of Maximo refuses the change.',
    next: 'Read the record again and change what the rule asks for; a Maximo administrator knows the rules of this installation.',
  },
  rate_limited: {
    kind: 'rate_limited',
    what: 'This Maximo environment is being asked too much at the moment.',
    next: 'Wait, then call again with the same arguments.',
  },
  unavailable: {
    kind: 'upstream_down',
    what: 'Maximo is not available.',
    next: 'Try again in a minute. If it lasts, ask whoever runs Maximo.',
  },
  timeout: {
    kind: 'upstream_slow',
    what: 'Maximo did not answer in time.',
    next: 'Ask for less: a narrower filter, fewer fields, a smaller limit, no total. Then try again.',
  },
  bad_upstream: {
    kind: 'bad_upstream',
    what: 'What answered at the address of this environment is not the API of Maximo, or its answer was cut.',
    next: 'Try again in a minute. If it lasts, the address of the environment or a proxy in front of Maximo is wrong: ask whoever runs it.',
  },
  too_large: {
    kind: 'too_large',
    what: 'The answer of Maximo is too large.',
    next: 'Ask for fewer rows (limit), fewer fields (select) or a narrower filter.',
  },
  maintenance: {
    kind: 'maintenance',
    what: 'Maximo is in maintenance mode.',
    next: 'Try again when the maintenance is over.',
  },
  unreachable: {
    kind: 'upstream_down',
    what: 'Maximo cannot be reached.',
    next: 'Try again in a minute. If it lasts, ask whoever runs Maximo or its network.',
  },
  egress_refused: {
    kind: 'environment_refused',
    what: 'The address of this environment is not allowed here.',
    next: 'The operator of this server decides which addresses it may reach; the owner can register another one in the portal.',
  },
}

/** The problem behind a Maximo fault. Maximo's own words stay out of it; its reason code, which is a name, may come in. */
export function faultProblem(fault: MaximoFault): ToolProblem {
  const answer = ANSWERS[fault.kind]
  const reason = sentencesOf(fault)
  return {
    kind: answer.kind,
    what: reason === null ? answer.what : `${answer.what} ${reason.cause}`,
    why: reasonOf(fault),
    next: reason?.remedy ?? answer.next,
  }
}

/** What a reason code means and what to do about it; null for one that is not known. */
export function codeProblem(
  code: string,
): { readonly class: ProblemKind; readonly cause: string; readonly remedy: string } | null {
  const kind = kindOfReason(code)
  const sentences = reasonSentences(code)
  if (kind === null || sentences === null) return null
  const answer = ANSWERS[kind]
  return {
    class: answer.kind,
    cause: `${answer.what} ${sentences.cause}`,
    remedy: sentences.remedy ?? answer.next,
  }
}

/** The innermost reason that we can explain says most. */
function sentencesOf({ innerCode, code }: MaximoFault): ReasonSentences | null {
  const inner = innerCode === null ? null : reasonSentences(innerCode)
  return inner ?? (code === null ? null : reasonSentences(code))
}

/** The problem behind a question that led to an object outside the rules of the token. */
export const ruleProblem = ({ touch, rule }: ObjectRefused): ToolProblem => ({
  kind: 'not_permitted',
  what: `This call needs to ${touch.access} ${visible(touch.object ?? 'an object')}, which this token may not.`,
  why: `Its rule is ${rule}.`,
  next: 'Leave out what leads to that object, or ask the owner of the token for one with other rules.',
})

function reasonOf(fault: MaximoFault): string | null {
  const parts = [
    fault.objectStructure === null ? null : `asked for ${fault.objectStructure}`,
    fault.code === null ? null : `Maximo's reason code is ${codesOf(fault.code, fault.innerCode)}`,
    fault.retryAfterSeconds === null ? null : `it asks for a pause of ${fault.retryAfterSeconds} seconds`,
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : `${parts.join('; ')}.`
}

const codesOf = (code: string, inner: string | null): string =>
  inner === null ? code : `${code} because of ${inner}`

/** Whether a problem is Maximo's or ours, not the caller's: the audit log tells `failed` from `refused` by it. */
export const isFailure = (kind: ProblemKind): boolean => FAILURES.has(kind)

const FAILURES: ReadonlySet<ProblemKind> = new Set([
  'credentials_rejected',
  'upstream_down',
  'upstream_slow',
  'bad_upstream',
  'maintenance',
  'environment_refused',
  'internal',
])

export const INTERNAL: ToolProblem = {
  kind: 'internal',
  what: 'This server made a mistake.',
  why: null,
  next: 'Try again once. If it happens again, report the error id to the operator of this server.',
}

/** Whatever needs the store stops before it does anything. */
export const STORE_SILENT: ToolProblem = {
  kind: 'internal',
  what: 'This server cannot go on at the moment, because its own store does not answer. Nothing was written to Maximo.',
  why: null,
  next: 'Try again in a few seconds.',
}

export const DEADLINE: ToolProblem = {
  kind: 'upstream_slow',
  what: 'The call took too long and was stopped.',
  why: null,
  next: ANSWERS.timeout.next,
}
