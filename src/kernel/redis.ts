import { Redis } from 'ioredis'
import { AnswerDeadline, SILENT_TIMES } from './answer-deadline.ts'
import { type BreakerState, createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { judgeRedis } from './redis-fitness.ts'
import { isUnwell, toUnavailable } from './redis-errors.ts'
import type { Secret } from './secret.ts'
import { StoreUnavailable } from './store/contract.ts'

export interface RedisOptions {
  /** `redis://` or `rediss://`, with `user:password@` and `/db` where needed. */
  readonly url: Secret<string>
  /** PEM of the authority that signed the server's certificate; the system's authorities without it. */
  readonly ca?: string
  readonly clock: Clock
  readonly log: Log
  /** Hears of every change of the breaker. */
  readonly onCircuit?: (state: Circuit) => void
  /** Longest wait for one answer, the time not counted in which our own event loop was held up. Default 150. */
  readonly commandTimeoutMs?: number
}

export type Circuit = BreakerState['is']

/** One connection of this process to Redis, behind one breaker: whoever uses it shares its fate. */
export interface RedisConnection {
  /**
   * Runs one or more commands.
   *
   * @throws StoreUnavailable for every failure; it names the kind of failure, no key and no value
   */
  run<T>(call: (redis: Redis) => Promise<T>): Promise<T>
  /** Registers a Lua script under a name of its own (a JavaScript identifier). Called by its hash, sent when unknown. */
  script(name: string, lua: string): RedisScript
  /** Calls back when this turn of the event loop ends, before what the turn asked leaves in one write. */
  atEndOfTurn(ask: () => void): void
  /** What keeps Redis from being used, in words for the operator; `null` when nothing does. */
  trouble(): string | null
  /** What an operator should mend although it is used. */
  remarks(): readonly string[]
  circuit(): Circuit
  close(): Promise<void>
}

/** @throws StoreUnavailable for every failure */
export type RedisScript = (keys: readonly string[], args: readonly (string | number)[]) => Promise<unknown>

/**
 * Starts connecting, and reconnects for ever. Does not wait: calls reject until a connection is there and its server
 * is fit to be believed (a master that never evicts). The user needs `+info` beside the commands of the stores.
 */
export const connectRedis = (options: RedisOptions): RedisConnection => new GuardedConnection(options)

class GuardedConnection implements RedisConnection {
  readonly #redis: Redis
  readonly #log: Log
  readonly #breaker
  readonly #deadline: AnswerDeadline
  readonly #clock: Clock
  #unfit: string | null = NOT_CONNECTED
  #remarks: readonly string[] = []
  #quietUntilMs = 0
  #isGathering = false
  #asksAtEnd: (() => void)[] = []
  #nextInspection: NodeJS.Timeout | undefined

  constructor(options: RedisOptions) {
    const { clock, log, commandTimeoutMs = 150 } = options
    this.#clock = clock
    this.#log = log
    this.#breaker = createBreaker({
      clock,
      // What was given up by the wall clock alone proves nothing.
      lateMs: commandTimeoutMs * SILENT_TIMES - 1,
      isFailure: isUnwell,
      onChange: (state) => {
        log.warn({ event: 'redis.breaker', circuit: state })
        options.onCircuit?.(state)
      },
    })
    this.#redis = new Redis(options.url.reveal(), redisOptions(options))
    this.#deadline = new AnswerDeadline({
      ...{ clock, afterMs: commandTimeoutMs },
      error: () => new StoreUnavailable('Redis did not answer in time'),
      // A half-open connection: ioredis would wait on the dead socket, and closes it only for the handshake.
      onSilence: () => this.#redis.stream.destroy(),
    })
    this.#redis.on('ready', () => void this.#inspect())
    this.#redis.on('close', () => (this.#unfit = NOT_CONNECTED))
    this.#redis.on('error', (error) => this.#complain(error))
  }

  async run<T>(call: (redis: Redis) => Promise<T>): Promise<T> {
    try {
      return await this.#breaker.guarded(() => this.#whenFit(call))
    } catch (error) {
      throw toUnavailable(error)
    }
  }

  script(name: string, lua: string): RedisScript {
    this.#redis.defineCommand(name, { lua })
    return (keys, args) =>
      this.run((redis) => {
        // `defineCommand` adds the method at run time, unknown to the types.
        const call = Reflect.get(redis, name) as (...values: (string | number)[]) => Promise<unknown>
        return call.call(redis, keys.length, ...keys, ...args)
      })
  }

  atEndOfTurn(ask: () => void): void {
    this.#asksAtEnd.push(ask)
    this.#gather()
  }

  trouble(): string | null {
    return this.#unfit ?? (this.#breaker.state() === 'closed' ? null : 'Redis fails or is slow')
  }

  remarks(): readonly string[] {
    return this.#remarks
  }

  circuit(): Circuit {
    return this.#breaker.state()
  }

  close(): Promise<void> {
    clearTimeout(this.#nextInspection)
    this.#deadline.close()
    this.#redis.disconnect()
    return Promise.resolve()
  }

  #whenFit<T>(call: (redis: Redis) => Promise<T>): Promise<T> {
    if (this.#unfit !== null) return Promise.reject(new StoreUnavailable(this.#unfit))
    this.#gather()
    return this.#deadline.hold(call(this.#redis))
  }

  /** What one turn of the event loop asks leaves in one write: under load a system call costs more than a command. */
  #gather(): void {
    if (this.#isGathering) return
    // Before it is connected, there is none.
    const stream = this.#unfit === null ? this.#redis.stream : null
    this.#isGathering = true
    stream?.cork()
    setImmediate(() => {
      for (const ask of this.#asksAtEnd.splice(0)) ask()
      this.#isGathering = false
      stream?.uncork()
    })
  }

  /** A replica may serve what its dead master revoked, and an evicting server forgets revocations without an error. */
  async #inspect(): Promise<void> {
    clearTimeout(this.#nextInspection)
    let unfit: string | null
    try {
      const judged = judgeRedis(await this.#deadline.hold(this.#redis.info()), this.#clock.nowMs())
      this.#remark(judged.remarks)
      unfit = judged.unfit
      if (unfit !== null && unfit !== this.#unfit) this.#log.error({ event: 'redis.unfit', reason: unfit })
    } catch (error) {
      this.#complain(error)
      // One answer that came late does not take back what was seen: that is the breaker's to judge.
      unfit = this.#unfit === null ? null : toUnavailable(error).message.replace('refused', 'refused INFO')
    }
    // A connection that closed meanwhile is inspected anew when it is back.
    if (this.#redis.status === 'ready') this.#judge(unfit)
  }

  #remark(remarks: readonly string[]): void {
    const fresh = remarks.filter((remark) => !this.#remarks.includes(remark))
    for (const reason of fresh) this.#log.warn({ event: 'redis.remark', reason })
    this.#remarks = remarks
  }

  #judge(unfit: string | null): void {
    if (unfit === null && this.#unfit !== null) {
      this.#log.info({ event: 'redis.ready' })
      this.#breaker.reset()
    }
    this.#unfit = unfit
    this.#nextInspection = setTimeout(
      () => void this.#inspect(),
      unfit === null ? FIT_EVERY_MS : UNFIT_EVERY_MS,
    )
    this.#nextInspection.unref()
  }

  /** At most one line per second. */
  #complain(error: unknown): void {
    const nowMs = this.#clock.monotonicMs()
    if (nowMs < this.#quietUntilMs) return
    this.#quietUntilMs = nowMs + QUIET_MS
    this.#log.warn({ event: 'redis.error', reason: toUnavailable(error).message })
  }
}

function redisOptions({ ca, url }: RedisOptions): object {
  return {
    connectTimeout: CONNECT_TIMEOUT_MS,
    // For the handshake, which nobody waits for; all else has the deadline of its call.
    socketTimeout: HANDSHAKE_TIMEOUT_MS,
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    retryStrategy: (attempt: number) =>
      Math.min(25 * 2 ** attempt, LONGEST_RETRY_MS) * (0.75 + Math.random() / 4),
    // RESP2 and no client info: the user needs no right to HELLO and CLIENT.
    protocol: 2,
    disableClientInfo: true,
    // Our own inspection asks the same and more.
    enableReadyCheck: false,
    ...(url.reveal().startsWith('rediss:') ? { tls: { minVersion: 'TLSv1.2', ca } } : {}),
  }
}

const NOT_CONNECTED = 'Redis is not connected'
const CONNECT_TIMEOUT_MS = 2_000
const HANDSHAKE_TIMEOUT_MS = 5_000
const LONGEST_RETRY_MS = 1_000
const QUIET_MS = 1_000
const FIT_EVERY_MS = 5_000
const UNFIT_EVERY_MS = 500
