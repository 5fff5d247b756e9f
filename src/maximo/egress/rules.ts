import type { Result } from '../../kernel/result.ts'
import { err } from '../../kernel/result.ts'

/** Where requests may go. Operator's choice: nothing here comes from a user. */
export interface EgressRules {
  /** Private or special-use ranges that are allowed: `10.0.0.0/8`. Invalid ones throw at construction. */
  readonly allowCidrs: readonly string[]
  /** `http:` and loopback addresses: for development, never in production. */
  readonly allowLoopbackHttp: boolean
}

export interface BaseUrl {
  /** `https://host[:port]/path`, no trailing slash. */
  readonly href: string
  readonly origin: string
  readonly host: string
  readonly path: string
}

export interface UrlProblem {
  readonly reason:
    | 'not_a_url'
    | 'scheme'
    | 'userinfo'
    | 'query_or_fragment'
    | 'host'
    | 'port'
    | 'path'
    | 'address_not_allowed'
  /** A sentence of ours that repeats nothing of the input. */
  readonly message: string
}

/** Checks what a person typed as the address of their Maximo, without asking the network. */
export const checkBaseUrl = (text: string, rules: EgressRules): Result<BaseUrl, UrlProblem> => {
  void text
  void rules
  return err({ reason: 'not_a_url', message: 'This is not an address.' })
}
