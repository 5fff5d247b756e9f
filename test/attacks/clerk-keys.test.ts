import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Secret } from '../../src/kernel/secret.ts'
import { randomId } from '../../src/kernel/random.ts'
import { createClerk } from '../../src/portal/clerk/clerk-client.ts'
import { clerkConfig } from '../../src/portal/clerk/clerk-config.ts'
import { verifiedSession } from '../../src/portal/session/session-token.ts'
import { startWorld, type World } from '../support/session-portal.ts'

let world: World
let api: Server
let asked = 0
beforeAll(async () => {
  world = await startWorld()
  const keys = await (await fetch(world.standin.config.jwksUrl)).text()
  api = createServer((_request, answer) => {
    asked += 1
    answer.setHeader('content-type', 'application/json').end(keys)
  }).listen(0, '127.0.0.1')
  await once(api, 'listening')
})
afterAll(async () => {
  api.close()
  await world.close()
})

const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
/** What anybody can put into a cookie: a token under a key id that nobody knows. */
const forged = (publicOrigin: string): string => {
  const claims = { iss: 'x', sub: 'user_x', sid: 'sess_x', azp: publicOrigin, iat: 1, exp: 9_999_999_999 }
  return `${part({ alg: 'RS256', typ: 'JWT', kid: `ins_${randomId()}` })}.${part(claims)}.${'A'.repeat(342)}`
}

test('a stranger’s key ids do not make the portal ask Clerk for its keys again and again', async () => {
  const { config } = world.standin
  const apiUrl = `http://127.0.0.1:${(api.address() as AddressInfo).port}`
  const secretKey = new Secret(config.secretKey)
  const clerk = createClerk(clerkConfig({ ...config, apiUrl, jwtKey: undefined, secretKey }))
  const context = { clerk, publicOrigin: world.portal, clockSkewMs: 5_000 }
  for (let tried = 0; tried < 30; tried += 1)
    expect(await verifiedSession(forged(world.portal), context)).toBeNull()
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThanOrEqual(2)
})
