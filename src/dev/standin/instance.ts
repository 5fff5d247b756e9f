import { createHash } from 'node:crypto'
import type { Clock } from '../../kernel/clock.ts'
import type { Client, Session, State, User } from './state.ts'
import type { TokenMint } from './tokens.ts'
import type { Webhooks } from './webhooks.ts'

/** Everything the routes share. `settings` is what tests may turn while the stand-in runs. */
export interface Instance {
  readonly kind: 'development' | 'production'
  readonly state: State
  readonly mint: TokenMint
  readonly webhooks: Webhooks
  readonly clock: Clock
  readonly portalOrigins: readonly string[]
  /** Origins under which a browser may reach the stand-in itself. */
  readonly ownOrigins: readonly string[]
  readonly cookieSuffix: string
  readonly handshake: 'nonce' | 'token'
  readonly settings: {
    refreshDenied: boolean
    trouble: 'hang' | 'fail' | null
    readonly pendingEmails: Set<string>
    readonly factorAgeMin: Map<string, number>
    requests: string[]
  }
}

/** Cookies of an instance carry the first eight characters of its publishable key's SHA-1. */
export const suffixOf = (publishableKey: string): string =>
  createHash('sha1')
    .update(publishableKey)
    .digest('base64')
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 8)

/** The origin a browser may be sent back to, or `null`: anything else would be an open redirect. */
export function allowedOrigin(address: string | undefined, instance: Instance): string | null {
  if (address === undefined || !URL.canParse(address)) return null
  const { origin } = new URL(address)
  return instance.portalOrigins.includes(origin) ? origin : null
}

/** A session that may still be used, with its user. A ban ends the sessions; a lock only refuses new ones. */
export function liveSession(
  sessionId: string | null,
  instance: Instance,
): { readonly session: Session; readonly user: User } | null {
  const session = instance.state.data.sessions.find((one) => one.id === sessionId)
  if (session === undefined || session.expireAtMs <= instance.clock.nowMs()) return null
  if (session.status !== 'active' && session.status !== 'pending') return null
  const user = instance.state.data.users.find((one) => one.id === session.userId)
  return user === undefined ? null : { session, user }
}

export function clientOf(
  carrier: { readonly devBrowser?: string | undefined; readonly secret?: string | undefined },
  instance: Instance,
): Client | null {
  const { clients } = instance.state.data
  const isOf = (client: Client): boolean =>
    instance.kind === 'development'
      ? client.devBrowser === carrier.devBrowser
      : client.secret === carrier.secret
  return clients.find(isOf) ?? null
}
