import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { systemClock } from '../../src/kernel/clock.ts'
import { connectRedis, type RedisConnection } from '../../src/kernel/redis.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { StoreUnavailable } from '../../src/kernel/store/contract.ts'
import { RedisStore } from '../../src/kernel/store/redis-store.ts'
import { RedisAdmissionStore } from '../../src/mcp/admission/redis-admission-store.ts'
import { spendingKeys } from '../../src/mcp/admission/store.ts'
import { captureLog } from '../support/log.ts'
import { REDIS_USERS } from '../support/stack.ts'
import { anAsk } from '../support/store/admission-stores.ts'
import { redisMissing, type RedisServer, startRedis } from '../support/store/redis.ts'

const ADMIN = { name: 'admin', password: 'admin-password', rules: '~* &* +@all' }
const PREFIX: Readonly<Record<string, string>> = { portal: '{portal}:', mcp: '{mx}:' }
const FOREIGN: Readonly<Record<string, string>> = { portal: '{mx}:', mcp: '{portal}:' }

/** Of commands, behind the key. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  set: ['v'],
  pexpire: ['1'],
  zadd: ['1', 'm'],
  zrem: ['m'],
  zscore: ['m'],
  zremrangebyscore: ['0', '1'],
  lindex: ['0'],
  ltrim: ['0', '1'],
  rpush: ['v'],
}
const WITHOUT_KEY: ReadonlySet<string> = new Set(['+info', '+eval', '+evalsha', '+time', '+ping'])

const rightsOf = (user: string): string[] =>
  (REDIS_USERS.find(({ name }) => name === user)?.rules ?? '').split(' ').filter((rule) => rule[0] === '+')

/** Each rule of the compose file that grants a command, by user. */
const RIGHTS = REDIS_USERS.flatMap(({ name }) => rightsOf(name).map((right) => [name, right] as const))

