/** Why Maximo did not answer a question. One kind = one sentence and one remedy for the caller. */
export type MaximoFaultKind =
  /** 401, a revoked or expired API key, a refused login. Asking again with the same credential locks accounts. */
  | 'credentials_rejected'
  /** The Maximo user lacks a right; `objectStructure` names the one asked for (Maximo says so with HTTP 400). */
  | 'not_permitted'
  /** No such record, object structure or relation: see `code`. */
  | 'not_found'
  /** Maximo refused the question itself; `code` and `untrusted` say what it said. */
  | 'invalid_query'
  /** The record changed since it was read, or the change was sent already (409, 412). Read it again first. */
  | 'conflict'
  /** A rule of Maximo refuses the change; `code` says which. */
  | 'refused'
  /** 429, or our own queue for this environment is full; `retryAfterSeconds` if known. */
  | 'rate_limited'
  /** 5xx, or the breaker is open; `retryAfterSeconds` if known. */
  | 'unavailable'
  /** No connection, no first byte or no end within the deadlines. */
  | 'timeout'
  /** HTML, a redirect, cut or malformed JSON, a next page on another host; `detail` says which. */
  | 'bad_upstream'
  /** More than {@link MAX_BODY_BYTES}, or Maximo's own fetch limit. Ask for fewer rows or fields. */
  | 'too_large'
  /** Maximo is in admin mode (BMXAA0578E). */
  | 'maintenance'
  /** DNS, TCP or TLS failed. */
  | 'unreachable'
  /** Our own rules forbid the address. Nothing was sent. */
  | 'egress_refused'

export interface MaximoFaultFacts {
  /** Maximo's reason code, `BMXAA8744E` or `oslc#invalidqueryname`; safe to show. */
  readonly code?: string
  /** The reason behind that one, where Maximo names it: why a status could not be changed. */
  readonly innerCode?: string
  /** Maximo's own words, control characters out, at most 300 characters. Untrusted: never a part of our sentences. */
  readonly untrusted?: string
  /** Upper-case name of the object structure asked for. */
  readonly objectStructure?: string
  readonly retryAfterSeconds?: number
  /** Which variant of the kind, for logs and tests: `login_page`, `redirect`, `truncated`, `connect`, … */
  readonly detail?: string
  readonly httpStatus?: number
  readonly cause?: unknown
}

/** Thrown by every call of a client when Maximo, the network or our egress rules say no. */
export class MaximoFault extends Error {
  override readonly name = 'MaximoFault'
  readonly kind: MaximoFaultKind
  readonly code: string | null
  readonly innerCode: string | null
  readonly untrusted: string | null
  readonly objectStructure: string | null
  readonly retryAfterSeconds: number | null
  readonly detail: string | null
  readonly httpStatus: number | null

  constructor(kind: MaximoFaultKind, facts: MaximoFaultFacts = {}) {
    super(SENTENCE[kind], { cause: facts.cause })
    this.kind = kind
    this.code = facts.code ?? null
    this.innerCode = facts.innerCode ?? null
    this.untrusted = facts.untrusted ?? null
    this.objectStructure = facts.objectStructure ?? null
    this.retryAfterSeconds = facts.retryAfterSeconds ?? null
    this.detail = facts.detail ?? null
    this.httpStatus = facts.httpStatus ?? null
  }
}

/** Our own words: no host, no upstream text, so that they may go anywhere. */
const SENTENCE: Record<MaximoFaultKind, string> = {
  credentials_rejected: 'Maximo did not accept the stored credential.',
  not_permitted: 'The Maximo user may not do this.',
  not_found: 'Maximo has no such object.',
  invalid_query: 'Maximo refused the query.',
  conflict: 'The record in Maximo is not as it was read.',
  refused: 'A rule of Maximo refuses the change.',
  rate_limited: 'Maximo is being asked too much at the moment.',
  unavailable: 'Maximo is not available at the moment.',
  timeout: 'Maximo did not answer in time.',
  bad_upstream: 'Maximo answered with something that is not its API.',
  too_large: 'The answer of Maximo is too large.',
  maintenance: 'Maximo is in maintenance mode.',
  unreachable: 'Maximo cannot be reached.',
  egress_refused: 'The address of this environment is not allowed.',
}
