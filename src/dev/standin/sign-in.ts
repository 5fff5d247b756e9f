import { randomBytes } from 'node:crypto'
import { allowedOrigin, clientOf, type Instance } from './instance.ts'
import { type Client, clerkId, type Session, type User } from './state.ts'

/** A browser that has not been seen yet. Old browsers without a session are forgotten first. */
export function addClient(instance: Instance): Client {
  const { data } = instance.state
  const client: Client = {
    id: clerkId('client'),
    devBrowser: clerkId('dvb'),
    secret: randomBytes(32).toString('base64url'),
    sessionId: null,
    updatedAtS: 0,
  }
  const idle = data.clients.filter((one) => one.sessionId === null)
  const forgotten = new Set(idle.slice(0, Math.max(0, idle.length - MAX_IDLE_CLIENTS)))
  data.clients = [...data.clients.filter((one) => !forgotten.has(one)), client]
  return client
}

export interface SignInForm {
  readonly email: string
  readonly redirectUrl: string
  readonly devBrowser?: string | undefined
  readonly secret?: string | undefined
}

export type SignInOutcome =
  | { readonly state: 'signed-in'; readonly client: Client; readonly origin: string }
  | { readonly state: 'refused'; readonly why: string }

/** Starts a session of the account in the browser that the form names; an earlier one there is replaced. */
export function signIn(form: SignInForm, instance: Instance): SignInOutcome {
  const origin = allowedOrigin(form.redirectUrl, instance)
  if (origin === null) return { state: 'refused', why: 'The address to return to is not one of the portal.' }
  const user = instance.state.data.users.find((one) => one.email === form.email)
  if (user === undefined) return { state: 'refused', why: 'There is no such account.' }
  if (user.banned || user.locked) return { state: 'refused', why: 'This account is banned or locked.' }

  const client = clientOf(form, instance) ?? addClient(instance)
  const replaced = instance.state.data.sessions.find((one) => one.id === client.sessionId)
  if (replaced?.status === 'active' || replaced?.status === 'pending') replaced.status = 'replaced'
  const session = newSession(client, user, instance)
  const { data } = instance.state
  const ended = data.sessions.filter((one) => one.status !== 'active' && one.status !== 'pending')
  const forgotten = new Set(ended.slice(0, Math.max(0, ended.length - MAX_ENDED_SESSIONS)))
  data.sessions = [...data.sessions.filter((one) => !forgotten.has(one)), session]
  client.sessionId = session.id
  client.updatedAtS = Math.floor(session.createdAtMs / 1000)
  user.lastSignInAtMs = session.createdAtMs
  return { state: 'signed-in', client, origin }
}

function newSession(client: Client, user: User, instance: Instance): Session {
  const nowMs = instance.clock.nowMs()
  return {
    id: clerkId('sess'),
    clientId: client.id,
    userId: user.id,
    status: instance.settings.pendingEmails.has(user.email) ? 'pending' : 'active',
    createdAtMs: nowMs,
    updatedAtMs: nowMs,
    expireAtMs: nowMs + SESSION_LIFE_MS,
    factorAtMs: nowMs - (instance.settings.factorAgeMin.get(user.email) ?? 0) * 60_000,
    refreshToken: randomBytes(32).toString('base64url'),
  }
}

/** Clerk's default maximum. */
const SESSION_LIFE_MS = 7 * 24 * 3_600_000
const MAX_IDLE_CLIENTS = 1000
const MAX_ENDED_SESSIONS = 200
