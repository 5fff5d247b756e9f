import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { createMint } from '../../../src/dev/standin/tokens.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { createClerk, type Clerk } from '../../../src/portal/clerk/clerk-client.ts'
import { clerkConfig } from '../../../src/portal/clerk/clerk-config.ts'
import { renewSession } from '../../../src/portal/session/renewal.ts'

const ORIGIN = 'http://localhost:8080'
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKeyPem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
const config = clerkConfig({
  publishableKey: `pk_test_${Buffer.from('clerk.example.com$').toString('base64')}`,
  secretKey: new Secret('sk_test_x'),
  jwtKey: createPublicKey(privateKey).export({ type: 'spki', format: 'pem' }).toString(),
})

/** A token of the session, `ageS` seconds old. */
function aToken(userId: string, sessionId: string, ageS: number, azp = ORIGIN): string {
  const nowMs = (): number => systemClock.nowMs() - ageS * 1000
  const mint = createMint({
    privateKeyPem,
    instanceId: 'ins_1',
    issuer: config.instance.issuer,
    lifeSeconds: 60,
    nowMs,
  })
  const session = { id: sessionId, clientId: 'c', userId, status: 'active', refreshToken: 'r' } as const
  const times = { createdAtMs: 0, updatedAtMs: 0, expireAtMs: 0, factorAtMs: nowMs() }
  const user = { id: userId, email: 'a@example.com', firstName: '', lastName: '', plan: 'pro', features: [] }
  const rest = { publicMetadata: {}, privateMetadata: {}, unsafeMetadata: {}, banned: false, locked: false }
  return mint.sessionToken(
    { ...session, ...times },
    { ...user, ...rest, createdAtMs: 0, updatedAtMs: 0, lastSignInAtMs: null },
    azp,
  )
}

/** A Clerk whose refresh answers with these cookies; keys and verification are the library's own. */
function clerkThatAnswers(cookies: string[]): Clerk {
  const clerk = createClerk(config)
  const answer = { sessions: { refreshSession: () => Promise.resolve({ cookies }) } }
  return { ...clerk, call: (work) => work(answer as unknown as Parameters<typeof work>[0]) }
}

const renewed = async (directives: string[]) => {
  const cookie = `__session=${aToken('user_1', 'sess_1', 300)}; __refresh_${config.instance.cookieSuffix}=r`
  const context = { clerk: clerkThatAnswers(directives), publicOrigin: ORIGIN, clockSkewMs: 5000 }
  return (await renewSession({ method: 'POST', url: '/form', headers: { cookie } }, context)).state
}

describe('the answer to a refresh', () => {
  test('a new token of the same session renews it', async () => {
    expect(await renewed([`__session=${aToken('user_1', 'sess_1', 0)}; Path=/`])).toBe('renewed')
  })

  test.each([
    ['a token of another person', () => [`__session=${aToken('user_2', 'sess_1', 0)}; Path=/`]],
    ['a token of another session', () => [`__session=${aToken('user_1', 'sess_2', 0)}; Path=/`]],
    [
      'a token for another site',
      () => [`__session=${aToken('user_1', 'sess_1', 0, 'https://evil.example')}; Path=/`],
    ],
    ['a token that is expired', () => [`__session=${aToken('user_1', 'sess_1', 300)}; Path=/`]],
    ['an emptied cookie', () => ['__session=; Path=/; Max-Age=0']],
    ['a cookie of another name', () => [`__client_uat=${aToken('user_1', 'sess_1', 0)}; Path=/`]],
    ['nothing', () => []],
  ])('%s does not', async (_name, directives) => {
    expect(await renewed(directives())).toBe('not-renewed')
  })
})
