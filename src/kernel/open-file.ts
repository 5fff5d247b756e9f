import type { FileHandle } from 'node:fs/promises'

/** An open file that is closed when its owner has let go of it and nobody reads it any more. */
export class OpenFile {
  readonly #handle: FileHandle
  #readers = 0
  #isLeft = false

  constructor(handle: FileHandle) {
    this.#handle = handle
  }

  get fd(): number {
    return this.#handle.fd
  }

  async *readBy<T>(lines: (fd: number) => AsyncIterable<T>): AsyncGenerator<T> {
    this.#readers += 1
    try {
      yield* lines(this.#handle.fd)
    } finally {
      this.#readers -= 1
      await this.#closeIfLeft()
    }
  }

  /** Its readers may end in peace. */
  async leave(): Promise<void> {
    this.#isLeft = true
    await this.#closeIfLeft()
  }

  async #closeIfLeft(): Promise<void> {
    if (this.#isLeft && this.#readers === 0) await this.#handle.close()
  }
}
