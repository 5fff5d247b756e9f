import { z } from 'zod'
import { Secret } from '../../kernel/secret.ts'
import { type Clerk, ClerkUnavailable } from '../clerk/clerk-client.ts'
import type { SessionOwner, SignedIn } from './session-state.ts'

/** What a token must carry to count as a session: `sid` tells it from a JWT template, `act` from an impersonation. */
const sessionClaims = z.object({
  sub: z.string().min(1).max(100),
  sid: z.string().min(1).max(100),
  iat: z.int().positive(),
  pla: z.string().max(200).default(''),
  fea: z.string().max(1000).default(''),
  fva: z.tuple([z.number(), z.number()]).nullable().catch(null).default(null),
  sts: z.enum(['active']).optional(),
  act: z.undefined().optional(),
})

/** The verified claims of a token as evidence of a session; `null` when they are not those of one. */
export function signedInBy(token: string, claims: unknown): SignedIn | null {
  const read = sessionClaims.safeParse(claims)
  if (!read.success) return null
  const { sub, sid, iat, pla, fea, fva } = read.data
  return { userId: sub, sessionId: sid, token: new Secret(token), issuedAtS: iat, claims: { pla, fea, fva } }
}

export interface VerifyContext {
  readonly clerk: Clerk
  readonly publicOrigin: string
  readonly clockSkewMs: number
}

/**
 * Verifies a token with Clerk's library.
 *
 * @returns `null` for a token that is not valid
 * @throws ClerkUnavailable when the key could not be fetched
 */
export async function verifiedSession(token: string, context: VerifyContext): Promise<SignedIn | null> {
  const { clerk, publicOrigin, clockSkewMs } = context
  const outcome = await clerk.verify(token, { party: publicOrigin, clockSkewMs })
  if (outcome.settled === 'value') return signedInBy(token, outcome.value)
  if (outcome.settled === 'late' || outcome.hadTrouble)
    throw new ClerkUnavailable('Clerk’s keys could not be read')
  return null
}

/**
 * Whose session the newest of some old tokens was: signature, issuer and audience hold, expiry does not matter. Enough
 * to bind a kept form or to end the session, never enough to be signed in.
 */
export async function provenOwner(
  tokens: readonly string[],
  context: Omit<VerifyContext, 'clockSkewMs'>,
): Promise<(SessionOwner & { readonly token: string }) | null> {
  const found: SignedIn[] = []
  for (const token of tokens) {
    const session = await verifiedSession(token, { ...context, clockSkewMs: ANY_AGE_MS })
    if (session !== null) found.push(session)
  }
  const newest = found.sort((one, other) => other.issuedAtS - one.issuedAtS)[0]
  if (newest === undefined) return null
  return { userId: newest.userId, sessionId: newest.sessionId, token: newest.token.reveal() }
}

const ANY_AGE_MS = 30 * 24 * 3_600_000
