import type { FastifyRequest } from 'fastify'
import { isMachineClient } from '../../crypto/machine-proof.ts'
import type { OpenedToken } from '../../crypto/token-open.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { readRisk } from '../../crypto/restrictions.ts'
import { atOnce } from '../../kernel/at-once.ts'
import { addressWithin } from '../../kernel/address.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { oncePer } from '../../kernel/once-per.ts'
import { bearerOn, keepBearer } from './bearer.ts'
import { Caller, type PlanFacts, type RequestFacts } from './caller.ts'
import type { Door } from './demand.ts'
import { proveToken, type ProveDeps, type ProveRefusal } from './prove-token.ts'
import { readBearer } from './read-bearer.ts'
import type { ObjectRights } from './object-rights.ts'
import type { Refusal, TokenFault } from './refusal.ts'
import { checkRequestOrigin, type OriginPolicy } from './request-origin.ts'
import { allowedScopes } from './scopes.ts'
import { readTraceparent } from './traceparent.ts'

export interface IdentifyDeps extends ProveDeps {
  readonly origins: OriginPolicy
  /** What the user of a receipt may spend and use now. */
  readonly planOf: (receipt: OpenedToken['receipt']) => PlanFacts
  /** What a receipt's object rules allow. */
  readonly objectRights: (code: string) => ObjectRights
  /** Second at which a grant ends by our own journal, which may be earlier than its receipt says; null: it has none. */
  readonly findEnd: (grantId: string) => number | null
  /** Whether the store was seen to hold every record of ours. */
  readonly isPrimed: () => boolean
}

/** The proof, and the token behind it, which stays inside admission. */
export interface Identified {
  readonly caller: Caller
  readonly token: OpenedToken
}

/** Proves who calls, without the store and before the body is read; without a promise where the caches know the token. */
export function identify(
  request: FastifyRequest,
  door: Door,
  deps: IdentifyDeps,
): Result<Identified, ProveRefusal> | Promise<Result<Identified, ProveRefusal>> {
  const origin = checkRequestOrigin(request, deps.origins)
  if (!origin.ok) return origin
  // Before any verdict on a token: what cannot be known must not make a client throw its token away.
  if (!deps.isPrimed()) return err({ reason: 'unavailable', why: 'store_unprimed', retryAfterS: 1 })
  const bearer = readBearer(request)
  if (!bearer.ok) return bearer
  const { socket } = request.raw
  const sent = bearerOn(socket, bearer.value)
  return atOnce(proveToken(sent, request.ip, deps), (token) => {
    if (!token.ok) return token
    keepBearer(socket, sent)
    const placed = checkPlace(token.value, door, { address: request.ip, deps })
    return placed.ok ? ok(assertCaller(token.value, requestFacts(request), deps)) : placed
  })
}

function checkPlace(
  token: OpenedToken,
  door: Door,
  { address, deps }: { readonly address: string; readonly deps: IdentifyDeps },
): Result<void, ProveRefusal> {
  const { jti, knd } = token.claims
  const endS = knd === 'ci' ? deps.findEnd(token.receipt.gid) : null
  if (endS !== null && endS <= nowSeconds(deps.clock))
    return err({ reason: 'token_invalid', fault: { kind: 'expired' }, tokenId: jti })
  const placed = checkDoor(token, door)
  if (!placed.ok) return placed
  const networks = token.receipt.net?.split(' ')
  if (networks === undefined || addressWithin(address, networks)) return ok(undefined)
  return err({ reason: 'address_refused', address, tokenId: jti })
}

export const requestFacts = (request: FastifyRequest): RequestFacts => new AskedBy(request)

/** A class: an accessor in an object literal is defined anew for every request, at the price of a hash of the token. */
class AskedBy implements RequestFacts {
  readonly #request: FastifyRequest
  readonly correlationId: string
  readonly address: string
  readonly userAgent: string

  constructor(request: FastifyRequest) {
    this.#request = request
    this.correlationId = request.id
    this.address = request.ip
    this.userAgent = request.headers['user-agent'] ?? ''
  }

  get traceparent(): string | null {
    return readTraceparent(this.#request)
  }
}

/**
 * Automation tokens come in by `/ci/mcp` alone, and persons' tokens not there; an environment's address is its own. A
 * machine client may have found its token by the metadata of `/mcp`, so its tokens count at both.
 */
function checkDoor({ claims, receipt }: OpenedToken, door: Door): Result<void, ProveRefusal> {
  const refused = (fault: TokenFault): Result<never, Refusal & { readonly tokenId: string }> =>
    err({ reason: 'token_invalid', fault, tokenId: claims.jti })
  const isMisplaced = (claims.knd === 'ci') !== (door.kind === 'automation')
  if (isMisplaced && !isMachineClient(receipt.cid)) return refused({ kind: 'wrong_door' })
  if (door.environment !== null && door.environment !== receipt.env) {
    return refused({ kind: 'wrong_environment' })
  }
  return ok(undefined)
}

function assertCaller(token: OpenedToken, request: RequestFacts, deps: IdentifyDeps): Identified {
  const { claims, receipt } = token
  const caller = Caller.assertion(
    {
      subject: receipt.sub,
      environment: receipt.env,
      clientId: receipt.cid,
      grantId: receipt.gid,
      tokenId: claims.jti,
      kind: claims.knd,
      scopes: scopesOf(token),
      profile: receipt.prf,
      plan: deps.planOf(receipt),
      objects: receipt.obj === undefined ? null : deps.objectRights(receipt.obj),
      risk: readRisk(receipt.rsk),
      expiresAtS: claims.exp ?? null,
    },
    request,
  )
  return { caller, token }
}

const scopesOf = oncePer(({ claims }: OpenedToken) => allowedScopes(claims.scope))
