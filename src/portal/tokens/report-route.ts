import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import formbody from '@fastify/formbody'
import { addressPrefix } from '../../kernel/address.ts'
import { secondsText } from '../../kernel/rate-limit-fields.ts'
import type { PortalDeps } from '../deps.ts'
import { writeEvent, writeStrangersEvent } from '../events.ts'
import { readFields } from '../fields.ts'
import { oauthScope, sendOAuthError } from '../oauth-scope.ts'
import { storeKeys } from '../records/keys.ts'
import { findByValue } from '../revoke/find-by-value.ts'

const REPORT_PATH = '/tokens/report'

/**
 * `POST /tokens/report` with `token=…`, as a form or as JSON: whoever found a token of ours ends it by showing it. Needs no
 * account and tells nothing: whatever is shown, the answer is the same.
 */
export async function reportRoute(app: FastifyInstance, deps: PortalDeps): Promise<void> {
  await app.register(formbody, { bodyLimit: MAX_BODY_BYTES })
  oauthScope(app, [{ method: 'POST', path: REPORT_PATH }])
  app.post(REPORT_PATH, { bodyLimit: MAX_BODY_BYTES }, async (request, reply) => {
    const waitS = await findWait(request, deps)
    if (waitS !== null) return refuse(request, reply, { ...deps, waitS })
    const fields = readFields(request.body)
    const token = fields.ok ? fields.value.find('token') : undefined
    if (token === undefined) {
      await note(request, deps, { outcome: 'refused', responseCode: 400, reason: 'parameter_missing' })
      return sendOAuthError(reply, { status: 400, ...MISSING })
    }
    await end(token, request, deps)
    return reply.header('cache-control', 'no-store').send(RECEIVED)
  })
}

const RECEIVED = { received: true }
const MISSING = { error: 'invalid_request', description: 'Send the token that you found as “token”.' }
const TOO_MANY = 'Too many reports from this address.'

async function findWait(request: FastifyRequest, { store }: PortalDeps): Promise<number | null> {
  const { count, resetMs } = await store.count(storeKeys.reports(addressPrefix(request.ip)), WINDOW_MS)
  return count > MAX_REPORTS ? Math.max(1, Math.ceil(resetMs / 1000)) : null
}

async function refuse(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly waitS: number },
): Promise<FastifyReply> {
  await note(request, deps, { outcome: 'refused', responseCode: 429, reason: 'reported_too_often' })
  const description = `${TOO_MANY} Try again in ${secondsText(deps.waitS)}; one token is reported once.`
  const limit = { policy: REPORTS, retryAfterS: deps.waitS }
  return sendOAuthError(reply, { status: 429, error: 'slow_down', description, limit })
}

/** What was shown is proof enough: whoever holds a token could do worse than end it. */
async function end(token: string, request: FastifyRequest, deps: PortalDeps): Promise<void> {
  const found = await findByValue(token, deps)
  if (found === null)
    return note(request, deps, { outcome: 'refused', responseCode: 200, reason: 'unknown_token' })
  const { gid, maxS, rid } = found
  const force = await deps.revocations.endGrant({ gid, maxS, by: 'portal', reason: 'reported' })
  await writeEvent(request, deps, {
    ...REPORTED,
    outcome: force === 'pending' ? 'failed' : 'success',
    responseCode: 200,
    reason: force,
    grantId: gid,
    ...(rid === null ? {} : { tokenId: rid }),
  })
}

const REPORTED = {
  eventType: 'token.revoked',
  operation: 'report',
  principal: null,
  authMethod: 'none',
} as const

async function note(
  request: FastifyRequest,
  deps: PortalDeps,
  decided: { readonly outcome: 'refused'; readonly responseCode: number; readonly reason: string },
): Promise<void> {
  await writeStrangersEvent(request, deps, { ...REPORTED, ...decided })
}

const MAX_BODY_BYTES = 8 * 1024
/** A scanner reports what it finds one by one; a person reports one. */
const MAX_REPORTS = 60
const WINDOW_MS = 60_000
const REPORTS = { name: 'reports', quota: MAX_REPORTS, windowS: WINDOW_MS / 1000 }
