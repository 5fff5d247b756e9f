import type { Clock } from '../../kernel/clock.ts'
import type { StandinHooks } from './hooks.ts'

export interface StandinOptions {
  /** 0 chooses a free one. */
  readonly port: number
  readonly host?: string
  /** `DATA_DIR/standin`: key pair, secrets, users, sessions and metadata, so that a restart keeps everybody signed in. */
  readonly dataDir: string
  readonly clock: Clock
  /** Origins a browser may be sent back to; anything else would be an open redirect that hands out sessions. */
  readonly portalOrigins: readonly string[]
  /** `pk_test_` (default) or `pk_live_` behaviour of Clerk's frontend API. */
  readonly kind?: 'development' | 'production'
  readonly tokenLifeSeconds?: number
  /** How the handshake answers: a nonce to be fetched (default), or a signed token. */
  readonly handshake?: 'nonce' | 'token'
  /** Value of `NODE_ENV`: the stand-in refuses `production`, because it has no passwords. */
  readonly nodeEnv?: string | undefined
}

/** What to set so that the portal and the MCP server use this stand-in as their Clerk. */
export interface StandinConfig {
  readonly publishableKey: string
  readonly secretKey: string
  /** PEM for `CLERK_JWT_KEY`. */
  readonly jwtKey: string
  readonly apiUrl: string
  readonly proxyUrl: string
  readonly signInUrl: string
  /** `iss` of the session tokens: `https://` and the frontend API of the publishable key, as at real Clerk. */
  readonly issuer: string
  readonly jwksUrl: string
}

export interface Standin {
  readonly url: string
  readonly config: StandinConfig
  readonly accounts: readonly { readonly email: string; readonly userId: string; readonly plan: string }[]
  readonly hooks: StandinHooks
  close(): Promise<void>
}

/**
 * Starts a local stand-in for the part of Clerk's frontend and backend API that the portal uses.
 *
 * @throws when the host is not loopback or `nodeEnv` is `production`
 */
export function startStandin(options: StandinOptions): Promise<Standin> {
  void options
  throw new Error('not built yet')
}
