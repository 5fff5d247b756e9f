import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { z } from 'zod'
import { browserCookies, signedInCookies, signedOutCookies } from './cookies.ts'
import { allowedOrigin, clientOf, type Instance, liveSession } from './instance.ts'
import { sendJson } from './json-answer.ts'
import { addClient } from './sign-in.ts'
import type { Client } from './state.ts'

/** Handshake results that wait to be fetched: once, and for a minute. */
export type Nonces = Map<string, { readonly directives: readonly string[]; readonly expiresAtMs: number }>

const query = z.object({
  redirect_url: z.string().max(8000),
  __clerk_db_jwt: z.string().max(100).optional(),
})

/** Clerk's frontend API, as far as a portal without Clerk's own JavaScript needs it. */
export function frontendRoutes(app: FastifyInstance, instance: Instance, nonces: Nonces): void {
  app.get('/.well-known/jwks.json', async (_request, reply) => sendJson(reply, 200, instance.mint.jwks))

  app.get('/v1/client/handshake', async (request, reply) => {
    const asked = query.safeParse(request.query)
    const origin = allowedOrigin(asked.data?.redirect_url, instance)
    if (!asked.success || origin === null)
      return sendJson(reply, 400, {
        errors: [{ code: 'invalid_url_scheme', message: 'redirect_url is not allowed' }],
      })
    const carrier = { devBrowser: asked.data.__clerk_db_jwt, secret: request.cookies['__client'] }
    const client =
      clientOf(carrier, instance) ??
      (instance.kind === 'development' ? await instance.state.change(() => addClient(instance)) : null)
    const result = keepResult(directives(client, origin, instance), instance, nonces)
    return sendBack(reply, { redirectUrl: asked.data.redirect_url, client, result }, instance)
  })
}

function directives(client: Client | null, origin: string, instance: Instance): string[] {
  const live = liveSession(client?.sessionId ?? null, instance)
  const browser = browserCookies(instance, client, origin)
  if (client === null || live === null) return [...browser, ...signedOutCookies(instance, origin)]
  const token = instance.mint.sessionToken(live.session, live.user, origin)
  return [...browser, ...signedInCookies({ instance, client, session: live.session, token, origin })]
}

interface HandshakeResult {
  readonly name: '__clerk_handshake' | '__clerk_handshake_nonce'
  readonly value: string
}

function keepResult(found: readonly string[], instance: Instance, nonces: Nonces): HandshakeResult {
  if (instance.handshake === 'token')
    return { name: '__clerk_handshake', value: instance.mint.handshakeToken(found) }
  const nowMs = instance.clock.nowMs()
  for (const [nonce, kept] of nonces) if (kept.expiresAtMs <= nowMs) nonces.delete(nonce)
  const nonce = randomBytes(24).toString('base64url')
  nonces.set(nonce, { directives: found, expiresAtMs: nowMs + NONCE_LIFE_MS })
  return { name: '__clerk_handshake_nonce', value: nonce }
}

/** Development: the result travels in the address. Production: in a cookie that portal and frontend API share. */
function sendBack(
  reply: FastifyReply,
  back: {
    readonly redirectUrl: string
    readonly client: Client | null
    readonly result: HandshakeResult
  },
  instance: Instance,
) {
  const location = new URL(back.redirectUrl)
  const { name, value } = back.result
  if (instance.kind === 'development') {
    location.searchParams.set('__clerk_db_jwt', back.client?.devBrowser ?? '')
    location.searchParams.set(name, value)
  } else reply.header('set-cookie', `${name}=${value}; Path=/; Max-Age=60; SameSite=Lax; HttpOnly`)
  return reply.header('cache-control', 'no-store').redirect(location.href, 307)
}

const NONCE_LIFE_MS = 60_000
