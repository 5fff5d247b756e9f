import type { RedisConnection } from '../redis.ts'
import type { ScriptCall } from '../redis-script.ts'
import { type Projected, type Store, StoreUnavailable, type Tally, type Write } from './contract.ts'
import { GatheredReads } from './gathered-reads.ts'
import { markKey } from './keys.ts'
import { COUNT_LUA, PROJECT_LUA, TALLY_LUA, TIME_LUA } from './redis-scripts.ts'

export interface RedisStoreOptions {
  readonly redis: RedisConnection
  /** `{portal}:` or `{mx}:`: one hash tag, hence one Cluster slot. */
  readonly prefix: string
}

/** The shared store. Every method costs one round trip at most and fails closed as `StoreUnavailable`. */
export class RedisStore implements Store {
  readonly kind = 'redis'
  readonly #redis: RedisConnection
  readonly #prefix: string
  readonly #reads: GatheredReads
  readonly #count: ScriptCall
  readonly #project: ScriptCall
  readonly #tally: ScriptCall
  readonly #time: ScriptCall

  constructor({ redis, prefix }: RedisStoreOptions) {
    this.#redis = redis
    this.#prefix = prefix
    this.#reads = new GatheredReads({
      read: (keys) => redis.run((to) => to.mget(keys.map((key) => prefix + key))),
      atEndOfTurn: (work) => redis.atEndOfTurn(work),
    })
    this.#count = redis.script(COUNT_LUA)
    this.#project = redis.script(PROJECT_LUA)
    this.#tally = redis.script(TALLY_LUA)
    this.#time = redis.script(TIME_LUA)
  }

  get(key: string): Promise<string | null> {
    return this.#redis.run((redis) => redis.get(this.#prefix + key))
  }

  getMany(keys: readonly string[]): Promise<(string | null)[]> {
    return keys.length === 0 ? Promise.resolve([]) : this.#reads.ask(keys)
  }

  async put(key: string, value: string, ttlMs: number): Promise<void> {
    const lifeMs = wholeMs(ttlMs)
    if (lifeMs === 0) return this.remove(key)
    await this.#redis.run((redis) => redis.set(this.#prefix + key, value, 'PX', lifeMs))
  }

  putOnce(key: string, value: string, ttlMs: number): Promise<boolean> {
    const lifeMs = Math.max(1, wholeMs(ttlMs))
    return this.#redis.run(
      async (redis) => (await redis.set(this.#prefix + key, value, 'PX', lifeMs, 'NX')) === 'OK',
    )
  }

  take(key: string): Promise<string | null> {
    return this.#redis.run((redis) => redis.getdel(this.#prefix + key))
  }

  async remove(key: string): Promise<void> {
    await this.#redis.run((redis) => redis.del(this.#prefix + key))
  }

  async count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }> {
    const [count, resetMs] = numbers(
      await this.#count([this.#prefix + key], [Math.max(1, wholeMs(windowMs))]),
      2,
    )
    return { count: count ?? 0, resetMs: resetMs ?? 0 }
  }

  async tally(key: string, { slot, by, oldest, ttlMs }: Tally): Promise<number> {
    const asked = [slot, by, oldest, Math.max(1, wholeMs(ttlMs))]
    const [sum] = numbers(await this.#tally([this.#prefix + key], asked), 1)
    return sum ?? 0
  }

  async nowMs(): Promise<number> {
    const [seconds, micros] = numbers(await this.#time([this.#prefix], []), 2)
    return (seconds ?? 0) * 1000 + Math.floor((micros ?? 0) / 1000)
  }

  async project(writer: string, seq: number, writes: readonly Write[], from = seq): Promise<Projected> {
    const keys = [markKey(writer), ...writes.map((write) => write.key)].map((key) => this.#prefix + key)
    const [state, mark] = numbers(
      await this.#project(keys, [seq, from, ...writes.flatMap(scriptArguments)]),
      2,
    )
    if (state === BEHIND) return { state: 'behind', mark: mark ?? 0 }
    return { state: state === APPLIED ? 'applied' : 'ahead' }
  }

  async mark(writer: string): Promise<number | null> {
    const text = await this.get(markKey(writer))
    return text === null ? null : Number(text)
  }

  /** The connection is the caller's: it may serve others. */
  close(): Promise<void> {
    return Promise.resolve()
  }
}

/** Operation, value and life of one write, as the script reads them; a life of `-1` is for good. */
function scriptArguments(write: Write): (string | number)[] {
  if ('remove' in write) return ['remove', '', 0]
  if ('atLeast' in write) return ['atLeast', String(write.atLeast), 0]
  if ('newest' in write) return ['newest', write.newest, 0]
  if ('range' in write) return ['range', write.range.join('-'), 0]
  const lifeMs = write.ttlMs === undefined ? -1 : wholeMs(write.ttlMs)
  return [write.ifAbsent === true ? 'ifAbsent' : 'set', write.value, lifeMs]
}

/** Redis refuses a life of zero or a fraction; a life that is over is 0 here. */
const wholeMs = (ttlMs: number): number => Math.max(0, Math.ceil(ttlMs))

/** A reply of another shape is not an answer. */
function numbers(reply: unknown, length: number): readonly number[] {
  if (Array.isArray(reply) && reply.length === length && reply.every((item) => typeof item === 'number'))
    return reply
  throw new StoreUnavailable('Redis answered in another shape than asked for')
}

const BEHIND = 0
const APPLIED = 1
