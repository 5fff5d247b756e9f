import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Accounts, RequestCounter } from '../contract.ts'
import { readFaultRule } from '../fault-rule.ts'
import type { Faults } from '../faults.ts'
import type { Throttle } from '../throttle.ts'

const throttleRule = z.strictObject({
  perMinute: z.number().int().min(0),
  status: z.literal([429, 503]),
  retryAfter: z.enum(['seconds', 'date', 'none']),
})
const account = z.object({ account: z.string() })

export interface Knobs {
  readonly faults: Faults
  readonly throttle: Throttle
  readonly accounts: Accounts
  readonly requests: RequestCounter
}

/**
 * The knobs over HTTP, for a simulator in another process: `GET /control/requests`, `POST` and `DELETE` on `/control/faults`
 * and `/control/throttle`, `POST /control/regenerate-key` and `/control/refresh-token`. Only from loopback, and only with a header that no web page can send unasked.
 */
export function addControlRoutes(app: FastifyInstance, knobs: Knobs): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/control/') && !isOurs(request))
      await reply.code(404).send({ error: 'not found' })
  })
  app.setErrorHandler(async (error, request, reply) => {
    if (!request.url.startsWith('/control/')) throw error
    await reply.code(400).send({ error: error instanceof Error ? error.message : 'not understood' })
  })
  app.get('/control/requests', () => ({ count: knobs.requests(), seen: knobs.requests.seen() }))
  app.post('/control/faults', async (request, reply) => {
    knobs.faults.add(readFaultRule(readJson(request)))
    return reply.code(204).send()
  })
  app.delete('/control/faults', async (_request, reply) => {
    knobs.faults.clear()
    return reply.code(204).send()
  })
  app.post('/control/throttle', async (request, reply) => {
    knobs.throttle.set(throttleRule.parse(readJson(request)))
    return reply.code(204).send()
  })
  app.delete('/control/throttle', async (_request, reply) => {
    knobs.throttle.set(null)
    return reply.code(204).send()
  })
  app.post('/control/refresh-token', (request) => ({
    refreshToken: knobs.accounts.refreshToken(account.parse(readJson(request)).account),
  }))
  app.post('/control/regenerate-key', async (request) => ({
    apiKey: await knobs.accounts.regenerateKey(account.parse(readJson(request)).account),
  }))
}

const LOOPBACK = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1'])

const isOurs = (request: FastifyRequest): boolean =>
  LOOPBACK.has(request.ip) && request.headers['x-simulator-control'] === '1'

/** Bodies are kept as bytes: attachments are, and a form-encoded query must not be parsed as anything else. */
const readJson = (request: FastifyRequest): unknown =>
  JSON.parse(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '')
