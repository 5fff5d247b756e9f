/**
 * How many calls wait for the store at the same time. More would only wait in our own event loop, run into the store's
 * deadline there and look like an outage of the store; they are turned away at once instead.
 */
export class StoreCalls {
  #running = 0

  async run<T>(call: () => Promise<T>): Promise<T | 'overloaded'> {
    if (this.#running >= MAX_RUNNING) return 'overloaded'
    this.#running += 1
    try {
      return await call()
    } finally {
      this.#running -= 1
    }
  }
}

const MAX_RUNNING = 256
