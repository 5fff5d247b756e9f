import { LRUCache } from 'lru-cache'

const MAX_REMEMBERED = 10_000
const REMEMBERED_MS = 3_600_000

/**
 * Single uses that were counted but never answered, because the store or the disk failed in the middle. Nothing left the
 * house, so the client's next try is the first, and not the reuse that would end its connection.
 */
export class UnansweredUses {
  readonly #ids = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS })
  readonly #answered = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS })

  /** Not where an earlier use of the same was answered: then a failing one is not the first, and may be a thief's. */
  add(id: string): void {
    if (!this.#answered.has(id)) this.#ids.set(id, true)
  }

  /** Somebody holds what the use gave. From here on every other use is a second one. */
  answer(id: string): void {
    this.#ids.delete(id)
    this.#answered.set(id, true)
  }

  has(id: string): boolean {
    return this.#ids.has(id)
  }

  /** Whether the use was unanswered. It is not any more. */
  take(id: string): boolean {
    return this.#ids.delete(id)
  }

  /** Does what follows a use. If it throws, the use is unanswered. */
  async during<T>(id: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.add(id)
      throw error
    }
  }
}
