import type { FastifyInstance } from 'fastify'
import type { Bearers } from '../auth/bearers.ts'

/** `POST /idp/token`: the token endpoint of the identity provider before Maximo (RFC 6749 §3.2). */
export function addTokenRoute(app: FastifyInstance, bearers: Bearers): void {
  app.post('/idp/token', async (request, reply) => {
    const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : ''
    const answered = bearers.answer(new URLSearchParams(body), request.headers.authorization ?? null)
    return reply.code(answered.status).header('cache-control', 'no-store').send(answered.body)
  })
}
