import { inspect } from 'node:util'

const SHOWN = '[secret]'

/** Holds a value that opens a door. It prints as `[secret]` wherever it is logged, thrown, joined or serialised. */
export class Secret<T> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
  }

  /** Hands the value to the one caller that must use it. */
  reveal(): T {
    return this.#value
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [inspect.custom](): string {
    return SHOWN
  }
}
