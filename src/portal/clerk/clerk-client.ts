import type { ClerkClient } from '@clerk/backend'
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
}

/** @param options.timeoutMs deadline of one {@link Clerk.call}, all its requests together; 5 s by default */
export function createClerk(config: ClerkConfig, options: { readonly timeoutMs?: number } = {}): Clerk {
  void options
  return { config, call: () => Promise.reject(new ClerkUnavailable('not built yet')) }
}
