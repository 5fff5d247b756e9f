import type { Clock } from '../../../src/kernel/clock.ts'
import type { RedisConnection } from '../../../src/kernel/redis.ts'
import type { Store, Write } from '../../../src/kernel/store/contract.ts'
import { RedisStore } from '../../../src/kernel/store/redis-store.ts'

/**
 * A connection whose scripts read the time from a clock of the test.
 *
 * @returns also what tells Redis the time, whenever the clock has moved
 */
export function heldTime(
  connection: RedisConnection,
  prefix: string,
  clock: Clock,
): { readonly redis: RedisConnection; readonly tell: () => Promise<unknown> } {
  const key = `${prefix}time`
  return {
    redis: {
      ...forwarded(connection),
      script: (lua) =>
        connection.script(lua.replaceAll(`redis.call('TIME')`, `redis.call('LRANGE', '${key}', 0, -1)`)),
    },
    tell: () =>
      connection.run(async (client) => {
        const [seconds, rest] = [Math.floor(clock.nowMs() / 1000), clock.nowMs() % 1000]
        await client.del(key)
        return client.rpush(key, seconds, rest * 1000)
      }),
  }
}

/** What is not its own to end. */
const forwarded = (connection: RedisConnection): Omit<RedisConnection, 'script'> => ({
  run: (call) => connection.run(call),
  atEndOfTurn: (ask) => connection.atEndOfTurn(ask),
  trouble: () => connection.trouble(),
  remarks: () => connection.remarks(),
  circuit: () => connection.circuit(),
  close: () => Promise.resolve(),
})

/**
 * The shared store in time that the test holds, to the millisecond. Redis counts lives by its own clock, so that a
 * millisecond here is a minute there (`SLOWED`): what really passes between two commands is rounded away.
 */
export function heldStore(
  connection: RedisConnection,
  prefix: string,
  clock: Clock & { advance(ms: number): void },
): { readonly store: Store; readonly pass: (ms: number) => Promise<void> } {
  const held = heldTime(connection, prefix, clock)
  const store = new RedisStore({ redis: held.redis, prefix })
  return {
    store: {
      kind: store.kind,
      get: (key) => store.get(key),
      getMany: (keys) => store.getMany(keys),
      put: (key, value, ttlMs) => store.put(key, value, ttlMs * SLOWED),
      putOnce: (key, value, ttlMs) => store.putOnce(key, value, ttlMs * SLOWED),
      take: (key) => store.take(key),
      remove: (key) => store.remove(key),
      count: async (key, windowMs) => {
        const { count, resetMs } = await store.count(key, windowMs * SLOWED)
        return { count, resetMs: Math.ceil(resetMs / SLOWED) }
      },
      tally: (key, to) => store.tally(key, { ...to, ttlMs: to.ttlMs * SLOWED }),
      nowMs: () => store.nowMs(),
      project: (writer, seq, writes, from) => store.project(writer, seq, writes.map(slowed), from),
      mark: (writer) => store.mark(writer),
      close: () => store.close(),
    },
    pass: async (ms) => {
      clock.advance(ms)
      await held.tell()
      await connection.run((client) => client.eval(AGE_KEYS, 0, `${prefix}*`, ms, SLOWED))
    },
  }
}

const slowed = (write: Write): Write =>
  'value' in write && write.ttlMs !== undefined ? { ...write, ttlMs: write.ttlMs * SLOWED } : write

/** What a millisecond of a life is in Redis, where the test holds the time. */
export const SLOWED = 60_000

/** A connection whose scripts give `SLOWED` lives to what they write. */
export const slowLives = (connection: RedisConnection): RedisConnection => ({
  ...forwarded(connection),
  script: (lua) => connection.script(SLOW_LIVES + lua),
})

const SLOW_LIVES = `
local server = redis
local redis = {call = function(name, ...)
  local words = {...}
  if name == 'PEXPIRE' then words[2] = string.format('%.0f', words[2] * ${SLOWED}) end
  if name == 'SET' and words[3] == 'PX' then words[4] = string.format('%.0f', words[4] * ${SLOWED}) end
  return server.call(name, unpack(words))
end}
`

/** KEYS: none. ARGV: pattern of keys, how much older they get, what a unit of that is in milliseconds. */
const AGE_KEYS = `
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local left = redis.call('PTTL', key)
  if left >= 0 then
    local rest = math.ceil(left / ARGV[3]) - ARGV[2]
    redis.call('PEXPIRE', key, string.format('%.0f', rest * ARGV[3]))
  end
end`
