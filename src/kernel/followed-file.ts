import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'

export interface FileChange {
  /** The variable that names the file to the operator. */
  readonly name: string
  /** Why it does not count; null: it replaces what was there. */
  readonly problem: string | null
  /** SHA-256 of the content, base64url; null: it cannot be read. */
  readonly digest: string | null
}

export interface FollowedFileOptions<T> {
  readonly name: string
  readonly path: string
  /** @throws when it cannot be used; `null` stands for a file that cannot be read */
  readonly parse: (text: string | null) => T
  /** What it threw, in words for the operator. */
  readonly problemOf: (error: unknown) => string
  /** Told before a change counts, or that it does not. Where it rejects nothing changed, and the file is looked at again. */
  readonly record: (change: FileChange) => Promise<void>
}

/** A file that is read again when it changed. What cannot be used whole replaces nothing. */
export class FollowedFile<T> {
  readonly #options: FollowedFileOptions<T>
  #value: T
  #digest: string | null
  #stamp: string | null = null
  #problem: string | null = null
  #changes = 0
  #looking: Promise<void> | undefined

  /** @throws what `parse` does */
  constructor(options: FollowedFileOptions<T>) {
    this.#options = options
    const text = readNow(options.path)
    this.#value = options.parse(text)
    this.#digest = digestOf(text)
  }

  /** The newest content that can be used. */
  get value(): T {
    return this.#value
  }

  get name(): string {
    return this.#options.name
  }

  /** How often its value was replaced. */
  get changes(): number {
    return this.#changes
  }

  /** Why the file as it lies there is not used; null: it is. */
  get problem(): string | null {
    return this.#problem
  }

  /**
   * Looks whether it changed. One look at a time: whoever asks meanwhile waits for the same.
   *
   * @param isUrged reads it even if it looks untouched
   * @throws what `record` does
   */
  look(isUrged = false): Promise<void> {
    if (isUrged) this.#stamp = null
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined
    })
    return this.#looking
  }

  async #look(): Promise<void> {
    const { name, path, record } = this.#options
    // Taken before the content: what is written in between shows as another one next time.
    const stamp = await stampOf(path)
    if (stamp !== null && stamp === this.#stamp) return
    const text = await readFile(path, 'utf8').catch(() => null)
    const digest = digestOf(text)
    if (digest !== this.#digest) {
      const read = this.#read(text)
      const problem = 'problem' in read ? read.problem : null
      await record({ name, problem, digest })
      if ('value' in read) {
        this.#value = read.value
        this.#changes += 1
      }
      this.#problem = problem
      this.#digest = digest
    }
    this.#stamp = stamp
  }

  #read(text: string | null): { readonly value: T } | { readonly problem: string } {
    const { parse, problemOf } = this.#options
    try {
      return { value: parse(text) }
    } catch (error) {
      return { problem: problemOf(error) }
    }
  }
}

/** Behind links, as where a whole folder is swapped for another. Null: there is no such file. */
async function stampOf(path: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return null
  }
}

function readNow(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

const digestOf = (text: string | null): string | null =>
  text === null ? null : createHash('sha256').update(text).digest('base64url')
