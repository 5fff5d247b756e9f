import { AnswerDeadline, SILENT_TIMES } from './answer-deadline.ts'
import { type BreakerState, createBreaker } from './breaker.ts'
import type { Clock } from './clock.ts'
import type { Log } from './log.ts'
import { openRedisClient, type RedisClient, type RedisCommands } from './redis-client.ts'
import { isUnwell, toUnavailable } from './redis-errors.ts'
import { judgeRedis, NOT_A_MASTER } from './redis-fitness.ts'
import type { ScriptCall } from './redis-script.ts'
import { TlsLook } from './redis-tls.ts'
import { readRedisUrl } from './redis-url.ts'
import type { Secret } from './secret.ts'
import { StoreUnavailable } from './store/contract.ts'

export interface RedisOptions {
  /** In a form of `redis-url.ts`. */
  readonly url: Secret<string>
  /** Begins every key that will be used, with its hash tag: `{mx}:`. Of a cluster, the server of that slot is judged. */
  readonly prefix: string
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
  run<T>(call: (redis: RedisCommands) => Promise<T>): Promise<T>
  /** @returns what calls this Lua script, and throws StoreUnavailable for every failure */
  script(lua: string): ScriptCall
  /** Calls back when this turn of the event loop ends, before what the turn asked leaves in one write. */
  atEndOfTurn(ask: () => void): void
  /** What keeps Redis from being used, in words for the operator; `null` when nothing does. */
  trouble(): string | null
  /** What an operator should mend although it is used. */
  remarks(): readonly string[]
  circuit(): Circuit
  close(): Promise<void>
}

/**
 * Starts connecting, and reconnects for ever. Does not wait: calls reject until a connection is there and its server
 * is fit to be believed (a master that never evicts). The user needs `+info` beside the commands of the stores.
 *
 * @throws Error when the address cannot be read
 */
export const connectRedis = (options: RedisOptions): RedisConnection => new GuardedConnection(options)

class GuardedConnection implements RedisConnection {
  readonly #client: RedisClient
  readonly #log: Log
  readonly #breaker
  readonly #deadline: AnswerDeadline
  readonly #clock: Clock
  #unfit: string | null = NOT_CONNECTED
  /** Counts up whenever another server may answer: what was asked before says nothing about this one. */
  #server = 0
  #remarks: readonly string[] = []
  readonly #tls: TlsLook
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
    const found = clientOptions(options)
    this.#tls = new TlsLook({ ...found, log })
    this.#client = openRedisClient(found, {
      onReady: () => void this.#inspect(),
      onChange: () => {
        this.#forget(NOT_INSPECTED)
        this.#inspectIn(CHANGED_MS)
      },
      onLost: () => this.#forget(NOT_CONNECTED),
      onError: (error) => this.#complain(error),
    })
    this.#deadline = new AnswerDeadline({
      ...{ clock, afterMs: commandTimeoutMs },
      error: () => new StoreUnavailable('Redis did not answer in time'),
      // A half-open connection: ioredis would wait on the dead socket, and closes it only for the handshake.
      onSilence: () => this.#client.hangUp(),
    })
  }

  async run<T>(call: (redis: RedisCommands) => Promise<T>): Promise<T> {
    try {
      return await this.#breaker.guarded(() => this.#whenFit(call))
    } catch (error) {
      throw toUnavailable(error)
    }
  }

  script(lua: string): ScriptCall {
    const call = this.#client.script(lua)
    return (keys, args, lasting) => this.run(() => call(keys, args, lasting))
  }

  atEndOfTurn(ask: () => void): void {
    this.#asksAtEnd.push(ask)
    this.#gather()
  }

  trouble(): string | null {
    const ofTls = this.#unfit === NOT_CONNECTED ? this.#tls.trouble() : null
    if (ofTls !== null) return `${NOT_CONNECTED}: ${ofTls}`
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
    this.#client.close()
    return Promise.resolve()
  }

  /** @throws StoreUnavailable at once where nobody may be asked */
  #whenFit<T>(call: (redis: RedisCommands) => Promise<T>): Promise<T> {
    if (this.#unfit !== null) throw new StoreUnavailable(this.#unfit)
    const server = this.#server
    this.#gather()
    return this.#deadline.hold(call(this.#client.commands), () =>
      server === this.#server ? null : new StoreUnavailable('another Redis answered than was asked'),
    )
  }

  #forget(reason: string): void {
    clearTimeout(this.#nextInspection)
    this.#server += 1
    this.#unfit = reason
  }

  /** What one turn of the event loop asks leaves in one write: under load a system call costs more than a command. */
  #gather(): void {
    if (this.#isGathering) return
    // Before it is connected, there is none.
    const stream = this.#unfit === null ? this.#client.stream() : null
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
    const server = this.#server
    const unfit = await this.#look()
    // What was lost or changed meanwhile is inspected anew when it is back.
    if (server === this.#server) this.#judge(unfit)
  }

  async #look(): Promise<string | null> {
    try {
      const { remarks, unfit } = judgeRedis(
        await this.#deadline.hold(this.#client.info()),
        this.#clock.nowMs(),
      )
      this.#remark(remarks)
      if (unfit !== null && unfit !== this.#unfit) this.#log.error({ event: 'redis.unfit', reason: unfit })
      return unfit
    } catch (error) {
      this.#complain(error)
      // One answer that came late does not take back what was seen: that is the breaker's to judge.
      return this.#unfit === null ? null : toUnavailable(error).message.replace('refused', 'refused INFO')
    }
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
      this.#tls.understood()
    }
    this.#unfit = unfit
    this.#inspectIn(unfit === null ? FIT_EVERY_MS : UNFIT_EVERY_MS)
  }

  #inspectIn(ms: number): void {
    clearTimeout(this.#nextInspection)
    this.#nextInspection = setTimeout(() => {
      // Who was said to be the master may be known by now. A new connection is inspected by itself.
      if (this.#unfit === NOT_A_MASTER) this.#client.findAnother()
      else void this.#inspect()
    }, ms)
    this.#nextInspection.unref()
  }

  /** At most one line per second. */
  #complain(error: unknown): void {
    this.#tls.hear(error)
    const nowMs = this.#clock.monotonicMs()
    if (nowMs < this.#quietUntilMs) return
    this.#quietUntilMs = nowMs + QUIET_MS
    this.#log.warn({ event: 'redis.error', reason: toUnavailable(error).message })
    if (this.#unfit === NOT_CONNECTED) void this.#tls.look()
  }
}

function clientOptions({ url, prefix, ca }: RedisOptions): Parameters<typeof openRedisClient>[0] {
  const address = readRedisUrl(url.reveal())
  if (!address.ok) throw new Error(`the address of Redis ${address.error}`)
  return { address: address.value, prefix, ca }
}

const NOT_CONNECTED = 'Redis is not connected'
const NOT_INSPECTED = 'Redis is being inspected'
const QUIET_MS = 1_000
const FIT_EVERY_MS = 5_000
const UNFIT_EVERY_MS = 500
/** If it does not say by itself that it is ready. */
const CHANGED_MS = 100
