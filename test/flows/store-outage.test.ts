import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Stack } from '../../src/dev/processes/stack.ts'
import { formTo } from '../../src/dev/walk/forms.ts'
import { ask, type JsonAnswer } from '../../src/dev/walk/json-http.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'
import { redisMissing, startRedis, type RedisServer } from '../support/store/redis.ts'
import { aStack, connect, REDIS_USERS, type Connection } from '../support/stack.ts'

/** Not one of the services: the hand that flushes. */
const ADMIN = { name: 'admin', password: 'admin-password', rules: '~* +@all' } as const

const call = (connection: Connection): Promise<JsonAnswer> =>
  rpc(connection.address, connection.tokens.access_token, '2026-07-28', {
    method: 'tools/call',
    params: { name: 'query_records', arguments: { object: 'mxapiasset', select: ['assetnum'], limit: 1 } },
  })

const refreshAnswer = ({ discovered, clientId, tokens }: Connection): Promise<JsonAnswer> =>
  ask(discovered.server.token_endpoint, {
    form: { grant_type: 'refresh_token', client_id: clientId, refresh_token: tokens.refresh_token ?? '' },
  })

/** The portal primes its own keys by itself too; until then it cannot decide, which is not a refusal. */
async function refreshedEventually(connection: Connection): Promise<void> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const answer = await refreshAnswer(connection)
    if (answer.status === 200) return
    expect(answer.status).toBe(503)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('never refreshed')
}

/** Until the call is answered with this status: how the services find back by themselves. */
async function eventually(connection: Connection, status: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const answer = await call(connection)
    if (answer.status === status) return
    expect(answer.status, 'an outage is never an invalid token').not.toBe(401)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`never answered ${status}`)
}

describe.skipIf(redisMissing !== null)(
  'when Redis is in trouble, nothing passes and nobody is told to sign in again',
  () => {
    let redis: RedisServer
    let stack: Stack
    let good: Connection
    let revoked: Connection

    beforeAll(async () => {
      redis = await startRedis({ acl: [...REDIS_USERS, ADMIN] })
      stack = await aStack(redis)
      good = await connect(stack)
      revoked = await connect(stack)
      await ask(revoked.discovered.server.revocation_endpoint, {
        form: { token: revoked.tokens.refresh_token ?? '', client_id: revoked.clientId },
      })
      expect((await call(good)).status).toBe(200)
      expect((await call(revoked)).status).toBe(401)
    }, 60_000)
    afterAll(async () => {
      await stack.close()
      await redis.end()
    })

    async function refusedWithoutMaximo(): Promise<void> {
      const asked = stack.simulator.requests()
      for (const connection of [good, revoked]) {
        const answer = await call(connection)
        expect(answer.status).toBe(503)
        expect(Number(answer.headers['retry-after'])).toBeGreaterThanOrEqual(1)
        expect(answer.headers['www-authenticate']).toBeUndefined()
      }
      expect(stack.simulator.requests()).toBe(asked)
      const refreshed = await refreshAnswer(good)
      expect(refreshed.status).toBe(503)
      expect(JSON.stringify(refreshed.body)).not.toMatch(/invalid_(grant|client|token)/)
    }

    test('refused: 503 and not one call to Maximo; back and empty, it is primed again by itself', async () => {
      await redis.stop()
      await refusedWithoutMaximo()
      await redis.start()
      await eventually(good, 200)
      expect((await call(revoked)).status).toBe(401)
    }, 60_000)

    test('half-open: 503 within the deadline; thawed, it serves again', async () => {
      redis.pause()
      await refusedWithoutMaximo()
      redis.resume()
      await eventually(good, 200)
      expect((await call(revoked)).status).toBe(401)
    }, 60_000)

    test('flushed: what was revoked stays revoked, what was good comes back', async () => {
      expect(await redis.cli('--user', ADMIN.name, '--pass', ADMIN.password, 'FLUSHALL')).toBe('OK')
      await eventually(good, 200)
      expect((await call(revoked)).status).toBe(401)
      await refreshedEventually(good)
    }, 60_000)

    test('what was used is told while Redis answers, and that nobody knows it while it does not', async () => {
      const said = async (): Promise<string> => {
        const page = await good.browser.open(`${stack.portalUrl}/usage`)
        expect(page.status).toBe(200)
        return page.html.querySelector('main')?.text.replace(/\s+/g, ' ') ?? ''
      }
      expect((await call(good)).status).toBe(200)
      expect(await said()).toMatch(/[1-9]\d* of 10,000 units used, 9,\d{3} left/)
      redis.pause()
      const unknown = await said()
      redis.resume()
      expect(unknown).toContain('The MCP server does not say now what you have used')
      expect(unknown).not.toContain('units used')
      await eventually(good, 200)
      // The portal finds its way back by itself, and later maybe.
      await refreshedEventually(good)
    }, 60_000)

    test('a revocation while Redis is away is in force once it is back', async () => {
      const doomed = await connect(stack)
      expect((await call(doomed)).status).toBe(200)
      const page = await doomed.browser.open(`${stack.portalUrl}/connections`)
      redis.pause()
      const done = await doomed.browser.submit(page, formTo(page, '/connections/revoke'))
      // The owner is told the truth: on record, or not yet in force; never that it is done.
      expect(done.html.text).toMatch(/recorded by the MCP server|not yet in force/)
      redis.resume()
      await eventually(good, 200)
      expect((await call(doomed)).status).toBe(401)
    }, 60_000)

    test('in all this Redis refused neither service a command', async () => {
      const refused = await redis.cli('--user', ADMIN.name, '--pass', ADMIN.password, 'ACL', 'LOG')
      expect(refused).toBe('')
    })

    test('the portal’s user has no command on the keys of admission', async () => {
      const asPortal = (...command: string[]): Promise<string> =>
        redis.cli('--user', 'portal', '--pass', 'portal-password', ...command)
      for (const command of [
        ['SET', '{mx}:rev:g:x', '1'],
        ['DEL', '{mx}:rev:g:x'],
        ['GET', '{mx}:mark:mcp-1'],
        ['EVAL', "return redis.call('DEL', KEYS[1])", '1', '{mx}:mark:mcp-1'],
        ['FLUSHALL'],
        ['CONFIG', 'GET', '*'],
      ]) {
        expect(
          await asPortal(...command).catch((error: unknown) => String(error)),
          command.join(' '),
        ).toContain('NOPERM')
      }
      expect(await asPortal('SET', '{portal}:probe', '1')).toBe('OK')
    })
  },
)
