import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Secret } from '../../kernel/secret.ts'
import type { PortalDeps } from '../deps.ts'
import { type Delivery, verifyDelivery } from '../clerk/verify-webhook.ts'
import { type Happening, writeEvent, writeStrangersEvent } from '../events.ts'
import { clientErrorStatus, isOutage, logOutage } from '../outage.ts'
import { storeKeys } from '../records/keys.ts'
import { actOnEvent, type EventOutcome } from './act-on-event.ts'
import { readEvent } from './read-event.ts'

export const CLERK_WEBHOOK_PATH = '/webhooks/clerk'

/**
 * `POST /webhooks/clerk`: what happened at Clerk, so that a ban takes effect on the next call and not at the next look.
 * `200` also for what came before, `204` for what concerns nobody, `503` for what cannot be decided now: Clerk delivers
 * again for a day. There is no such path without a signing secret.
 */
export function webhookRoute(app: FastifyInstance, deps: PortalDeps): void {
  const { webhookSecret } = deps.config
  if (webhookSecret === undefined) return
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: MAX_BODY_BYTES }, (_request, body, done) => {
    done(null, body)
  })
  app.setErrorHandler(async (error, request, reply) => {
    if (isOutage(error)) {
      logOutage(request, error)
      return tryAgain(reply)
    }
    const status = clientErrorStatus(error)
    if (status === null) request.log.error({ err: error }, 'unexpected failure')
    return reply.code(status ?? 500).send({ error: status === null ? 'server_error' : 'invalid_request' })
  })
  app.post(CLERK_WEBHOOK_PATH, (request, reply) => receive(request, reply, { ...deps, webhookSecret }))
}

async function receive(
  request: FastifyRequest,
  reply: FastifyReply,
  deps: PortalDeps & { readonly webhookSecret: Secret<string> },
): Promise<FastifyReply> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
  const delivery = await verifyDelivery({ headers: request.headers, body }, deps.webhookSecret)
  if (delivery === null) {
    const refused = {
      outcome: 'refused',
      operation: 'receive',
      reason: 'signature',
      responseCode: 400,
    } as const
    await writeStrangersEvent(request, deps, { ...RECEIVED, ...refused, principal: null })
    return reply.code(400).send({ error: 'invalid_signature' })
  }
  return once(request, reply, { ...deps, delivery })
}

type Receiving = PortalDeps & { readonly delivery: Delivery }

/**
 * One after the other: an event that is being worked on is not answered a second time, since a `200` would end Clerk's
 * attempts at something that may yet fail.
 */
async function once(
  request: FastifyRequest,
  reply: FastifyReply,
  receiving: Receiving,
): Promise<FastifyReply> {
  const { delivery, store } = receiving
  const key = storeKeys.webhook(delivery.id)
  if (!(await store.putOnce(key, WORKING, WORKING_MS)))
    return (await store.get(key)) === DONE ? reply.code(200).send({ state: 'duplicate' }) : tryAgain(reply)
  const outcome = await act(request, receiving).catch(async (error: unknown) => {
    await giveBack(key, receiving)
    throw error
  })
  if (outcome === 'unavailable') {
    await giveBack(key, receiving)
    return tryAgain(reply)
  }
  await store.put(key, DONE, REMEMBERED_MS)
  return outcome === 'ignored' ? reply.code(204).send() : reply.code(200).send({ state: outcome })
}

async function act(request: FastifyRequest, receiving: Receiving): Promise<EventOutcome> {
  const { type } = receiving.delivery.event
  const wanted = readEvent(receiving.delivery.event)
  const outcome = await actOnEvent(wanted, receiving)
  if (wanted.act === 'nothing') return outcome
  await writeEvent(request, receiving, {
    ...RECEIVED,
    outcome: outcome === 'unavailable' ? 'failed' : 'success',
    operation: type.slice(0, 60),
    principal: wanted.sub,
    reason: outcome,
    responseCode: outcome === 'unavailable' ? 503 : 200,
  })
  return outcome
}

/** The next attempt begins anew. If the store does not take it back, it does so by itself in a minute. */
async function giveBack(key: string, { store, log }: Receiving): Promise<void> {
  await store.remove(key).catch((error: unknown) => log.warn({ err: error }, 'webhook: not given back'))
}

const tryAgain = (reply: FastifyReply): FastifyReply =>
  reply.code(503).header('retry-after', '5').send({ error: 'temporarily_unavailable' })

const RECEIVED = {
  eventType: 'webhook.received',
  authMethod: 'webhook_signature',
} as const satisfies Partial<Happening>
const WORKING = 'working'
const DONE = 'done'
const WORKING_MS = 60_000
/** Clerk's attempts at one event end within a day and a half. */
const REMEMBERED_MS = 3 * 24 * 3_600_000
/** A user with full metadata is far below. */
const MAX_BODY_BYTES = 256 * 1024
