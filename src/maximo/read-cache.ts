import { LRUCache } from 'lru-cache'
import type { Clock } from '../kernel/clock.ts'
import type { AnswerAge } from './answer-age.ts'

export interface ReadCacheOptions {
  readonly clock: Clock
  /** Counted from when the answer was asked for. */
  readonly lifetimeMs: number
  readonly maxEntries?: number
  /** Of question and answer, estimated from their JSON. */
  readonly maxBytes?: number
}

/**
 * Answers of Maximo that may be given again for a moment, of all clients of a process, within one bound. A write through
 * any of them forgets what is known of its environment; what others change there, and the rights they take away, show
 * when an answer has had its time.
 */
export class ReadCache {
  readonly #clock: Clock
  readonly #kept: LRUCache<string, Kept>
  readonly #lifetimeMs: number
  readonly #maxEntryBytes: number
  #clients = 0
  #writes = 0

  constructor({ clock, lifetimeMs, maxEntries = MAX_ENTRIES, maxBytes = MAX_BYTES }: ReadCacheOptions) {
    this.#clock = clock
    this.#lifetimeMs = lifetimeMs
    this.#maxEntryBytes = maxBytes / MIN_ENTRIES
    this.#kept = new LRUCache({
      max: maxEntries,
      maxSize: maxBytes,
      ttl: lifetimeMs,
      // So that what is out of date also leaves memory.
      ttlAutopurge: true,
      perf: { now: () => startOf(clock.monotonicMs()) },
    })
  }

  /** @param environment whatever is the same for all who reach the same Maximo */
  answersOf(environment: string): KeptAnswers {
    this.#clients += 1
    return new KeptAnswers(this, { environment, client: this.#clients })
  }

  /** What was kept under a key, and how old it is. */
  find(key: string): { readonly answer: object; readonly ageMs: number } | null {
    const kept = this.#kept.get(key)
    if (kept === undefined) return null
    const ageMs = this.#clock.monotonicMs() - kept.atMs
    return ageMs < this.#lifetimeMs ? { answer: kept.answer, ageMs } : null
  }

  /** Notes the moment at which a question leaves. */
  depart(): Departure {
    return { atMs: this.#clock.monotonicMs(), writes: this.#writes }
  }

  /** Keeps an answer, unless somebody wrote since it was asked for. */
  keep(key: string, answer: object, { room, environment, left }: Arrival): void {
    const size = BYTES_PER_CHARACTER * (key.length + room)
    if (left.writes !== this.#writes || size > this.#maxEntryBytes) return
    this.#kept.set(key, { answer, environment, atMs: left.atMs }, { size, start: startOf(left.atMs) })
  }

  forget(isMeant: (kept: Pick<Kept, 'environment'>, key: string) => boolean): void {
    for (const [key, kept] of [...this.#kept.entries()]) if (isMeant(kept, key)) this.#kept.delete(key)
  }

  /** A write is over, whatever became of it. */
  wrote(environment: string): void {
    this.#writes += 1
    this.forget((kept) => kept.environment === environment)
  }
}

/** The cache takes a start of exactly 0 for "no expiry", and then counts down to it without end. */
const startOf = (atMs: number): number => atMs + 1

interface Kept {
  readonly answer: object
  readonly environment: string
  readonly atMs: number
}

interface Departure {
  readonly atMs: number
  readonly writes: number
}

interface Arrival {
  readonly environment: string
  readonly left: Departure
  /** Characters of the answer's JSON. */
  readonly room: number
}

export interface AnswerOptions<T> {
  /** All that decides the answer, as JSON. */
  readonly question: unknown
  /** Whoever brings none wants it fresh. */
  readonly age: AnswerAge | undefined
  readonly ask: () => Promise<T>
  /** What of the answer takes up room; null: it is not one to keep. */
  readonly contentOf: (answer: T) => unknown
}

/** The answers that one client, and so one Maximo user by one credential, was given. Nobody else can name them. */
export class KeptAnswers {
  readonly #cache: ReadCache
  readonly #environment: string
  readonly #prefix: string

  constructor(cache: ReadCache, { environment, client }: { environment: string; client: number }) {
    this.#cache = cache
    this.#environment = environment
    this.#prefix = `${client} `
  }

  /** The kept answer, else a new one. @throws whatever `ask` throws; that is not kept */
  async answer<T extends object>({ question, age, ask, contentOf }: AnswerOptions<T>): Promise<T> {
    const key = this.#prefix + JSON.stringify(question)
    const found = age === undefined ? null : this.#cache.find(key)
    if (found !== null) {
      age?.used(found.ageMs)
      // The question, which is in the key, decides the kind of answer.
      return found.answer as T
    }
    const left = this.#cache.depart()
    const answer = await ask()
    const content = contentOf(answer)
    if (content !== null) {
      const room = JSON.stringify(content).length
      this.#cache.keep(key, answer, { room, left, environment: this.#environment })
    }
    return answer
  }

  /** Carries out a write: nothing that was asked for before its end is given after it. */
  async writing<T>(write: () => Promise<T>): Promise<T> {
    try {
      return await write()
    } finally {
      this.#cache.wrote(this.#environment)
    }
  }

  close(): void {
    this.#cache.forget((_, key) => key.startsWith(this.#prefix))
  }
}

const MAX_ENTRIES = 1_000
const MAX_BYTES = 32 * 1024 * 1024
/** No answer takes more than its part of the room. */
const MIN_ENTRIES = 16
/** Of JSON text, for the objects that it becomes. */
const BYTES_PER_CHARACTER = 2
