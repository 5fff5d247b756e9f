import { LOAD_CLASSES, type LoadClass, type LoadLimits, type ShedWhy, whyShed } from './shedding.ts'

export interface LoadOptions {
  readonly limits: LoadLimits
  /** How late the event loop is. */
  readonly lagMs: () => number
  readonly onShed?: (of: LoadClass, why: ShedWhy) => void
  /** 0 to 1, for the jitter. */
  readonly random?: () => number
}

/** Turned away before anything was done: there is more to do than this process can. */
export class Overloaded extends Error {
  override readonly name = 'Overloaded'
  readonly statusCode = 503
  /** Whole seconds. */
  readonly retryAfterS: number

  constructor(retryAfterS: number) {
    super(
      `This server has more to do than it can at the moment. Nothing was done; try again in ${retryAfterS} s.`,
    )
    this.retryAfterS = retryAfterS
  }
}

/**
 * What one process is working on at the moment, over all its listeners. It is asked before anything else is: work that
 * waits only in our own event loop runs into every deadline behind it, and looks like an outage of whatever it asks.
 */
export class Load {
  readonly #options: LoadOptions
  readonly #running = Object.fromEntries(LOAD_CLASSES.map((name) => [name, 0])) as Record<LoadClass, number>
  /** The same by person, of whom that is known. */
  readonly #own = new Map<string, number>()
  #inFlight = 0

  constructor(options: LoadOptions) {
    this.#options = options
  }

  /** Requests that are worked on, by class. */
  get running(): Readonly<Record<LoadClass, number>> {
    return this.#running
  }

  /**
   * Does the work while it counts, to its end, whether or not its client waits.
   *
   * @param person for whom; absent: not known
   * @throws Overloaded before it begins
   */
  async during<T>(of: LoadClass, work: () => T | Promise<T>, person?: string): Promise<T> {
    const { limits, lagMs, onShed, random = Math.random } = this.#options
    const own = person === undefined ? 0 : (this.#own.get(person) ?? 0)
    const why = whyShed(of, { inFlight: this.#inFlight, own, lagMs: lagMs() }, limits)
    if (why !== null) {
      onShed?.(of, why)
      // Spread, so that they do not come back all at once.
      throw new Overloaded(1 + Math.floor(random() * LONGEST_WAIT_S))
    }
    this.#count(of, person, 1)
    try {
      return await work()
    } finally {
      this.#count(of, person, -1)
    }
  }

  #count(of: LoadClass, person: string | undefined, by: 1 | -1): void {
    this.#inFlight += by
    this.#running[of] += by
    if (person === undefined) return
    const own = (this.#own.get(person) ?? 0) + by
    if (own === 0) this.#own.delete(person)
    else this.#own.set(person, own)
  }
}

const LONGEST_WAIT_S = 5
