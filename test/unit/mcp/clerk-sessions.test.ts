import { createSign, generateKeyPairSync } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openClerkSessions, type ClerkSessions } from '../../../src/mcp/internal/clerk-sessions.ts'
import { manualClock, type ManualClock } from '../../support/clock.ts'
import { captureLog } from '../../support/log.ts'

const [first, second] = [1, 2].map((n) => ({
  kid: `ins_${n}`,
  ...generateKeyPairSync('rsa', { modulusLength: 2048 }),
}))
type ClerkKey = NonNullable<typeof first>

let clock: ManualClock
let server: Server
let sessions: ClerkSessions
let served: { keys: ClerkKey[]; status: number; asked: number }

beforeEach(async () => {
  clock = manualClock()
  clock.advance(1_000_000)
  served = { keys: [first as ClerkKey], status: 200, asked: 0 }
  server = createServer((_request, response) => {
    served.asked += 1
    response.statusCode = served.status
    const keys = served.keys.map(({ kid, publicKey }) => ({
      ...publicKey.export({ format: 'jwk' }),
      ...{ kid, use: 'sig', alg: 'RS256' },
    }))
    response.end(JSON.stringify({ keys }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  sessions = await openClerkSessions({
    issuer: 'https://clerk.example.test',
    authorizedParty: 'http://localhost:8080',
    jwtKey: undefined,
    jwksUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/.well-known/jwks.json`,
    clock,
    log: captureLog().log,
  })
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function token(key: ClerkKey): string {
  const nowS = Math.floor(clock.nowMs() / 1000)
  const claims = {
    ...{ iss: 'https://clerk.example.test', azp: 'http://localhost:8080', sub: 'user_1', sid: 'sess_1' },
    ...{ iat: nowS, exp: nowS + 60, v: 2 },
  }
  const input = [{ alg: 'RS256', typ: 'JWT', kid: key.kid }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.')
  return `${input}.${createSign('sha256').update(input).sign(key.privateKey, 'base64url')}`
}
const verify = async (key: ClerkKey): Promise<unknown> => {
  const verified = await sessions.verify(token(key))
  return verified.ok ? verified.value.sub : verified.error
}
const [known, fresh] = [first as ClerkKey, second as ClerkKey]

describe('Clerk’s keys, fetched', () => {
  test('serve for five minutes without being asked for again', async () => {
    expect(await verify(known)).toBe('user_1')
    clock.advance(299_000)
    expect(await verify(known)).toBe('user_1')
    expect(served.asked).toBe(1)
    clock.advance(1_000)
    expect(await verify(known)).toBe('user_1')
    expect(served.asked).toBe(2)
  })

  test('are fetched once for many tokens at once', async () => {
    expect(await Promise.all(Array.from({ length: 20 }, () => verify(known)))).toEqual(
      Array.from({ length: 20 }, () => 'user_1'),
    )
    expect(served.asked).toBe(1)
  })

  test('are fetched again for an unknown key, so a rotation is noticed at once', async () => {
    await verify(known)
    served.keys = [known, fresh]
    clock.advance(30_000)
    expect(await verify(fresh)).toBe('user_1')
    expect(served.asked).toBe(2)
  })

  test('are not fetched more than once in 30 s, however many unknown keys are named', async () => {
    await verify(known)
    for (let n = 0; n < 50; n += 1) expect(await verify(fresh)).toBe('kid_unknown')
    expect(served.asked).toBe(1)
    clock.advance(30_000)
    for (let n = 0; n < 50; n += 1) await verify(fresh)
    expect(served.asked).toBe(2)
  })

  test('that cannot be had make nobody invalid: it is unavailable', async () => {
    served.status = 500
    expect(await verify(known)).toBe('unavailable')
    served.status = 200
    expect(await verify(known)).toBe('unavailable')
    clock.advance(30_000)
    expect(await verify(known)).toBe('user_1')
  })

  test('of which one is weak are refused whole', async () => {
    const weak = { kid: 'ins_3', ...generateKeyPairSync('rsa', { modulusLength: 1024 }) }
    served.keys = [known, weak]
    expect(await verify(known)).toBe('unavailable')
  })
})

describe('one pinned key', () => {
  test('serves without a network; one that cannot be trusted stops the start', async () => {
    const options = {
      issuer: 'https://clerk.example.test',
      authorizedParty: 'http://localhost:8080',
      jwksUrl: 'http://127.0.0.1:1',
      clock,
      log: captureLog().log,
    }
    const jwtKey = known.publicKey.export({ type: 'spki', format: 'pem' }).toString()
    sessions = await openClerkSessions({ ...options, jwtKey })
    expect(await verify(known)).toBe('user_1')
    expect(await verify(fresh)).toBe('signature_wrong')
    await expect(openClerkSessions({ ...options, jwtKey: 'nonsense' })).rejects.toThrow('CLERK_JWT_KEY')
  })
})
