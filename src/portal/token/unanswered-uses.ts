import { LRUCache } from 'lru-cache'

const MAX_REMEMBERED = 10_000

/**
 * Single uses that were counted but never answered, because the store fell silent in the middle. Nothing left the house,
 * so the client's next try is the first, and not the reuse that would end its connection.
 */
export class UnansweredUses {
  readonly #ids = new LRUCache<string, true>({ max: MAX_REMEMBERED })

  add(id: string): void {
    this.#ids.set(id, true)
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Whether the use was unanswered. It is not any more. */
  take(id: string): boolean {
    return this.#ids.delete(id)
  }
}
