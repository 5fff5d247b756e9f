import { isMachineClient } from '../../crypto/machine-proof.ts'
import type { RateProfile, Risk } from '../../crypto/restrictions.ts'
import type { ObjectRights } from './object-rights.ts'
import type { Scope } from './scopes.ts'

/** Plan and features of the owner: the newest record that Clerk signed, else what the receipt fixed. */
export interface PlanFacts {
  readonly plan: string
  /** A plan of whose quotas no more may be spent either; absent: that of the plan is all. */
  readonly cap?: string
  readonly features: ReadonlySet<string>
}

/** What a proven token says about its bearer. No credential is in it. */
export interface CallerFacts {
  /** Clerk user id. */
  readonly subject: string
  readonly environment: string
  readonly clientId: string
  readonly grantId: string
  /** `rid` of the token: its `jti`. */
  readonly tokenId: string
  readonly kind: 'at' | 'ci'
  /** Widened by the hierarchy of `scopes.ts`. */
  readonly scopes: ReadonlySet<Scope>
  readonly profile: RateProfile
  readonly plan: PlanFacts
  /** Null: the owner named no objects; scopes and Maximo alone decide. */
  readonly objects: ObjectRights | null
  /** The highest risk of a change that this token may make without a person. Of no meaning for a person's token. */
  readonly risk: Risk
  /** Seconds since the epoch; null for an automation token without expiry. */
  readonly expiresAtS: number | null
}

/** Whether nobody is there to be asked: automation tokens, and machine clients with their short-lived ones. */
export const isUnattended = ({ kind, clientId }: Pick<CallerFacts, 'kind' | 'clientId'>): boolean =>
  kind === 'ci' || isMachineClient(clientId)

/** What a caller proved himself by, for the audit log. */
export function authMethodOf(facts: Pick<CallerFacts, 'kind' | 'clientId'>): string {
  if (facts.kind === 'ci') return 'ci_token'
  return isUnattended(facts) ? 'machine_token' : 'oauth_token'
}

/** Where a request came from and how it is named in every record. */
export interface RequestFacts {
  readonly correlationId: string
  readonly address: string
  readonly userAgent: string
  /** Of the request's trace, once its body was read; null: it is part of none. */
  readonly traceparent: string | null
}

/**
 * Evidence: the token is whole, the portal signed it, the MCP server once attested its grant, it has not expired and it
 * is at the right door. Whether it was revoked is not known yet: only `admit` asks the store.
 */
export class Caller {
  readonly #facts: CallerFacts
  readonly #request: RequestFacts

  private constructor(facts: CallerFacts, request: RequestFacts) {
    this.#facts = facts
    this.#request = request
  }

  /** Called in `identify.ts` only; `test/architecture.test.ts` says so. */
  static assertion(facts: CallerFacts, request: RequestFacts): Caller {
    return new Caller(facts, request)
  }

  get facts(): CallerFacts {
    return this.#facts
  }

  get request(): RequestFacts {
    return this.#request
  }
}
