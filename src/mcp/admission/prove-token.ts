import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { Reason } from '../../crypto/reason.ts'
import {
  checkPreTag,
  openToken,
  readTokenShape,
  type OpenedToken,
  type OpenOptions,
  type TaggedToken,
} from '../../crypto/token-open.ts'
import { nowSeconds, type Clock } from '../../kernel/clock.ts'
import type { FailureLimiter } from '../../kernel/failure-limiter.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Bearer } from './bearer.ts'
import type { DecryptGate } from './decrypt-gate.ts'
import type { Refusal, TokenFault } from './refusal.ts'
import type { TokenCache } from './token-cache.ts'

export interface ProveDeps {
  /** The keys as last loaded: they change on SIGHUP. */
  readonly keys: () => McpKeys
  readonly tokens: Omit<OpenOptions, 'clock'>
  readonly cache: TokenCache
  readonly gate: DecryptGate<Result<OpenedToken, Reason>>
  readonly failures: FailureLimiter
  readonly clock: Clock
}

/** `tokenId`: proven by the pre-tag, although the token came no further. */
export type ProveRefusal = Refusal & { readonly tokenId?: string }

/**
 * From a bearer string to a whole token (oauth.md §1.6): cache, shape, pre-tag, failure limiter, bounded decryption,
 * then expiry, which is compared at every call. Nothing is asked of the store. What the caches know is told without a promise.
 */
export function proveToken(
  bearer: Bearer,
  address: string,
  deps: ProveDeps,
): Result<OpenedToken, ProveRefusal> | Promise<Result<OpenedToken, ProveRefusal>> {
  const { digest } = bearer
  const known = deps.cache.findOpened(digest)
  if (known !== null) return checkExpiry(known, deps.clock)
  const refused = deps.cache.findRefused(digest)
  if (refused !== null) return err({ reason: 'token_invalid', fault: refused })
  return proveUnknown(bearer, { address, deps })
}

async function proveUnknown(
  { text, digest }: Bearer,
  { address, deps }: { readonly address: string; readonly deps: ProveDeps },
): Promise<Result<OpenedToken, ProveRefusal>> {
  const tagged = checkTag(text, deps.keys())
  if (!tagged.ok) return err(countFailure(tagged.error, address, deps))
  const opened = await decrypt(digest, tagged.value, deps)
  return opened.ok ? checkExpiry(opened.value, deps.clock) : opened
}

function checkTag(bearer: string, keys: McpKeys): Result<TaggedToken, Reason> {
  const shape = readTokenShape(bearer)
  return shape.ok ? checkPreTag(shape.value, keys) : shape
}

function countFailure(detail: Reason, address: string, deps: ProveDeps): ProveRefusal {
  const verdict = deps.failures.fail(address)
  if (verdict.state === 'counted') return { reason: 'token_invalid', fault: { kind: 'unreadable', detail } }
  const retryAfterS = Math.ceil(verdict.retryAfterMs / 1000)
  const limit = 'failed_authentication'
  const { max, windowMs } = deps.failures.policy
  const policy = { name: limit, quota: max, windowS: windowMs / 1000 }
  return { reason: 'limited', limit, retryAfterS, policy, whose: null }
}

async function decrypt(
  digest: string,
  tagged: TaggedToken,
  deps: ProveDeps,
): Promise<Result<OpenedToken, ProveRefusal>> {
  const keys = deps.keys()
  const tokenId = tagged.rid
  const done = await deps.gate.run({
    digest,
    tokenId,
    work: () => openToken(tagged, keys, { ...deps.tokens, clock: deps.clock }),
  })
  if (!done.ok) return err({ reason: 'unavailable', why: 'overloaded', retryAfterS: 1, tokenId })
  // Keys that changed meanwhile: what the old ones said is not kept.
  const keep = deps.keys() === keys
  if (done.value.ok) {
    if (keep) deps.cache.keep(digest, done.value.value)
    return ok(done.value.value)
  }
  const fault = faultOf(done.value.error)
  if (keep && done.value.error !== 'issued_in_future') deps.cache.refuse(digest, fault)
  return err({ reason: 'token_invalid', fault, tokenId })
}

const faultOf = (reason: Reason): TokenFault =>
  reason === 'expired' ? { kind: 'expired' } : { kind: 'unreadable', detail: reason }

function checkExpiry(token: OpenedToken, clock: Clock): Result<OpenedToken, ProveRefusal> {
  const { exp, jti } = token.claims
  if (exp === undefined || nowSeconds(clock) < exp) return ok(token)
  return err({ reason: 'token_invalid', fault: { kind: 'expired' }, tokenId: jti })
}
