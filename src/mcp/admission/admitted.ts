import type { Receipt } from '../../crypto/credential.ts'
import type { ServiceLimit } from '../../kernel/rate-limit-fields.ts'
import type { Secret } from '../../kernel/secret.ts'
import type { CredentialMethod } from '../../maximo/credentials/credential.ts'
import type { Caller } from './caller.ts'

/** The one Maximo that a grant reaches, with its newest credential. */
export interface MaximoAccess {
  readonly baseUrl: string
  readonly method: CredentialMethod
  readonly credential: Secret<string>
  /** Thumbprint of the operator's client certificate beside it. */
  readonly certificate: string | undefined
  readonly owned: { readonly sub: string; readonly env: string }
  /** Identity of owner, environment and credential version: a cache of clients may be keyed by it. */
  readonly cacheKey: string
}

/** @param c the credential of a receipt or of a newer wrapping, in its version `ver` */
export const maximoAccess = (
  owned: MaximoAccess['owned'],
  { ver, c }: { readonly ver: number; readonly c: Receipt['c'] },
): MaximoAccess => ({
  baseUrl: c.u,
  method: c.a,
  credential: c.k,
  certificate: c.x,
  owned,
  cacheKey: credentialKey(owned, ver),
})

/** Names one version of an owner's credential. */
export const credentialKey = ({ sub, env }: MaximoAccess['owned'], ver: number): string =>
  `${sub}:${env}:${ver}`

/** What an admission leaves to its holder. */
export interface Pass {
  readonly caller: Caller
  readonly maximo: MaximoAccess
  /** What this call left of its limits. */
  readonly limits: readonly ServiceLimit[]
  /** Ends the concurrency lease. Never rejects: a lease that cannot be returned expires by itself. */
  readonly release: () => Promise<void>
}

/**
 * Evidence: marks, revocation, allow-list, rates, lease and quota all passed in one store call. A tool demands it as a
 * type. Its holder calls {@link Admitted.release} when the work ends, whatever the outcome.
 */
export class Admitted {
  readonly #pass: Pass

  private constructor(pass: Pass) {
    this.#pass = pass
  }

  /** Called in `admit.ts` only; `test/architecture.test.ts` says so. */
  static assertion(pass: Pass): Admitted {
    return new Admitted(pass)
  }

  get caller(): Caller {
    return this.#pass.caller
  }

  get maximo(): MaximoAccess {
    return this.#pass.maximo
  }

  get limits(): readonly ServiceLimit[] {
    return this.#pass.limits
  }

  async release(): Promise<void> {
    await this.#pass.release()
  }
}
