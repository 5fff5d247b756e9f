import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import { z } from 'zod'
import { billingRoutes } from './backend-billing.ts'
import { sessionRoutes } from './backend-sessions.ts'
import { userRoutes } from './backend-users.ts'
import type { Nonces } from './frontend-api.ts'
import type { Instance } from './instance.ts'
import { sendError, sendJson } from './json-answer.ts'

/** Clerk's backend API under `/v1`: every call needs the secret key. */
export async function backendRoutes(app: FastifyInstance, instance: Instance, nonces: Nonces): Promise<void> {
  await app.register((backend, _options, done) => {
    guard(backend, instance)
    keyRoutes(backend, instance, nonces)
    userRoutes(backend, instance)
    sessionRoutes(backend, instance)
    billingRoutes(backend, instance)
    done()
  })
}

function guard(app: FastifyInstance, instance: Instance): void {
  app.addHook('onRequest', async (request, reply) => {
    if (isSecret(request.headers.authorization, instance)) return
    // The key endpoint has a code of its own, which Clerk's library looks for.
    const code = request.url.startsWith('/v1/jwks') ? 'clerk_key_invalid' : 'authentication_invalid'
    await sendError(reply, 401, code)
  })
}

function keyRoutes(app: FastifyInstance, instance: Instance, nonces: Nonces): void {
  app.get('/v1/jwks', async (_request, reply) => sendJson(reply, 200, instance.mint.jwks))
  app.get('/v1/clients/handshake_payload', async (request, reply) => {
    const asked = z.object({ nonce: z.string() }).safeParse(request.query)
    const kept = nonces.get(asked.data?.nonce ?? '')
    nonces.delete(asked.data?.nonce ?? '')
    if (kept === undefined || kept.expiresAtMs <= instance.clock.nowMs())
      return sendError(reply, 404, 'resource_not_found')
    return sendJson(reply, 200, { directives: kept.directives })
  })
}

function isSecret(authorization: string | undefined, instance: Instance): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(authorization ?? ''), digest(`Bearer ${instance.state.data.secretKey}`))
}
