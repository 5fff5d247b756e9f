/**
 * What the product needs from a shared store; two adapters keep it (`memory-store.ts`, `redis-store.ts`) and one
 * contract suite holds them together. Keys are given without the store's prefix (`{mx}:` for the MCP server,
 * `{portal}:` for the portal: one hash tag each, hence one Redis Cluster slot). Values are strings.
 *
 * Every method rejects with {@link StoreUnavailable} when the store cannot answer in time. Nobody may read an outage
 * as "absent": the callers turn it into `503`.
 */
export interface Store {
  readonly kind: 'memory' | 'redis'
  get(key: string): Promise<string | null>
  getMany(keys: readonly string[]): Promise<(string | null)[]>
  /** A life of zero or less removes the key; the other methods take lives and windows of 1 ms and more. */
  put(key: string, value: string, ttlMs: number): Promise<void>
  /** Writes only if the key is absent. `true`: this caller wrote it. Atomic. */
  putOnce(key: string, value: string, ttlMs: number): Promise<boolean>
  /** Reads and removes. Of many parallel takers exactly one gets the value. */
  take(key: string): Promise<string | null>
  remove(key: string): Promise<void>
  /**
   * Adds one to a fixed-window counter that starts at the first call. Returns the count and what is left of the window.
   * Rejects where something else than a whole number stands.
   */
  count(key: string, windowMs: number): Promise<{ readonly count: number; readonly resetMs: number }>
  /**
   * Adds to one slot of a sliding window, forgets the slots before `oldest`, and returns the sum of the others. Slots are
   * whole numbers that grow with time; `by` 0 only asks. Atomic.
   */
  tally(key: string, to: Tally): Promise<number>
  /** The store's own clock, milliseconds since the Unix epoch. */
  nowMs(): Promise<number>
  /**
   * Applies the writes of the records `from` (default `seq`) to `seq` of `writer` and moves the writer's high-water mark,
   * atomically, if the mark is exactly `from - 1` (absent counts as 0). `behind`: it is not (flushed, rolled back, part of
   * them is there): replay from `mark + 1`. `ahead`: the store already has them all; nothing was written.
   */
  project(writer: string, seq: number, writes: readonly Write[], from?: number): Promise<Projected>
  /** The high-water mark of a writer; `null` when the store has none (empty, flushed, evicted). */
  mark(writer: string): Promise<number | null>
  close(): Promise<void>
}

export interface Tally {
  readonly slot: number
  /** A whole number, not negative. */
  readonly by: number
  readonly oldest: number
  /** From now on, for all slots. */
  readonly ttlMs: number
}

/**
 * One change of a projected key. Every kind is idempotent, so that a replay is harmless; of `atLeast`, `range`, `newest`
 * and `ifAbsent` the order does not matter either, as between journals of several writers.
 */
export type Write =
  /** `ttlMs` absent: kept for good. `ifAbsent`: the first record to write the key wins. */
  | { readonly key: string; readonly value: string; readonly ttlMs?: number; readonly ifAbsent?: true }
  | { readonly key: string; readonly remove: true }
  /** `<version>.<anything>`, kept for good: stands unless a higher version does. */
  | { readonly key: string; readonly newest: string }
  /** A watermark: an integer that only grows. */
  | { readonly key: string; readonly atLeast: number }
  /** Adds a closed range to a list of them that only grows. Its value: `<from>-<to>` in decimal, separated by spaces. */
  | { readonly key: string; readonly range: Range }

/** Both ends belong to it; whole numbers. */
export type Range = readonly [from: number, to: number]

export type Projected =
  { readonly state: 'applied' | 'ahead' } | { readonly state: 'behind'; readonly mark: number }

/** The store is silent, slow, refusing or read-only. Carries no key and no value. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable'
}
