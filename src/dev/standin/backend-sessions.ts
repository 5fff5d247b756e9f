import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { signedInCookies } from './cookies.ts'
import { allowedOrigin, type Instance, liveSession } from './instance.ts'
import { sendError, sendJson } from './json-answer.ts'
import { endSession } from './sessions.ts'
import type { Session } from './state.ts'
import { sessionJson } from './user-json.ts'

const one = z.object({ id: z.string() })
const page = z.object({
  user_id: z.string().optional(),
  client_id: z.string().optional(),
  status: z.string().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(10),
  offset: z.coerce.number().int().min(0).default(0),
})
const refresh = z.object({
  expired_token: z.string(),
  refresh_token: z.string(),
  request_origin: z.string(),
  request_headers: z.record(z.string(), z.array(z.string())),
  format: z.literal('cookie'),
})

export function sessionRoutes(app: FastifyInstance, instance: Instance): void {
  app.get('/v1/sessions', async (request, reply) => {
    const asked = page.safeParse(request.query)
    if (!asked.success) return sendError(reply, 422, 'form_param_format_invalid')
    const found = matching(asked.data, instance)
    const { offset, limit } = asked.data
    return sendJson(reply, 200, {
      data: found.slice(offset, offset + limit).map(sessionJson),
      total_count: found.length,
    })
  })
  app.get('/v1/sessions/:id', async (request, reply) => {
    const session = findSession(request, instance)
    return session === undefined
      ? sendError(reply, 404, 'resource_not_found')
      : sendJson(reply, 200, sessionJson(session))
  })
  app.post('/v1/sessions/:id/revoke', async (request, reply) => {
    const session = findSession(request, instance)
    if (session === undefined) return sendError(reply, 404, 'resource_not_found')
    await instance.state.change(() => endSession(session, 'revoked', instance))
    return sendJson(reply, 200, sessionJson(session))
  })
  app.post('/v1/sessions/:id/refresh', (request, reply) => refreshSession(request, reply, instance))
}

/** A new token for a browser that proves itself by its old token and its refresh cookie; both must fit the session. */
async function refreshSession(
  request: FastifyRequest,
  reply: FastifyReply,
  instance: Instance,
): Promise<FastifyReply> {
  const session = findSession(request, instance)
  const asked = refresh.safeParse(request.body)
  if (session === undefined) return sendError(reply, 404, 'resource_not_found')
  if (!asked.success) return sendError(reply, 422, 'form_param_format_invalid')
  const live = liveSession(session.id, instance)
  const client = instance.state.data.clients.find((other) => other.id === session.clientId)
  const origin = allowedOrigin(asked.data.request_origin, instance)
  const fits =
    !instance.settings.refreshDenied &&
    asked.data.refresh_token === session.refreshToken &&
    instance.mint.sessionOf(asked.data.expired_token) === session.id
  if (live === null || client === undefined || origin === null || !fits)
    return sendError(reply, 401, 'authentication_invalid')
  const token = instance.mint.sessionToken(session, live.user, origin)
  return sendJson(reply, 200, {
    object: 'cookies',
    cookies: signedInCookies({ instance, client, session, token, origin }),
  })
}

function findSession(request: FastifyRequest, instance: Instance): Session | undefined {
  const asked = one.safeParse(request.params)
  return instance.state.data.sessions.find((session) => session.id === asked.data?.id)
}

function matching(asked: z.output<typeof page>, instance: Instance): Session[] {
  return instance.state.data.sessions.filter(
    (session) =>
      (asked.user_id === undefined || session.userId === asked.user_id) &&
      (asked.client_id === undefined || session.clientId === asked.client_id) &&
      (asked.status === undefined || session.status === asked.status),
  )
}
