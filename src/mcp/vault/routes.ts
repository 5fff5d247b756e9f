import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { DiskUnavailable } from '../../kernel/disk.ts'
import { Overloaded } from '../../kernel/load/load.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { recordAct, sendRefusal } from './answer.ts'
import { vaultAssets } from './assets.ts'
import { approveChange, refuseChange, showChange } from './change/decide.ts'
import type { VaultDeps } from './deps.ts'
import { formToken, openForm, VAULT_PATHS } from './forms.ts'
import { checkFromOurselves, checkFromPortal, isOwnReading, type GuardRefusal } from './guards.ts'
import { saveCredential } from './save.ts'
import type { VaultPurpose } from './session.ts'
import { confirmReplacement, goBack, remove } from './settle.ts'
import { NOTHING_TYPED, showForm, showGrants } from './show.ts'
import { VISIT_MS, type Visit } from './visits.ts'

/**
 * The vault: the only place where a Maximo credential is typed. Pages of the MCP origin without any script; every one
 * is the answer to a post that proved where it comes from, or a refusal.
 */
export async function registerVault(app: FastifyInstance, deps: VaultDeps): Promise<void> {
  await app.register(async (scope) => {
    await scope.register(cookie)
    await scope.register(formbody, { bodyLimit: MAX_FORM_BYTES })
    answerFaults(scope, deps)
    vaultAssets(scope)
    scope.post(VAULT_PATHS.open, (request, reply) => begin(request, reply, deps))
    scope.get(VAULT_PATHS.grants, (request, reply) => readGrants(request, reply, deps))
    for (const path of [VAULT_PATHS.open, ...STEPS.map((step) => step.path)])
      scope.get(path, (request, reply) => refuse(request, reply.header('allow', 'POST'), 'typed', deps))
    for (const step of STEPS) scope.post(step.path, (request, reply) => take(step, request, reply, deps))
  })
}

/** `POST /vault`: a handle from the portal's button becomes a visit of ten minutes. */
async function begin(request: FastifyRequest, reply: FastifyReply, deps: VaultDeps): Promise<FastifyReply> {
  const origin = checkFromPortal(request, deps.portalUrl)
  if (!origin.ok) return refuse(request, reply, origin.error, deps)
  const form = openForm.safeParse(request.body)
  const visit = form.success ? await deps.visits.begin(form.data.handle) : null
  if (visit === null) return refuse(request, reply, 'handle', deps)
  const event = { eventType: 'vault.opened', operation: visit.session.purpose } as const
  await recordAct(request, visit.session, { ...event, outcome: 'success', responseCode: 200 }, deps)
  reply.setCookie(COOKIE, visit.secret, {
    path: '/',
    secure: true,
    httpOnly: true,
    sameSite: 'strict',
    maxAge: VISIT_MS / 1000,
  })
  if (visit.session.purpose === 'change') return showChange(reply, visit, deps)
  return showForm(reply, visit, { status: 200, typed: NOTHING_TYPED, problem: null }, deps)
}

interface Step {
  readonly path: string
  /** Visits that have this step. */
  readonly purposes: readonly VaultPurpose[]
  /** Whether it still works after something was done in the visit. */
  readonly afterDone: boolean
  readonly run: (
    request: FastifyRequest,
    reply: FastifyReply,
    visit: Visit,
    deps: VaultDeps,
  ) => Promise<FastifyReply>
}

const STEPS: readonly Step[] = [
  { path: VAULT_PATHS.save, purposes: ['add', 'replace'], afterDone: false, run: saveCredential },
  { path: VAULT_PATHS.confirm, purposes: ['replace'], afterDone: true, run: confirmReplacement },
  { path: VAULT_PATHS.back, purposes: ['replace'], afterDone: true, run: goBack },
  { path: VAULT_PATHS.remove, purposes: ['remove'], afterDone: false, run: remove },
  { path: VAULT_PATHS.approveChange, purposes: ['change'], afterDone: false, run: approveChange },
  { path: VAULT_PATHS.refuseChange, purposes: ['change'], afterDone: false, run: refuseChange },
]

