import { createPrivateKey, createPublicKey, type JsonWebKey, type KeyObject, sign, verify } from 'node:crypto'
import { z } from 'zod'
import type { Session, User } from './state.ts'

/** Signs and reads the instance's tokens. */
export interface TokenMint {
  readonly jwks: { readonly keys: readonly JsonWebKey[] }
  sessionToken(session: Session, user: User, origin: string): string
  handshakeToken(directives: readonly string[]): string
  /** Session id of a token that this instance signed, expired or not; `null` for any other. */
  sessionOf(token: string): string | null
}

export interface MintOptions {
  readonly privateKeyPem: string
  readonly instanceId: string
  readonly issuer: string
  readonly lifeSeconds: number
  readonly nowMs: () => number
}

export function createMint(options: MintOptions): TokenMint {
  const key = createPrivateKey(options.privateKeyPem)
  const publicKey = createPublicKey(key)
  return {
    jwks: {
      keys: [{ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: options.instanceId }],
    },
    sessionToken: (session, user, origin) =>
      signed(
        { alg: 'RS256', cat: SESSION_CATEGORY, kid: options.instanceId, typ: 'JWT' },
        claims(session, user, origin, options),
        key,
      ),
    handshakeToken: (directives) =>
      signed({ alg: 'RS256', kid: options.instanceId, typ: 'JWT' }, { handshake: directives }, key),
    sessionOf: (token) => readSession(token, publicKey),
  }
}

/** Claims of a version 2 session token. Real ones carry no `jti`, and `nbf` lies ten seconds before `iat`. */
function claims(session: Session, user: User, origin: string, options: MintOptions): object {
  const iat = Math.floor(options.nowMs() / 1000)
  return {
    azp: origin,
    exp: iat + options.lifeSeconds,
    fea: user.features.map((feature) => `u:${feature}`).join(','),
    fva: [Math.max(0, Math.floor((options.nowMs() - session.factorAtMs) / 60_000)), -1],
    iat,
    iss: options.issuer,
    nbf: iat - 10,
    pla: `u:${user.plan}`,
    sid: session.id,
    sts: session.status === 'pending' ? 'pending' : 'active',
    sub: user.id,
    v: 2,
  }
}

const base64url = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')

function signed(header: object, payload: object, key: KeyObject): string {
  const input = `${base64url(header)}.${base64url(payload)}`
  return `${input}.${sign('RSA-SHA256', Buffer.from(input), key).toString('base64url')}`
}

const sessionClaims = z.object({ sid: z.string() })

function readSession(token: string, key: KeyObject): string | null {
  const [header = '', payload = '', signature = ''] = token.split('.')
  const isOurs = verify(
    'RSA-SHA256',
    Buffer.from(`${header}.${payload}`),
    key,
    Buffer.from(signature, 'base64url'),
  )
  if (!isOurs) return null
  const read = sessionClaims.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')))
  return read.success ? read.data.sid : null
}

/** Header `cat` of session tokens at Clerk. */
const SESSION_CATEGORY = 'cl_B7d4PD111AAA'
