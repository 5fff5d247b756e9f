import type { Clock } from '../../../kernel/clock.ts'
import { randomId } from '../../../kernel/random.ts'
import type { AccountStore } from './account-store.ts'
import type { MaximoUser } from './users.ts'

const BEARER_SECONDS = 3600

/** What a token endpoint answers (RFC 6749 §5.1), or its error (§5.2). */
export type TokenAnswer =
  | { readonly status: 200; readonly body: Readonly<Record<string, string | number>> }
  | { readonly status: 400 | 401; readonly body: { readonly error: string } }

/** The identity provider before Maximo: issues bearers and knows whose they are. */
export interface Bearers {
  /** A user by a token that was issued and is still alive. */
  userOf(token: string): MaximoUser | null
  /** `client_credentials` and `refresh_token`; a client's id is its user's id, its secret that user's password. */
  answer(form: URLSearchParams, authorization: string | null): TokenAnswer
  /** A refresh token for a user, as a sign-in would have given it. */
  refreshTokenFor(user: MaximoUser): string
}

export function createBearers(accounts: AccountStore, clock: Clock): Bearers {
  const alive = new Map<string, { readonly user: MaximoUser; readonly endMs: number }>()
  const refresh = new Map<string, MaximoUser>()
  const refreshTokenFor = (user: MaximoUser): string => {
    const token = randomId()
    refresh.set(token, user)
    return token
  }
  const issue = (user: MaximoUser, more: Readonly<Record<string, string>>): TokenAnswer => {
    const access_token = randomId()
    alive.set(access_token, { user, endMs: clock.nowMs() + BEARER_SECONDS * 1000 })
    return { status: 200, body: { access_token, token_type: 'Bearer', expires_in: BEARER_SECONDS, ...more } }
  }
  return {
    refreshTokenFor,
    userOf: (token) => {
      const found = alive.get(token)
      return found !== undefined && clock.nowMs() < found.endMs ? found.user : null
    },
    answer: (form, authorization) => {
      const client = clientOf(accounts, form, authorization)
      if (client === null) return { status: 401, body: { error: 'invalid_client' } }
      const grant = form.get('grant_type')
      if (grant === 'client_credentials') return issue(client, {})
      if (grant !== 'refresh_token') return { status: 400, body: { error: 'unsupported_grant_type' } }
      const token = form.get('refresh_token') ?? ''
      const user = refresh.get(token)
      if (user === undefined) return { status: 400, body: { error: 'invalid_grant' } }
      // Each use replaces it, as providers that rotate do.
      refresh.delete(token)
      return issue(user, { refresh_token: refreshTokenFor(user) })
    },
  }
}

/** HTTP Basic with both halves form-encoded, or the pair in the form (RFC 6749 §2.3.1). */
function clientOf(
  accounts: AccountStore,
  form: URLSearchParams,
  authorization: string | null,
): MaximoUser | null {
  const pair =
    authorization === null ? [form.get('client_id'), form.get('client_secret')] : readBasic(authorization)
  const [id, secret] = pair
  if (typeof id !== 'string' || typeof secret !== 'string') return null
  return accounts.userOfPassword(id, secret)
}

function readBasic(authorization: string): string[] {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(authorization) ?? []
  const [id = '', secret = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return [id, secret].map((half) => decodeURIComponent(half.replaceAll('+', ' ')))
}
