import { StoreUnavailable } from './contract.ts'

type Values = (string | null)[]

interface Asker {
  readonly keys: readonly string[]
  readonly resolve: (values: Values) => void
  readonly reject: (error: unknown) => void
}

export interface GatheredReadsOptions {
  /** Reads all keys in one step, in their order. */
  readonly read: (keys: readonly string[]) => Promise<Values>
  /** Calls back when the turn of the event loop ends. */
  readonly atEndOfTurn: (work: () => void) => void
}

/**
 * Makes one read of what one turn of the event loop asks for, each key once: under load a command costs more than its
 * keys, and requests of one turn ask for the same mark and often for the same client. It leaves after whatever the askers
 * themselves sent before they asked.
 */
export class GatheredReads {
  readonly #options: GatheredReadsOptions
  #places = new Map<string, number>()
  #askers: Asker[] = []

  constructor(options: GatheredReadsOptions) {
    this.#options = options
  }

  /**
   * The values of the keys, in one step.
   *
   * @throws StoreUnavailable when there are not as many values as keys, and whatever the read throws
   */
  ask(keys: readonly string[]): Promise<Values> {
    return new Promise((resolve, reject) => {
      if (this.#askers.length === 0) this.#options.atEndOfTurn(() => void this.#read())
      this.#askers.push({ keys, resolve, reject })
      for (const key of keys) if (!this.#places.has(key)) this.#places.set(key, this.#places.size)
      if (this.#places.size >= MOST_KEYS) void this.#read()
    })
  }

  /** Never rejects: every asker is told. */
  async #read(): Promise<void> {
    const [places, askers] = [this.#places, this.#askers]
    if (askers.length === 0) return
    this.#places = new Map()
    this.#askers = []
    try {
      const values = await this.#options.read([...places.keys()])
      // A missing value is not an absent key.
      if (values.length !== places.size)
        throw new StoreUnavailable('the store answered in another shape than asked for')
      const valueOf = (key: string): string | null => values[places.get(key) ?? -1] ?? null
      for (const { keys, resolve } of askers) resolve(keys.map(valueOf))
    } catch (error) {
      for (const { reject } of askers) reject(error)
    }
  }
}

/** So that no turn keeps the store, which does one thing at a time, busy for long. */
const MOST_KEYS = 512