describe.skipIf(redisMissing !== null)('the users of Redis', () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis({ acl: [ADMIN, ...REDIS_USERS] })
  })
  afterAll(() => server.end())

  /** Every call of the store that the service makes, each kind of write and script, as its user, from a new connection. */
  async function work(user: string): Promise<void> {
    await server.cli('FLUSHALL')
    await server.cli('SCRIPT', 'FLUSH')
    const prefix = PREFIX[user] ?? ''
    const fixed = { prefix, clock: systemClock, log: captureLog().log, commandTimeoutMs: 5_000 }
    const redis = connectRedis({ url: new Secret(server.urlOf(user)), ...fixed })
    try {
      const isKnown = (): void => expect(String(redis.trouble())).not.toContain('connected')
      await vi.waitFor(isKnown, { interval: 2, timeout: 5_000 })
      if (redis.trouble() !== null) throw new StoreUnavailable(redis.trouble() ?? '')
      await workOfBoth(new RedisStore({ redis, prefix }))
      if (user === 'mcp') await workOfMcp(redis, prefix)
    } finally {
      await redis.close()
    }
  }

  async function workOfBoth(store: RedisStore): Promise<void> {
    // A server is sent a script once, and is then asked for it by its hash.
    for (const seq of [1, 2]) {
      await store.put('a', 'one', 60_000)
      await store.putOnce('b', 'one', 60_000)
      await store.get('a')
      await store.getMany(['a', 'b'])
      await store.take('a')
      await store.remove('b')
      await store.count('c', 60_000)
      await store.tally('t', { slot: 1, by: 1, oldest: 0, ttlMs: 60_000 })
      const writes = [{ key: 'd', value: 'v' }, { key: 'e', value: 'v', ifAbsent: true } as const]
      const states = await store.project('w', seq, [...writes, { key: 'd', remove: true }])
      expect(states).toEqual({ state: 'applied' })
      await store.mark('w')
    }
  }

  async function workOfMcp(redis: RedisConnection, prefix: string): Promise<void> {
    const store = new RedisStore({ redis, prefix })
    const admission = new RedisAdmissionStore(redis, prefix)
    await store.nowMs()
    const limit = { perMinute: 600_000, burst: 100 }
    const spending = {
      profile: { name: 'p', limit },
      lease: { id: 'l', atMost: 5 },
      quota: { perDay: 1_000, perMonth: 1_000, units: 1 },
    }
    const ask = { ...anAsk(spending), marks: [{ writer: 'w', atLeast: 1 }] }
    expect(await admission.ask(ask)).toMatchObject({ state: 'passed' })
    // What a limits file may ask for besides: the call of long ago has to go first.
    const tool = { name: 't', limit: { algorithm: 'sliding_window', calls: 100, seconds: 60 } } as const
    await server.cli('RPUSH', prefix + spendingKeys.toolRate(ask.standing, tool), '1')
    expect(await admission.ask({ ...ask, spending: { tool } })).toMatchObject({ state: 'passed' })
    expect(await admission.renewLease(ask.standing.grantId, 'l')).toBe(true)
    await admission.releaseLease(ask.standing.grantId, 'l')
    await admission.spent(ask.standing.subject)
    // The health check of the compose file.
    await redis.run((client) => client.ping())
  }

  test('may do all that their services do, and nobody is refused on the way', async () => {
    await server.cli('ACL', 'LOG', 'RESET')
    for (const { name } of REDIS_USERS) await work(name)
    expect(await server.cli('ACL', 'LOG')).toBe('')
  })

  test.each(RIGHTS)('%s needs %s', async (user, right) => {
    await server.cli('ACL', 'SETUSER', user, right.replace('+', '-'))
    await server.cli('ACL', 'LOG', 'RESET')
    try {
      await expect(work(user)).rejects.toThrow(StoreUnavailable)
      expect(await server.cli('ACL', 'LOG')).toMatch(
        new RegExp(`\\nobject\\n${right.slice(1)}\\nusername\\n${user}\\n`),
      )
    } finally {
      await server.cli('ACL', 'SETUSER', user, right)
    }
  })

  test.each(REDIS_USERS)('$name has these rights alone, on its own keys', async ({ name }) => {
    const listed = (await server.cli('ACL', 'LIST')).split('\n').find((line) => line.includes(` ${name} `))
    const granted = listed?.split(' ').filter((rule) => /^[+~&-]/.test(rule))
    expect(new Set(granted)).toEqual(new Set([`~${PREFIX[name] ?? ''}*`, '-@all', ...rightsOf(name)]))
    expect(listed).toContain('resetchannels')
  })

  test.each(REDIS_USERS)('$name can do nothing with a key of the other', async ({ name, password }) => {
    const key = `${FOREIGN[name] ?? ''}key`
    const as = (...command: string[]): Promise<string> =>
      server.cli('--user', name, '--pass', password, ...command).catch(String)
    for (const right of rightsOf(name).filter((one) => !WITHOUT_KEY.has(one))) {
      const command = right.slice(1)
      expect(await as(command, key, ...(ARGUMENTS[command] ?? [])), command).toMatch(/NOPERM/)
    }
    const read = "return redis.call('GET', KEYS[1] or ARGV[1])"
    expect(await as('EVAL', read, '1', key)).toMatch(/NOPERM/)
    expect(await as('EVAL', read, '0', key)).toMatch(/can't access at least one of the keys/)
    for (const command of ['FLUSHALL', 'CONFIG GET *', 'ACL LIST', 'KEYS *', 'MONITOR', 'SHUTDOWN'])
      expect(await as(...command.split(' ')), command).toMatch(/NOPERM/)
  })
})

test('the page for operators names the same rights', () => {
  const page = readFileSync(resolve(import.meta.dirname, '../../docs/operate/redis.md'), 'utf8')
  for (const { name } of REDIS_USERS) {
    const line =
      new RegExp(`^ACL SETUSER ${name} (.*)$`, 'm').exec(page.replaceAll(/ \\\n\s*/g, ' '))?.[1] ?? ''
    const rights = line.split(' ').filter((rule) => rule[0] === '+' && rule !== '+ping')
    expect(rights).toEqual(rightsOf(name).filter((right) => right !== '+ping'))
    expect(line).toContain(`resetkeys ~${PREFIX[name] ?? ''}*`)
  }
})
