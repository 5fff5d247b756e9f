import { request } from 'undici'
import {
  readClerkKeys,
  readClerkPem,
  verifyClerkToken,
  type ClerkKeys,
  type ClerkSession,
} from '../../crypto/clerk-token.ts'
import type { Reason } from '../../crypto/reason.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Log } from '../../kernel/log.ts'
import { err, type Result } from '../../kernel/result.ts'
import { FetchedKeys, type KeySource } from './fetched-keys.ts'

export interface ClerkSessionsOptions {
  readonly issuer: string
  /** `PUBLIC_PORTAL_URL`. */
  readonly authorizedParty: string
  /** PEM of the one key that signs: then nothing is fetched. */
  readonly jwtKey: string | undefined
  readonly jwksUrl: string
  readonly clock: Clock
  readonly log: Log
}

/** `unavailable`: Clerk's keys cannot be had now, so nobody knows whether the token is good. */
export type SessionRefusal = Reason | 'unavailable'

/** Verifies live Clerk sessions by itself, without the portal's word for it (design §4.8). */
export interface ClerkSessions {
  verify(token: string): Promise<Result<ClerkSession, SessionRefusal>>
}

/** @throws Error when `jwtKey` is no key that could be trusted */
export async function openClerkSessions(options: ClerkSessionsOptions): Promise<ClerkSessions> {
  const keys = options.jwtKey === undefined ? fetchedKeys(options) : await pinnedKeys(options.jwtKey)
  return { verify: (token) => verifyWith(token, keys, options) }
}

async function verifyWith(
  token: string,
  source: KeySource<ClerkKeys>,
  options: ClerkSessionsOptions,
): Promise<Result<ClerkSession, SessionRefusal>> {
  const keys = await source.current()
  if (keys === null) return err('unavailable')
  const verified = await verifyClerkToken(token, keys, options)
  if (verified.ok || !MAY_BE_A_NEW_KEY.has(verified.error)) return verified
  const renewed = await source.renewed()
  return renewed === null ? verified : verifyClerkToken(token, renewed, options)
}

const MAY_BE_A_NEW_KEY: ReadonlySet<Reason> = new Set(['kid_unknown', 'signature_wrong'])

async function pinnedKeys(pem: string): Promise<KeySource<ClerkKeys>> {
  const keys = await readClerkPem(pem)
  if (!keys.ok) throw new Error('CLERK_JWT_KEY is not a public RSA key that could be trusted')
  return { current: () => Promise.resolve(keys.value), renewed: () => Promise.resolve(null) }
}

const fetchedKeys = (options: ClerkSessionsOptions): KeySource<ClerkKeys> =>
  new FetchedKeys({ load: () => loadKeys(options), clock: options.clock })

async function loadKeys({ jwksUrl, log }: ClerkSessionsOptions): Promise<ClerkKeys | null> {
  const read = await fetchJson(jwksUrl, log)
  if (read === null) return null
  const keys = await readClerkKeys(read)
  if (keys.ok) return keys.value
  log.error({ reason: keys.error }, 'clerk: the key document cannot be trusted')
  return null
}

/** `null`: not reachable, not 200, too long, or not JSON. */
async function fetchJson(url: string, log: Log): Promise<unknown> {
  try {
    const answer = await request(url, {
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(FETCH_TIMEOUT_MS),
      headersTimeout: FETCH_TIMEOUT_MS,
    })
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`)
    const chunks: Buffer[] = []
    let size = 0
    for await (const chunk of answer.body as AsyncIterable<Buffer>) {
      size += chunk.length
      if (size > MAX_BYTES) throw new Error('too long')
      chunks.push(chunk)
    }
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown
  } catch (error) {
    log.warn({ err: error }, 'clerk: the keys cannot be fetched')
    return null
  }
}

/** The portal waits 5 s for an answer that may need this. */
const FETCH_TIMEOUT_MS = 3_000
const MAX_BYTES = 64 * 1024
