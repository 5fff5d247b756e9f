import type { TlsOptions } from 'node:tls'
import type { Clock } from '../../kernel/clock.ts'
import type { Running } from '../../kernel/running.ts'
import type { Faults } from './faults.ts'
import type { PlantSize } from './plant/build-plant.ts'
import type { Plant } from './plant/plant.ts'
import type { Throttle } from './throttle.ts'
import type { MaximoVersion } from './versions.ts'
import type { SimulatorRules } from './rules.ts'

/** What {@link startSimulator} needs. */
export interface SimulatorOptions {
  /** 0 lets the system choose. */
  readonly port: number
  /** Loopback by default. */
  readonly host?: string
  /** Folder that remembers API keys and passwords across restarts; absent: memory only. */
  readonly dataDir?: string
  /** Time of sessions, and the day around which the plant's dates are spread. */
  readonly clock: Clock
  /** The caller's `NODE_ENV`: `production` is refused. */
  readonly nodeEnv?: string
  /** Seed of the plant; the same seed and start day make the same plant. */
  readonly seed?: number
  /** `small` by default; `large` has 50,000 work orders and 10,000 assets. */
  readonly size?: PlantSize
  /** `9.1` by default; what it decides, `rules` may decide otherwise. */
  readonly version?: MaximoVersion
  readonly rules?: Partial<SimulatorRules>
  /** Serves `https` alone. */
  readonly tls?: SimulatorTls
  readonly log?: SimulatorLog
}

/** How the front of an instance speaks TLS. */
export interface SimulatorTls {
  /** PEM. */
  readonly key: string
  readonly cert: string
  /** PEM of the authorities whose client certificates are demanded of every connection; absent: none is asked for. */
  readonly clientCa?: readonly string[]
  /** Whom a client certificate stands for: user or account by its SHA-256 thumbprint, base64url (RFC 8705 `x5t#S256`). */
  readonly users?: ReadonlyMap<string, string>
  /** What else of node:tls a test wants, such as versions that nobody should speak. */
  readonly options?: TlsOptions
}

export interface SimulatorLog {
  info(fields: object, message: string): void
}

/** A running simulator; `url` is its origin, where `/healthz` lives. */
export interface Simulator extends Running {
  /** What a Maximo environment is given: `http://127.0.0.1:<port>/maximo`, `https` with TLS. */
  readonly baseUrl: string
  readonly plant: Plant
  readonly faults: Faults
  readonly throttle: Throttle
  readonly accounts: Accounts
  readonly requests: RequestCounter
}

export interface Account {
  /** How the stand-in knows the person, e.g. `planner@example.com`. */
  readonly account: string
  /** The Maximo user of matching rights. */
  readonly userId: string
  /** Password of the Maximo user, for `maxauth`. */
  readonly password: string
  readonly apiKey: string
}

export interface Accounts {
  all(): readonly Account[]
  /** By account name or Maximo user id. @throws when there is none: a typo in a test, not a refusal. */
  of(accountOrUser: string): Account
  /** Replaces the API key; the old one answers BMXAA9549E from now on. @returns the new key. */
  regenerateKey(accountOrUser: string): Promise<string>
  /** A refresh token that `POST /idp/token` takes once. */
  refreshToken(accountOrUser: string): string
}

/** What reached Maximo: every request under `/maximo`, counted before anything can go wrong with it. */
export interface RequestCounter {
  (): number
  /** The last requests, oldest first, at most 1000, without credentials. */
  seen(): readonly SeenRequest[]
  reset(): void
}

export interface SeenRequest {
  readonly method: string
  readonly path: string
  /** The query string as sent, for a form-encoded query its body. */
  readonly query: string
  /** How it proved who it is: `apikey`, `maxauth`, `authorization`, `cookie`; more than one is a fault of the client. */
  readonly proofs: readonly string[]
  /** `x-method-override` and `patchtype`, in upper case. */
  readonly override: string | null
  readonly patchType: string | null
  /** `x-correlation-id` and `traceparent`, as sent. */
  readonly correlationId: string | null
  readonly traceparent: string | null
  /** The authenticated Maximo user; null when refused. */
  userId: string | null
}
