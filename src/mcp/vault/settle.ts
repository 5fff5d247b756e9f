import type { FastifyReply, FastifyRequest } from 'fastify'
import { recordAct, recordIntent, sendPage, sendRefusal, type VaultEvent } from './answer.ts'
import type { VaultDeps } from './deps.ts'
import { confirmCredential, removeEnvironment, revertCredential } from './keep-credential.ts'
import { DonePage } from './pages.tsx'
import { frameOf, required } from './show.ts'
import type { Visit } from './visits.ts'

type Step = (
  request: FastifyRequest,
  reply: FastifyReply,
  visit: Visit,
  deps: VaultDeps,
) => Promise<FastifyReply>

/** `POST /vault/confirm`: the former key is forgotten. */
export const confirmReplacement: Step = async (request, reply, visit, deps) => {
  const { sub, environment } = visit.session
  const owned = { sub, env: required(environment).id }
  const event = { eventType: 'credential.confirmed', operation: 'confirm' } as const
  await recordIntent(request, visit.session, event, deps)
  const confirmed = await deps.turns.run(owned.env, () => confirmCredential(owned, deps))
  if (!confirmed.ok) return nothingToSettle(request, reply, { visit, event }, deps)
  await recordAct(request, visit.session, { ...event, outcome: 'success', responseCode: 200 }, deps)
  const text = 'The former key is forgotten. You may now delete it in Maximo.'
  return done(reply, visit, { title: 'The new key is confirmed', text }, deps)
}

/** `POST /vault/back`: the former key serves again, from the next call on. */
export const goBack: Step = async (request, reply, visit, deps) => {
  const { session } = visit
  const owned = { sub: session.sub, env: required(session.environment).id }
  const event = { eventType: 'credential.reverted', operation: 'back' } as const
  await recordIntent(request, session, event, deps)
  const reverted = await deps.turns.run(owned.env, () => revertCredential(owned, deps))
  if (!reverted.ok) return nothingToSettle(request, reply, { visit, event }, deps)
  await deps.visits.settle(session, reverted.value)
  await recordAct(request, session, { ...event, outcome: 'success', responseCode: 200 }, deps)
  const text = 'The former key is in use again, for every connection.'
  return done(reply, visit, { title: 'Back to the former key', text }, deps)
}

/** `POST /vault/remove`: the environment and everything that reaches it end. */
export const remove: Step = async (request, reply, visit, deps) => {
  const { session } = visit
  const environment = required(session.environment)
  const event = { eventType: 'credential.removed', operation: 'remove' } as const
  await recordIntent(request, session, event, deps)
  const outcome = await deps.turns.run(environment.id, () =>
    removeEnvironment(session.sub, environment, deps),
  )
  deps.forget(({ receipt }) => receipt.env === environment.id)
  await deps.visits.settle(session, outcome)
  await deps.visits.keep({ ...visit, session: { ...session, isDone: true } })
  await recordAct(request, session, { ...event, outcome: 'success', responseCode: 200 }, deps)
  const text = 'Its key is forgotten and every connection to it has ended. Delete the key in Maximo, too.'
  return done(reply, visit, { title: 'The environment is removed', text }, deps)
}

const done = (
  reply: FastifyReply,
  { session }: Visit,
  { title, text }: { readonly title: string; readonly text: string },
  deps: VaultDeps,
): FastifyReply => sendPage(reply, 200, DonePage({ frame: frameOf(session, deps), title, text }))

async function nothingToSettle(
  request: FastifyRequest,
  reply: FastifyReply,
  asked: { readonly visit: Visit; readonly event: Pick<VaultEvent, 'eventType' | 'operation'> },
  deps: VaultDeps,
): Promise<FastifyReply> {
  const refused = { outcome: 'refused', responseCode: 409, reason: 'nothing_to_settle' } as const
  await recordAct(request, asked.visit.session, { ...asked.event, ...refused }, deps)
  const text = 'There is nothing to confirm or to take back: it was done already, or seven days have passed.'
  return sendRefusal(reply, 409, { text, portalUrl: deps.portalUrl })
}
