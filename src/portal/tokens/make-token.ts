import { sha256Base64url } from '../../crypto/digest.ts'
import type { CallFailure } from '../../crypto/internal-client.ts'
import { formatCiToken, sealAccessToken } from '../../crypto/token-seal.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { canonicalResource } from '../authorize/resource.ts'
import type { Environment } from '../clerk/environments.ts'
import type { PortalDeps } from '../deps.ts'
import { NEVER_S } from '../records/entries.ts'
import type { SignedIn } from '../session/session-state.ts'
import type { TokenWish } from './token-wish.ts'

export interface TokenToMake {
  readonly wish: TokenWish
  readonly session: SignedIn
  readonly environment: Environment
  /** Single use, here and at the MCP server. */
  readonly transaction: string
  readonly client: { readonly cid: string; readonly redirectHost: string }
  /** The token that this one follows, and the second at which that one ends. */
  readonly replaces?: { readonly gid: string; readonly untilS: number }
}

export interface MadeToken {
  /** `mxci_…`: shown or handed over once, kept nowhere. */
  readonly token: string
  readonly gid: string
  readonly rid: string
  /** Null: no expiry. */
  readonly expS: number | null
  /** Last second of the grant, for its end. */
  readonly maxS: number
  readonly scope: string
}

/** `too_long`: `part` takes the most room. */
export type MakeFailure = CallFailure | { readonly reason: 'too_long'; readonly part: string }

type Deps = Pick<PortalDeps, 'mcp' | 'keys' | 'clock' | 'config' | 'records' | 'revocations'>

/**
 * Makes an automation token (design §4.6): the MCP server verifies the owner's fresh sign-in by itself and lists the token
 * before it exists. A token that then cannot be made whole is ended at once, so nothing is listed that nobody holds.
 *
 * @throws DiskUnavailable
 */
export async function makeToken(asked: TokenToMake, deps: Deps): Promise<Result<MadeToken, MakeFailure>> {
  const [gid, rid] = [randomId(), randomId()]
  const attested = await deps.mcp.attestGrant(askOf(asked, { gid, rid }, deps))
  if (!attested.ok) return err(readFailure(attested.error))
  const { receipt, max, obj } = attested.value
  const maxS = max ?? NEVER_S
  await recordGrant(asked, { gid, rid, maxS, obj }, deps)
  const { scp: scope } = asked.wish
  const sealed = await sealAccessToken(
    {
      iss: deps.config.portalUrl,
      aud: canonicalResource(deps.config.mcpUrl),
      jti: rid,
      iat: nowSeconds(deps.clock),
      ...(max === null ? {} : { exp: max }),
      ...{ gid, scope, knd: 'ci', gr: receipt },
    },
    deps.keys,
  )
  if (!sealed.ok) {
    await deps.revocations.endGrant({ gid, maxS, by: 'portal', reason: 'not_delivered' })
    return err({ reason: 'too_long', part: sealed.error.part })
  }
  const token = formatCiToken(sealed.value)
  const { cid } = asked.client
  await deps.records.record('token.issued', { rid, gid, cid, sha256: sha256Base64url(token), expS: maxS })
  if (asked.replaces !== undefined)
    await deps.records.record('connection.limited', { gid: asked.replaces.gid, maxS: asked.replaces.untilS })
  return ok({ token, gid, rid, expS: max, maxS, scope })
}

function askOf(
  { wish, session, environment, transaction, client, replaces }: TokenToMake,
  { gid, rid }: { readonly gid: string; readonly rid: string },
  { keys }: Deps,
): Parameters<Deps['mcp']['attestGrant']>[0] {
  return {
    clerkToken: session.token.reveal(),
    transaction,
    gid,
    env: environment.env,
    blob: environment.blob,
    cid: client.cid,
    clientName: wish.name,
    redirectHost: client.redirectHost,
    scp: wish.scp,
    knd: 'ci',
    prf: wish.prf,
    lifeS: wish.lifeDays === null ? null : wish.lifeDays * DAY_S,
    jti: rid,
    kids: [keys.tokenEncryption.active.kid, keys.tokenSigning.active.kid],
    rsk: wish.rsk,
    ...(wish.obj === undefined ? {} : { obj: wish.obj }),
    ...(wish.net === undefined ? {} : { net: wish.net }),
    ...(replaces === undefined ? {} : { replaces }),
  }
}

async function recordGrant(
  { wish, session, environment, client, replaces }: TokenToMake,
  made: {
    readonly gid: string
    readonly rid: string
    readonly maxS: number
    readonly obj: string | undefined
  },
  { records }: Deps,
): Promise<void> {
  const { gid, rid, maxS, obj } = made
  await records.record('connection.made', {
    ...{ gid, maxS, sub: session.userId, ...client },
    clientName: wish.name,
    env: environment.env,
    envLabel: environment.label,
    scp: wish.scp,
    ci: {
      ...{ rid, prf: wish.prf, rsk: wish.rsk },
      ...(obj === undefined ? {} : { obj }),
      ...(wish.net === undefined ? {} : { net: wish.net }),
      ...(replaces === undefined ? {} : { replaces: replaces.gid }),
    },
  })
}

function readFailure(failure: CallFailure): MakeFailure {
  if (failure.reason !== 'refused' || !failure.refusal.startsWith(TOO_LONG)) return failure
  return { reason: 'too_long', part: failure.refusal.slice(TOO_LONG.length) }
}

const TOO_LONG = 'too_long_'
const DAY_S = 86_400
