import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Instance } from './instance.ts'
import { sendError, sendJson } from './json-answer.ts'
import { MAX_METADATA_BYTES, mergeMetadata, metadataBytes } from './metadata.ts'
import { endSessions } from './sessions.ts'
import type { User } from './state.ts'
import { userJson } from './user-json.ts'

const one = z.object({ id: z.string() })
const page = z.object({
  limit: z.coerce.number().int().min(1).max(500).default(10),
  offset: z.coerce.number().int().min(0).default(0),
  query: z.string().optional(),
  email_address: z.union([z.string().transform((address) => [address]), z.array(z.string())]).optional(),
})
const fields = z.record(z.string(), z.unknown())
const metadataChange = z.object({
  public_metadata: fields.optional(),
  private_metadata: fields.optional(),
  unsafe_metadata: fields.optional(),
})
type MetadataChange = z.output<typeof metadataChange>

export function userRoutes(app: FastifyInstance, instance: Instance): void {
  app.get('/v1/users', async (request, reply) => {
    const asked = page.safeParse(request.query)
    if (!asked.success) return sendError(reply, 422, 'form_param_format_invalid')
    const { offset, limit } = asked.data
    // A bare array: the count has an endpoint of its own.
    return sendJson(
      reply,
      200,
      matching(asked.data, instance)
        .slice(offset, offset + limit)
        .map(userJson),
    )
  })
  app.get('/v1/users/count', async (request, reply) => {
    const asked = page.safeParse(request.query)
    if (!asked.success) return sendError(reply, 422, 'form_param_format_invalid')
    return sendJson(reply, 200, {
      object: 'total_count',
      total_count: matching(asked.data, instance).length,
    })
  })
  app.get('/v1/users/:id', (request, reply) => withUser(request, reply, instance, (user) => userJson(user)))
  app.delete('/v1/users/:id', (request, reply) =>
    withUser(request, reply, instance, (user) => removeUser(user, instance)),
  )
  standingRoutes(app, instance)
  app.patch('/v1/users/:id/metadata', (request, reply) => changeMetadata(request, reply, instance, 'merge'))
  app.put('/v1/users/:id/metadata', (request, reply) => changeMetadata(request, reply, instance, 'replace'))
}

function standingRoutes(app: FastifyInstance, instance: Instance): void {
  const standing = (path: string, work: (user: User) => void): void => {
    app.post(`/v1/users/:id/${path}`, (request, reply) =>
      withUser(request, reply, instance, (user) => {
        work(user)
        return userJson(user)
      }),
    )
  }
  standing('ban', (user) => banUser(user, instance))
  standing('unban', (user) => setStanding(user, { banned: false }, instance))
  standing('lock', (user) => setStanding(user, { locked: true }, instance))
  standing('unlock', (user) => setStanding(user, { locked: false }, instance))
}

/** Bans, locks and their ends have no events of their own at Clerk: the user is told to have changed. */
export function setStanding(
  user: User,
  change: { readonly banned?: boolean; readonly locked?: boolean },
  instance: Instance,
): void {
  Object.assign(user, change, { updatedAtMs: instance.clock.nowMs() })
  instance.webhooks.send('user.updated', userJson(user))
}

/** A ban ends every session; the account cannot sign in again until it is lifted. */
export function banUser(user: User, instance: Instance): void {
  endSessions(user, 'revoked', instance)
  setStanding(user, { banned: true }, instance)
}

export function removeUser(user: User, instance: Instance): object {
  endSessions(user, 'removed', instance)
  instance.state.data.users = instance.state.data.users.filter((other) => other !== user)
  const deleted = { object: 'user', id: user.id, deleted: true }
  instance.webhooks.send('user.deleted', deleted)
  return deleted
}

async function withUser(
  request: FastifyRequest,
  reply: FastifyReply,
  instance: Instance,
  work: (user: User) => object,
): Promise<FastifyReply> {
  const user = findUser(request, instance)
  if (user === undefined) return sendError(reply, 404, 'resource_not_found')
  if (request.method === 'GET') return sendJson(reply, 200, work(user))
  return sendJson(reply, 200, await instance.state.change(() => work(user)))
}

async function changeMetadata(
  request: FastifyRequest,
  reply: FastifyReply,
  instance: Instance,
  how: 'merge' | 'replace',
): Promise<FastifyReply> {
  const user = findUser(request, instance)
  if (user === undefined) return sendError(reply, 404, 'resource_not_found')
  const change = metadataChange.safeParse(request.body)
  if (!change.success) return sendError(reply, 422, 'form_param_format_invalid')
  const next = changed(user, change.data, how)
  if (Object.values(next).some((metadata) => metadataBytes(metadata) > MAX_METADATA_BYTES))
    return sendError(reply, 422, 'form_param_value_too_large')
  await instance.state.change(() => {
    Object.assign(user, next)
    setStanding(user, {}, instance)
  })
  return sendJson(reply, 200, userJson(user))
}

function changed(user: User, change: MetadataChange, how: 'merge' | 'replace') {
  const next = (stored: Record<string, unknown>, given: Record<string, unknown> | undefined) => {
    if (given === undefined) return stored
    return how === 'replace' ? given : mergeMetadata(stored, given)
  }
  return {
    publicMetadata: next(user.publicMetadata, change.public_metadata),
    privateMetadata: next(user.privateMetadata, change.private_metadata),
    unsafeMetadata: next(user.unsafeMetadata, change.unsafe_metadata),
  }
}

function findUser(request: FastifyRequest, instance: Instance): User | undefined {
  const asked = one.safeParse(request.params)
  return instance.state.data.users.find((user) => user.id === asked.data?.id)
}

function matching(asked: z.output<typeof page>, instance: Instance): User[] {
  return instance.state.data.users.filter(
    (user) =>
      (asked.email_address === undefined || asked.email_address.includes(user.email)) &&
      (asked.query === undefined || user.email.includes(asked.query.toLowerCase())),
  )
}
