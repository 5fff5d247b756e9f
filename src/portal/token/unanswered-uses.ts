import { LRUCache } from 'lru-cache'

const MAX_REMEMBERED = 10_000
const REMEMBERED_MS = 3_600_000

/**
 * Single uses that were counted but never answered, because the store or the disk failed in the middle. Nothing left the
 * house, so the client's next try is the first, and not the reuse that would end its connection.
 */
export class UnansweredUses {
  readonly #ids = new LRUCache<string, true>({ max: MAX_REMEMBERED, ttl: REMEMBERED_MS })

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