/** Every later post: from our own page, by the visit's cookie, with the token of that page's form. */
async function take(
  step: Step,
  request: FastifyRequest,
  reply: FastifyReply,
  deps: VaultDeps,
): Promise<FastifyReply> {
  const visit = await proveVisit(step, request, deps)
  if (!visit.ok) return refuse(request, reply, visit.error, deps)
  const { purpose, isDone } = visit.value.session
  if (!step.purposes.includes(purpose)) return refuse(request, reply, 'purpose', deps)
  if (isDone && !step.afterDone) return refuse(request, reply, 'done', deps)
  return step.run(request, reply, visit.value, deps)
}

async function proveVisit(
  { path }: Step,
  request: FastifyRequest,
  { visits, mcpUrl }: VaultDeps,
): Promise<Result<Visit, GuardRefusal>> {
  const origin = checkFromOurselves(request, mcpUrl)
  if (!origin.ok) return origin
  const visit = await findVisit(request, visits)
  if (visit === null) return err('no_visit')
  const form = formToken.safeParse(request.body)
  return form.success && visits.isFormToken(visit, path, form.data.form) ? ok(visit) : err('form_token')
}

async function findVisit(request: FastifyRequest, visits: VaultDeps['visits']): Promise<Visit | null> {
  const secret = request.cookies[COOKIE]
  return secret === undefined || secret.length > MAX_SECRET_CHARS ? null : visits.find(secret)
}

async function readGrants(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: VaultDeps,
): Promise<FastifyReply> {
  if (!isOwnReading(request)) return refuse(request, reply, 'fetch_metadata', deps)
  const visit = await findVisit(request, deps.visits)
  return visit === null ? refuse(request, reply, 'no_visit', deps) : showGrants(reply, visit.session, deps)
}

type VaultRefusal = GuardRefusal | 'typed' | 'handle' | 'purpose' | 'done'

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: VaultRefusal,
  deps: VaultDeps,
): Promise<FastifyReply> {
  const { status, text } = ANSWERS[refusal]
  if (deps.strangers.isWorthRecording(request.ip)) {
    const event = { eventType: 'vault.opened', operation: 'refuse', outcome: 'refused' } as const
    await recordAct(request, null, { ...event, responseCode: status, reason: refusal }, deps)
  }
  return sendRefusal(reply, status, { text, portalUrl: deps.portalUrl })
}

const START_AGAIN = 'Go back to the portal and start again.'
const ANSWERS: Record<VaultRefusal, { readonly status: number; readonly text: string }> = {
  // Somebody typed the address, or pressed Enter in it: people get a page that says where to go.
  typed: { status: 405, text: `This page has no address of its own. ${START_AGAIN}` },
  origin: { status: 403, text: `This page can only be opened from the portal. ${START_AGAIN}` },
  fetch_metadata: { status: 403, text: `This page can only be opened in a window. ${START_AGAIN}` },
  handle: {
    status: 410,
    text: `This visit was begun before, or the minute for it has passed. ${START_AGAIN}`,
  },
  no_visit: { status: 403, text: `This visit has ended; it lasts ten minutes. ${START_AGAIN}` },
  form_token: { status: 403, text: `This form does not belong to your visit. ${START_AGAIN}` },
  purpose: { status: 403, text: `Your visit was begun for something else. ${START_AGAIN}` },
  done: { status: 409, text: `This was done already. ${START_AGAIN}` },
}

/** Faults say that nothing is known, and nothing of what went wrong. */
function answerFaults(scope: FastifyInstance, { log, portalUrl }: VaultDeps): void {
  scope.setErrorHandler<FastifyError>(async (error, request, reply) => {
    if (error instanceof StoreUnavailable || error instanceof DiskUnavailable) {
      log.error({ err: error, correlationId: request.id }, 'vault: cannot go on')
      const text = 'The server cannot go on now. Nothing was saved; try again in a moment.'
      return sendRefusal(reply.header('retry-after', '5'), 503, { text, portalUrl })
    }
    if (error instanceof Overloaded)
      return sendRefusal(reply, 503, {
        text: 'The server has more to do than it can now. Nothing was saved; try again in a moment.',
        portalUrl,
      })
    const status = error.statusCode ?? 500
    if (status >= 500) log.error({ err: error, correlationId: request.id }, 'vault: unexpected')
    const text =
      status < 500 ? `The form could not be read. ${START_AGAIN}` : 'Something went wrong on our side.'
    return sendRefusal(reply, status < 500 ? status : 500, { text, portalUrl })
  })
}

const COOKIE = '__Host-mx_vault'
const MAX_FORM_BYTES = 8 * 1024
const MAX_SECRET_CHARS = 100
