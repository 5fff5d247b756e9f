import type { FastifyRequest } from 'fastify'
import type { Account } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import type { Happening } from '../events.ts'
import { readFields } from '../fields.ts'
import { noteStep, noteStranger, type Noted } from '../traces/note-step.ts'
import { CLIENT_NAME } from '../traces/trace-step.ts'
import type { AuthorizationProblem } from './read-authorization.ts'
import type { Transaction } from './transaction.ts'

/** What the steps from the authorization request to the owner's answer leave in the trace of a login. */
export function traceBegun(
  request: FastifyRequest,
  { trace, client, scp, audience }: Transaction,
  deps: PortalDeps,
): void {
  const known = { [CLIENT_NAME]: client.name, 'scope understood': scp, 'resource understood': audience }
  noteStranger(
    request,
    { step: 'authorization', outcome: 'passed', cid: client.cid, known },
    { ...deps, id: trace },
  )
}

export function traceTooMany(request: FastifyRequest, deps: PortalDeps): void {
  noteStranger(request, { ...REFUSED, reason: 'authorized_too_often' }, deps)
}

const REFUSED = { step: 'authorization', outcome: 'refused' } as const

/** What the client registered stands beside what it sent: most failures are a difference between the two. */
export async function traceRefused(
  request: FastifyRequest,
  why: AuthorizationProblem,
  deps: PortalDeps,
): Promise<void> {
  const fields = readFields(request.query)
  const cid = fields.ok ? fields.value.find('client_id') : undefined
  const found = cid === undefined || !isAboutClient(why) ? null : await deps.clients.find(cid, request.ip)
  const client = found?.ok === true ? found.value : null
  const known: NonNullable<Noted['known']> = {
    ...(client === null ? {} : { 'redirect_uris registered': client.redirectUris }),
    ...(why.to === 'client' ? { problem: `${why.problem.error}: ${why.problem.description}` } : {}),
  }
  const reason = why.to === 'client' ? 'request_refused' : why.problem
  noteStranger(request, { ...REFUSED, reason, known, cid: client?.cid }, deps)
}

const isAboutClient = (why: AuthorizationProblem): boolean =>
  why.to === 'client' || why.problem === 'redirect_uri_not_registered'

export function traceShown(
  request: FastifyRequest,
  shown: { readonly open: Transaction; readonly account: Account; readonly sub: string },
  deps: PortalDeps,
): void {
  const { open, account, sub } = shown
  const environments = account.environments.map(({ label }) => label)
  const known = {
    'environments to choose from': environments.length === 0 ? 'none' : environments.join(', '),
  }
  noteStep(
    request,
    open.trace,
    { step: 'consent', outcome: 'passed', sub, cid: open.client.cid, known },
    deps,
  )
}

/** `reason` of what was refused or failed; `grantId` and `masInstance` of what was allowed. */
type Decided = Pick<Happening, 'outcome' | 'operation' | 'reason' | 'grantId' | 'masInstance'> & {
  readonly open: Transaction | undefined
  readonly sub: string | undefined
}
const OUTCOMES: Readonly<Record<Happening['outcome'], Noted['outcome']>> = {
  success: 'passed',
  refused: 'refused',
  failed: 'failed',
  intent: 'passed',
}

export function traceDecision(
  request: FastifyRequest,
  decided: Partial<Decided> & Pick<Decided, 'outcome'>,
  deps: PortalDeps,
): void {
  const { outcome, operation, reason, grantId, masInstance, open, sub } = decided
  const noted: Noted = {
    step: 'decision',
    outcome: OUTCOMES[outcome],
    reason: operation === 'deny' ? 'denied' : reason,
    ...{ cid: open?.client.cid, sub, gid: grantId },
    known: typeof masInstance === 'string' ? { 'Maximo host': masInstance } : {},
  }
  if (sub !== undefined && open !== undefined) noteStep(request, open.trace, noted, deps)
  else noteStranger(request, noted, deps)
}
