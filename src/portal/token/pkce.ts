import { safeEqual, sha256Base64url } from '../../crypto/digest.ts'

/** 43 characters of base64url: a SHA-256 (RFC 7636 §4.2). */
export const isChallenge = (value: string): boolean => /^[A-Za-z0-9_-]{43}$/.test(value)

/** RFC 7636 §4.1 and §4.6, S256 only: 43 to 128 unreserved characters whose hash is the challenge. */
export const verifierMatches = (verifier: string, challenge: string): boolean =>
  /^[A-Za-z0-9\-._~]{43,128}$/.test(verifier) && safeEqual(sha256Base64url(verifier), challenge)
