// First, because the library binds the global fetch when it is loaded.
import { type Attempt, attempt } from './clerk-fetch.ts'
import { type ClerkClient, createClerkClient, verifyToken } from '@clerk/backend'
import { isClerkAPIResponseError } from '@clerk/backend/errors'
import type { ClerkConfig } from './clerk-config.ts'

/** Clerk did not answer in time, answered 5xx or 429, or could not be reached. The portal's answer is `503`. */
export class ClerkUnavailable extends Error {
  override readonly name = 'ClerkUnavailable'
}

/** Clerk answered with a refusal (4xx). `code` is Clerk's own, e.g. `resource_not_found`; never shown to anybody. */
export class ClerkRefused extends Error {
  override readonly name = 'ClerkRefused'
  readonly status: number
  readonly code: string

  constructor(status: number, code: string) {
    super(`Clerk refused: ${status} ${code}`)
    this.status = status
    this.code = code
  }
}

/** The one door to `@clerk/backend`. Every call has a deadline, and an outage never looks like an answer. */
export interface Clerk {
  readonly config: ClerkConfig
  /** @throws {@link ClerkUnavailable}, {@link ClerkRefused} */
  call<T>(work: (sdk: ClerkClient) => Promise<T>): Promise<T>
  /** The same without judging: for the calls of the library that turn an outage into an answer. Never rejects. */
  attempt<T>(work: (sdk: ClerkClient) => Promise<T>): Promise<Attempt<T>>
  /** Claims of a token of this instance, made for `party`. An `error` without trouble: the token is not valid. */
  verify(
    token: string,
    options: { readonly party: string; readonly clockSkewMs: number },
  ): Promise<Attempt<unknown>>
}

/** @param options.timeoutMs deadline of one {@link Clerk.call}, all its requests together; 5 s by default */
export function createClerk(config: ClerkConfig, options: { readonly timeoutMs?: number } = {}): Clerk {
  const sdk = createClerkClient({
    publishableKey: config.publishableKey,
    secretKey: config.secretKey.reveal(),
    apiUrl: config.apiUrl,
    telemetry: { disabled: true },
    ...(config.proxyUrl === null ? {} : { proxyUrl: config.proxyUrl }),
    ...(config.jwtKey === null ? {} : { jwtKey: config.jwtKey }),
  })
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS
  return {
    config,
    call: async (work) => judge(await attempt(timeoutMs, () => work(sdk))),
    attempt: (work) => attempt(timeoutMs, () => work(sdk)),
    verify: (token, { party, clockSkewMs }) =>
      attempt(timeoutMs, () =>
        verifyToken(token, {
          secretKey: config.secretKey.reveal(),
          apiUrl: config.apiUrl,
          issuer: config.instance.issuer,
          authorizedParties: [party],
          clockSkewInMs: clockSkewMs,
          ...(config.jwtKey === null ? {} : { jwtKey: config.jwtKey }),
        }),
      ),
  }
}

function judge<T>(outcome: Attempt<T>): T {
  if (outcome.settled === 'value') return outcome.value
  if (outcome.settled === 'late') throw new ClerkUnavailable('Clerk did not answer in time')
  const { error, hadTrouble } = outcome
  if (hadTrouble) throw new ClerkUnavailable('Clerk gave no proper answer', { cause: error })
  if (isClerkAPIResponseError(error)) throw new ClerkRefused(error.status, error.errors[0]?.code ?? 'unknown')
  throw error
}

const DEFAULT_TIMEOUT_MS = 5000
