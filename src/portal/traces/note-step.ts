import type { FastifyRequest } from 'fastify'
import type { Clock } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { describeSent, hideOpaque, tidy } from './sent.ts'
import type { Traces } from './traces.ts'
import type { TraceStep } from './trace-step.ts'

export interface TraceDeps {
  readonly traces: Traces
  readonly clock: Clock
}

export type Noted = Pick<TraceStep, 'step' | 'outcome' | 'reason' | 'sub' | 'cid' | 'gid'> & {
  /** What the request was compared with. */
  readonly known?: Readonly<Record<string, string | readonly string[]>>
}

/** Adds a step to the trace `id`; the request says what was sent. */
export function noteStep(request: FastifyRequest, id: string, noted: Noted, deps: TraceDeps): void {
  const { known = {}, cid, ...rest } = noted
  deps.traces.note(id, {
    ...rest,
    atMs: deps.clock.nowMs(),
    reference: request.id,
    address: request.ip,
    userAgent: readUserAgent(request),
    sent: OWN_FORMS.has(noted.step) ? {} : sentWith(request),
    known: Object.fromEntries(Object.entries(known).map(([name, value]) => [name, join(value)])),
    cid: cid?.slice(0, 512),
  })
}

/** What the owner's browser sends is a form of ours: nothing of the client's. */
const OWN_FORMS: ReadonlySet<TraceStep['step']> = new Set(['consent', 'decision'])

/** As {@link noteStep}, for somebody who has proven nothing: a flood from one address leaves a few steps. */
export function noteStranger(
  request: FastifyRequest,
  noted: Noted,
  deps: TraceDeps & { readonly id?: string },
): void {
  if (deps.traces.takesStranger(request.ip)) noteStep(request, deps.id ?? randomId(), noted, deps)
}

function sentWith(request: FastifyRequest): Record<string, string> {
  const { authorization } = request.headers
  return {
    ...describeSent(request.method === 'GET' ? request.query : request.body),
    // The scheme alone: what follows it is a secret.
    ...(authorization === undefined
      ? {}
      : { 'Authorization header': tidy(authorization.split(' ', 1)[0] ?? '').slice(0, 20) }),
  }
}

const readUserAgent = (request: FastifyRequest): string | null => {
  const name = request.headers['user-agent']
  return name === undefined ? null : hideOpaque(tidy(name)).slice(0, 300)
}

const join = (value: string | readonly string[]): string =>
  (typeof value === 'string' ? value : value.join(' ')).slice(0, 1100)
