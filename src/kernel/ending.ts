/** What a service opened, closed in the reverse order, once. One that cannot be closed keeps no other open. */
export class Ending {
  readonly #closings: (() => Promise<unknown>)[] = []
  #running: Promise<void> | null = null

  add(close: () => Promise<unknown>): void {
    this.#closings.unshift(close)
  }

  /** @returns what is to be closed, for whoever goes on with it */
  hold<T>(opened: T, close: (opened: T) => Promise<unknown>): T {
    this.add(() => close(opened))
    return opened
  }

  get hasBegun(): boolean {
    return this.#running !== null
  }

  /** @throws what the first that could not be closed threw, once all others are */
  end(): Promise<void> {
    this.#running ??= this.#closeAll()
    return this.#running
  }

  async #closeAll(): Promise<void> {
    const failures: { readonly error: unknown }[] = []
    for (const close of this.#closings) {
      try {
        await close()
      } catch (error) {
        failures.push({ error })
      }
    }
    const [first] = failures
    if (first !== undefined) throw first.error
  }
}
