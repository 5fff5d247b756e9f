import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { PortalDeps } from '../deps.ts'
import { readFields } from '../fields.ts'
import { sendHtml } from '../page-scope.tsx'
import { pageSession } from '../page-session.ts'
import type { GuardDeps } from '../session/answers.ts'
import { ago } from '../ui/ago.ts'
import {
  ATTEMPTS_PATH,
  type AttemptRow,
  attemptGonePage,
  attemptPage,
  attemptsPage,
} from '../ui/attempts-page.tsx'
import { describeStep, STEP_NAMES } from './describe-step.ts'
import type { TraceSummary } from './trace-index.ts'
import type { TraceStep } from './trace-step.ts'

type Deps = PortalDeps & { readonly guard: GuardDeps }

/** `GET /attempts`: the owner's login attempts, or the one a reference leads to; `GET /attempts/<id>`: one of them. */
export function attemptRoutes(app: FastifyInstance, deps: Deps): void {
  app.get(ATTEMPTS_PATH, async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    const fields = readFields(request.query)
    const reference = fields.ok ? fields.value.find('reference')?.trim() : undefined
    if (reference !== undefined)
      return showOne(request, reply, { ...deps, sub: session.userId, name: reference })
    const account = await deps.accounts.findAccount(session.userId)
    const rows = deps.traces.listFor(session.userId).map((trace) => describe(trace, deps.clock.nowMs()))
    return sendHtml(reply, 200, attemptsPage({ account: account?.email ?? session.userId, rows }))
  })
  app.get<{ Params: { id: string } }>(`${ATTEMPTS_PATH}/:id`, async (request, reply) => {
    const session = await pageSession(request, reply, deps)
    if (session === null) return reply
    return showOne(request, reply, { ...deps, sub: session.userId, name: request.params.id })
  })
}

/**
 * One's own, or one that nobody signed in to: whoever has its reference saw the error page it stands on. Another
 * person's is as unknown as one that never was.
 */
async function showOne(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: Deps & { readonly sub: string; readonly name: string },
): Promise<FastifyReply> {
  const found = deps.traces.resolve(deps.name)
  const isVisible = found !== undefined && (found.sub === null || found.sub === deps.sub)
  const trace = isVisible ? await deps.traces.read(found.id) : null
  if (trace === null) return sendHtml(reply, 404, attemptGonePage(request.id))
  const account = await deps.accounts.findAccount(deps.sub)
  const nowMs = deps.clock.nowMs()
  return sendHtml(
    reply,
    200,
    attemptPage({
      account: account?.email ?? deps.sub,
      id: trace.id,
      steps: trace.steps.map((step) => ({ ...describeStep(step), when: ago(step.atMs, nowMs) })),
    }),
  )
}

const HAS_TOKEN: ReadonlySet<TraceStep['step']> = new Set(['exchange', 'refresh'])

function describe({ id, last, beganMs, clientName }: TraceSummary, nowMs: number): AttemptRow {
  return {
    id,
    began: ago(beganMs, nowMs),
    client: clientName ?? last.cid ?? 'unknown client',
    at: STEP_NAMES[last.step],
    state: last.outcome === 'passed' ? (HAS_TOKEN.has(last.step) ? 'connected' : 'open') : 'stopped',
    why: last.outcome === 'passed' ? null : describeStep(last).why,
  }
}
