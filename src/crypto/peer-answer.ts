import type { Clock } from '../kernel/clock.ts'
import { sha256Base64url } from './digest.ts'
import { signCall, verifyCall, type VerifiedCall } from './internal-call.ts'
import type { PeerKeys } from './keys/key-ring.ts'

/**
 * Header of an answer among peers: a JWS of the server that was asked, by its peer key, for whoever asked, over the digest of
 * the answer and the `jti` of the call. Whoever can only stand between the two (TLS) can neither make an answer nor give
 * that of another call.
 */
export const ANSWER_HEADER = 'mx-answer'

interface Signing {
  /** Of the call. */
  readonly path: string
  /** The answer, as it is sent. */
  readonly text: string
  readonly clock: Clock
}

/** @returns `null` without a key to sign with */
export async function signAnswer(
  { issuer: audience, jti }: Pick<VerifiedCall, 'issuer' | 'jti'>,
  { path, text, clock, issuer, keys }: Signing & { readonly issuer: string; readonly keys: PeerKeys },
): Promise<string | null> {
  if (keys.active === undefined) return null
  const parties = { audience, issuer, jti, signer: keys.active, clock }
  return signCall({ path: answerPath(path), body: sha256Base64url(text), ...parties })
}

/** Whether it is what this server says to this call. */
export async function isAnswerOf(
  call: { readonly issuer: string; readonly audience: string; readonly jti: string },
  { path, text, clock, jws, keys }: Signing & { readonly jws: string; readonly keys: Pick<PeerKeys, 'find'> },
): Promise<boolean> {
  const verified = await verifyCall({
    ...{ path: answerPath(path), jws, clock },
    audience: call.issuer,
    callers: ['peer'],
    keys: { peer: keys },
  })
  if (!verified.ok) return false
  const { issuer, jti, body } = verified.value
  return issuer === call.audience && jti === call.jti && body === sha256Base64url(text)
}

/** Part of `typ`: an answer is no call, and a call no answer. */
const answerPath = (path: string): string => `${path}/answer`
