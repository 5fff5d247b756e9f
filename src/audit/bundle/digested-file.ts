import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'

/** A new file whose digest is taken as it is written. */
export class DigestedFile {
  readonly #handle: FileHandle
  readonly #hash = createHash('sha256')
  #waiting: string[] = []
  #chars = 0

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  /** @throws when there is such a file */
  static async make(path: string): Promise<DigestedFile> {
    return new DigestedFile(await open(path, 'wx', 0o600))
  }

  async line(text: string): Promise<void> {
    this.#waiting.push(`${text}\n`)
    this.#chars += text.length
    if (this.#chars >= BLOCK_CHARS) await this.#flush()
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.from(this.#waiting.join(''))
    this.#waiting = []
    this.#chars = 0
    this.#hash.update(bytes)
    await this.#handle.appendFile(bytes)
  }

  /** @returns SHA-256 of all of it, in hexadecimal */
  async end(): Promise<string> {
    try {
      await this.#flush()
      await this.#handle.sync()
      return this.#hash.digest('hex')
    } finally {
      await this.#handle.close()
    }
  }
}

/** SHA-256 of a file, in hexadecimal. */
export async function digestOfFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  return hash.digest('hex')
}

const BLOCK_CHARS = 256 * 1024
