import type { Clock } from '../clock.ts'
import {
  type Projected,
  type Range,
  type Store,
  StoreUnavailable,
  type Tally,
  type Write,
} from './contract.ts'
import { markKey } from './keys.ts'

interface Held {
  readonly value: string
  /** Milliseconds since the Unix epoch; infinite when kept for good. */
  readonly untilMs: number
}

/** The store of one process. Lives and dies with it; journals make a restart harmless. */
export class MemoryStore implements Store {
  readonly kind = 'memory'
  readonly #clock: Clock
  readonly #held = new Map<string, Held>()
  #sweep = this.#held.entries()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Reads at once, for a script twin that must be atomic. */
  peek(key: string): string | null {
    return this.#find(key)?.value ?? null
  }

  /** Writes at once. Without `ttlMs` the key stays for good; a life of zero or less removes it. */
  poke(key: string, value: string, ttlMs?: number): void {
    this.#sweepSome()
    const untilMs = ttlMs === undefined ? Number.POSITIVE_INFINITY : this.#clock.nowMs() + ttlMs
    this.#held.set(key, { value, untilMs })
  }

  /** Removes at once. */
  drop(key: string): void {
    this.#held.delete(key)
  }

  /** Keys that are held, expired ones that were not swept yet included. */
  get size(): number {
    return this.#held.size
  }

  get(key: string): Promise<string | null> {
    return Promise.resolve(this.peek(key))
  }

  getMany(keys: readonly string[]): Promise<(string | null)[]> {
    return Promise.resolve(keys.map((key) => this.peek(key)))
  }

  put(key: string, value: string, ttlMs: number): Promise<void> {
    this.poke(key, value, ttlMs)
    return Promise.resolve()
  }

  putOnce(key: string, value: string, ttlMs: number): Promise<boolean> {
    const isFirst = this.#find(key) === undefined
    if (isFirst) this.poke(key, value, ttlMs)
    return Promise.resolve(isFirst)
  }

  take(key: string): Promise<string | null> {
    const value = this.peek(key)
    this.drop(key)
    return Promise.resolve(value)
  }

  remove(key: string): Promise<void> {
    this.drop(key)
    return Promise.resolve()
  }

  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }> {
    const nowMs = this.#clock.nowMs()
    const held = this.#find(key)
    const isRunning = held !== undefined && Number.isFinite(held.untilMs)
    const untilMs = isRunning ? held.untilMs : nowMs + windowMs
    const before = held?.value ?? '0'
    if (!WHOLE_NUMBER.test(before)) return Promise.reject(new StoreUnavailable('a counter holds no number'))
    const count = Number(before) + 1
    this.poke(key, String(count), untilMs - nowMs)
    return Promise.resolve({ count, resetMs: untilMs - nowMs })
  }

  tally(key: string, { slot, by, oldest, ttlMs }: Tally): Promise<number> {
    const held = (this.peek(key) ?? '').split(' ').filter((part) => part !== '')
    const slots = new Map(held.map((part) => slotOf(part)))
    if (by > 0) slots.set(slot, (slots.get(slot) ?? 0) + by)
    const kept = [...slots].filter(([at]) => at >= oldest)
    if (by > 0 && kept.length > 0) this.poke(key, kept.map((pair) => pair.join(':')).join(' '), ttlMs)
    return Promise.resolve(kept.reduce((sum, [, amount]) => sum + amount, 0))
  }

  nowMs(): Promise<number> {
    return Promise.resolve(this.#clock.nowMs())
  }

  project(writer: string, seq: number, writes: readonly Write[], from = seq): Promise<Projected> {
    const mark = this.#mark(writer) ?? 0
    if (Number.isNaN(mark)) return Promise.reject(new StoreUnavailable('a mark holds no number'))
    if (mark >= seq) return Promise.resolve({ state: 'ahead' })
    if (mark !== from - 1) return Promise.resolve({ state: 'behind', mark })
    for (const write of writes) this.#apply(write)
    this.poke(markKey(writer), String(seq))
    return Promise.resolve({ state: 'applied' })
  }

  mark(writer: string): Promise<number | null> {
    return Promise.resolve(this.#mark(writer))
  }

  close(): Promise<void> {
    this.#held.clear()
    return Promise.resolve()
  }

  #mark(writer: string): number | null {
    const text = this.peek(markKey(writer))
    return text === null ? null : Number(text)
  }

  #apply(write: Write): void {
    if ('remove' in write) this.drop(write.key)
    else if ('atLeast' in write) {
      const standing = Number(this.peek(write.key) ?? 0)
      if (standing < write.atLeast) this.poke(write.key, String(write.atLeast))
    } else if ('newest' in write) {
      if (versionOf(this.peek(write.key)) <= versionOf(write.newest)) this.poke(write.key, write.newest)
    } else if ('range' in write) {
      this.#addRange(write.key, write.range)
    } else if (write.ifAbsent !== true || this.#find(write.key) === undefined) {
      this.poke(write.key, write.value, write.ttlMs)
    }
  }

  #addRange(key: string, [from, to]: Range): void {
    const held = this.peek(key)
    const [ranges, range] = [held === null ? [] : held.split(' '), `${from}-${to}`]
    if (!ranges.includes(range)) this.poke(key, [...ranges, range].join(' '))
  }

  #find(key: string): Held | undefined {
    const held = this.#held.get(key)
    if (held === undefined || held.untilMs > this.#clock.nowMs()) return held
    this.#held.delete(key)
    return undefined
  }

  /** Each write looks at a few keys, so that what nobody reads again does not pile up. */
  #sweepSome(): void {
    const nowMs = this.#clock.nowMs()
    for (let looked = 0; looked < SWEPT_PER_WRITE; looked += 1) {
      const next = this.#sweep.next()
      if (next.done === true) {
        this.#sweep = this.#held.entries()
        return
      }
      const [key, { untilMs }] = next.value
      if (untilMs <= nowMs) this.#held.delete(key)
    }
  }
}

/** Of `<slot>:<sum>`. */
function slotOf(part: string): [slot: number, sum: number] {
  const [slot, sum] = part.split(':')
  return [Number(slot), Number(sum)]
}

/** Of `<version>.<anything>`; below every version where there is none. */
const versionOf = (value: string | null): number => Number(/^(\d+)\./.exec(value ?? '')?.[1] ?? -1)

const WHOLE_NUMBER = /^-?\d+$/
const SWEPT_PER_WRITE = 4
