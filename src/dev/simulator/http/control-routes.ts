import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Accounts, RequestCounter } from '../contract.ts'
import type { Faults } from '../faults.ts'

const rule = z.object({
  fault: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('latency'), ms: z.number().int().min(0).max(600_000) }),
    z.strictObject({ kind: z.literal('html-error'), status: z.literal([500, 502, 503, 504]) }),
    z.strictObject({ kind: z.literal('login-page') }),
    z.strictObject({ kind: z.literal('redirect'), location: z.string() }),
    z.strictObject({ kind: z.literal('truncated-json') }),
    z.strictObject({ kind: z.literal('reset'), when: z.enum(['before-answer', 'mid-body']) }),
    z.strictObject({ kind: z.literal('silence') }),
    z.strictObject({ kind: z.literal('too-many-requests'), retryAfter: z.string().nullable() }),
    z.strictObject({ kind: z.literal('admin-mode') }),
    z.strictObject({ kind: z.literal('huge-body'), bytes: z.number().int().positive() }),
    z.strictObject({ kind: z.literal('content-type'), value: z.string() }),
    z.strictObject({ kind: z.literal('bad-utf8') }),
    z.strictObject({ kind: z.literal('foreign-next-page'), origin: z.string() }),
    z.strictObject({ kind: z.literal('next-page-loop') }),
    z.strictObject({ kind: z.literal('wrong-total'), by: z.number().int() }),
    z.strictObject({ kind: z.literal('error-in-200') }),
  ]),
  times: z.number().int().positive().optional(),
  when: z.string().optional(),
})
const account = z.object({ account: z.string() })

/**
 * The knobs over HTTP, for a simulator in another process: `GET /control/requests`, `POST` and `DELETE /control/faults`,
 * `POST /control/regenerate-key`. Only from loopback, and only with a header that no web page can send unasked.
 */
export function addControlRoutes(
  app: FastifyInstance,
  knobs: { readonly faults: Faults; readonly accounts: Accounts; readonly requests: RequestCounter },
): void {
  app.addHook('onRequest', async (request, reply) => {
    if (request.url.startsWith('/control/') && !isOurs(request))
      await reply.code(404).send({ error: 'not found' })
  })
  app.get('/control/requests', () => ({ count: knobs.requests(), seen: knobs.requests.seen() }))
  app.post('/control/faults', async (request, reply) => {
    const { fault, times, when } = rule.parse(readJson(request))
    knobs.faults.add({
      fault,
      ...(times === undefined ? {} : { times }),
      ...(when === undefined ? {} : { when }),
    })
    return reply.code(204).send()
  })
  app.delete('/control/faults', async (_request, reply) => {
    knobs.faults.clear()
    return reply.code(204).send()
  })
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
