import { sha256Base64url } from '../../crypto/digest.ts'
import { type Store, StoreUnavailable } from '../../kernel/store/contract.ts'
import { SLOTS, type Tallies, type Tally } from './tallies.ts'

/** Amounts by slot. */
type Slots = ReadonlyMap<number, number>

/**
 * Brings the sums of this process into those of all servers, a few at a time. What is not there because the store is away
 * is judged by what this process saw, and is not sent later.
 */
export class SharedSums {
  readonly #store: Pick<Store, 'tally'>
  #isAlone = false

  constructor(store: Pick<Store, 'tally'>) {
    this.#store = store
  }

  /** Whether the store did not answer the last time. */
  get isAlone(): boolean {
    return this.#isAlone
  }

  /**
   * Sets the total of each: of all servers, or of this one when that is more or nothing else is known.
   *
   * @param fresh what of each is in no common sum yet
   */
  async total(tallies: Tallies, fresh: ReadonlyMap<Tally, Slots>, nowMs: number): Promise<void> {
    const some = [...fresh]
    // Where there is nothing to bring, the store is asked whether it is back.
    if (some.length > 0) this.#isAlone = false
    else if (this.#isAlone) await this.#lookFor()
    for (let from = 0; from < some.length; from += AT_ONCE)
      await Promise.all(
        some.slice(from, from + AT_ONCE).map(async ([tally, slots]) => {
          const all = await this.#add(tallies, { ...tally, slots }, nowMs)
          tally.total = Math.max(tallies.sum(tally, nowMs), all)
        }),
      )
  }

  async #add(
    tallies: Tallies,
    { key, family, slots }: Pick<Tally, 'key' | 'family'> & { readonly slots: Slots },
    nowMs: number,
  ): Promise<number> {
    const fixed = {
      oldest: tallies.oldestAt(nowMs),
      ttlMs: tallies.windowMs + tallies.windowMs / SLOTS,
    }
    const name = `det:t:${family}:${sha256Base64url(key)}`
    let sum = 0
    for (const [slot, by] of slots) {
      if (this.#isAlone) return 0
      sum = await this.#ask(name, { ...fixed, slot, by })
    }
    return sum
  }

  async #lookFor(): Promise<void> {
    this.#isAlone = false
    await this.#ask('det:t:back', { slot: 0, by: 0, oldest: 0, ttlMs: 1 })
  }

  async #ask(name: string, to: Parameters<Store['tally']>[1]): Promise<number> {
    try {
      return await this.#store.tally(name, to)
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error
      this.#isAlone = true
      return 0
    }
  }
}

const AT_ONCE = 50
