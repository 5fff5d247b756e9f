import { sha256Base64url } from '../crypto/digest.ts'
import type { SignedIn } from './session/session-state.ts'

/** What the portal last sent of a session's plan, as the store keeps it: a digest, or the mark of a cap since. */
export const sentPlanOf = ({ claims: { pla, fea }, sessionId }: SignedIn): string =>
  sha256Base64url(JSON.stringify([pla, fea, sessionId]))

/** After a cap everything has to be sent again, out of a token that was issued after it. */
export const cappedSince = (atS: number): string => `capped:${atS}`

/** Whether the session's token is from before the cap: what it says does not lift it. */
export function isFromBeforeCap(kept: string | null, { issuedAtS }: SignedIn): boolean {
  const [, atS] = /^capped:(\d+)$/.exec(kept ?? '') ?? []
  return atS !== undefined && issuedAtS <= Number(atS) + CLOCKS_DIFFER_S
}

/** The cap is dated by the MCP server, the token by Clerk. */
const CLOCKS_DIFFER_S = 2
