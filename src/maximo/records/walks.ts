import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kernel/clock.ts'
import { randomId } from '../../kernel/random.ts'
import type { SessionCookies } from '../credentials/session-cookies.ts'

/** An answer that Maximo keeps for us, and where we are in it. */
export interface Walk {
  /** What asks for the next page. */
  readonly queryString: string
  /** The number of that page. */
  readonly page: number
  readonly objectStructure: string
  readonly cookies: SessionCookies
}

/** The walks through kept answers that a client has begun. Sessions stay here: a cursor holds nothing that opens one. */
export class Walks {
  readonly #clock: Clock
  /** Made for the first walk: hardly any client begins one. */
  #walks: LRUCache<string, Walk> | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @returns its name */
  begin(walk: Walk): string {
    const name = randomId()
    this.goOn(name, walk)
    return name
  }

  /** Takes a walk out, since a page can be asked for once; null when it is over, or not at that page. */
  take(name: string, page: number): Walk | null {
    const walk = this.#walks?.get(name)
    if (walk?.page !== page) return null
    this.#walks?.delete(name)
    return walk
  }

  goOn(name: string, walk: Walk): void {
    this.#walks ??= new LRUCache({
      max: MAX_WALKS,
      ttl: IDLE_MS,
      perf: { now: () => this.#clock.monotonicMs() },
    })
    this.#walks.set(name, walk)
  }

  clear(): void {
    this.#walks?.clear()
  }
}

/** At a time and client; the one left alone longest is given up. */
const MAX_WALKS = 20
/** As long as Maximo keeps them (`mxe.oslc.idleexpiry`). */
const IDLE_MS = 5 * 60_000
