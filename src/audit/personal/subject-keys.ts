import { open, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import { makePrivateFolder, syncFolder } from '../../kernel/disk.ts'
import { random, randomId } from '../../kernel/random.ts'

/** What stands for a person in the log, and the key of what is personal there. */
export interface SubjectKey {
  /** `~` and 22 random characters: nothing of the person is in it. */
  readonly pseudonym: string
  readonly key: Uint8Array
}

const keyFile = z.strictObject({
  v: z.literal(1),
  pseudonym: z.string().regex(/^~[\w-]{22}$/),
  key: z.string().length(43),
})

/**
 * A key per person, each in a file of its own outside of the log. Without the file nobody can tell any more who a pseudonym
 * was, or open what was sealed with it, while every record stays as it was written.
 */
export class SubjectKeys {
  readonly #folder: string
  readonly #known = new LRUCache<string, SubjectKey>({ max: MAX_KNOWN })
  readonly #making = new Map<string, Promise<SubjectKey>>()

  constructor(folder: string) {
    this.#folder = folder
  }

  /** The key of a person, made when there is none. @throws what the disk throws */
  async of(subject: string): Promise<SubjectKey> {
    const known = this.#known.get(subject)
    if (known !== undefined) return known
    const making = this.#making.get(subject) ?? this.#findOrMake(subject)
    this.#making.set(subject, making)
    try {
      const found = await making
      this.#known.set(subject, found)
      return found
    } finally {
      this.#making.delete(subject)
    }
  }

  /** The key of a person; `null` when there is none, or none any more. */
  async find(subject: string): Promise<SubjectKey | null> {
    try {
      return readKey(await readFile(this.#pathOf(subject), 'utf8'))
    } catch (error) {
      if (isMissing(error)) return null
      throw error
    }
  }

  async #findOrMake(subject: string): Promise<SubjectKey> {
    const found = await this.find(subject)
    if (found !== null) return found
    await makePrivateFolder(this.#folder)
    const made = { pseudonym: `~${randomId()}`, key: Uint8Array.from(random(32)) }
    const handle = await open(this.#pathOf(subject), 'wx', 0o600)
    try {
      const key = Buffer.from(made.key).toString('base64url')
      await handle.writeFile(`${JSON.stringify({ v: 1, pseudonym: made.pseudonym, key })}\n`)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await syncFolder(this.#folder)
    return made
  }

  /** Everybody of whom there is a key, by pseudonym. */
  async all(): Promise<ReadonlyMap<string, SubjectKey>> {
    const found = new Map<string, SubjectKey>()
    for (const name of await this.#names())
      if (name.endsWith('.json')) {
        const key = readKey(await readFile(join(this.#folder, name), 'utf8'))
        found.set(key.pseudonym, key)
      }
    return found
  }

  async #names(): Promise<readonly string[]> {
    try {
      return await readdir(this.#folder)
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  /** Forgets a person for good. @returns what stood for him, `null` when nothing did */
  async erase(subject: string): Promise<string | null> {
    const found = await this.find(subject)
    this.#known.delete(subject)
    if (found === null) return null
    await rm(this.#pathOf(subject))
    await syncFolder(this.#folder)
    return found.pseudonym
  }

  /** Asks whichever process writes with these keys to erase a person. */
  async requestErasure(subject: string): Promise<void> {
    await makePrivateFolder(this.#folder)
    await writeFile(`${this.#pathOf(subject)}${REQUEST}`, subject, { mode: 0o600 })
  }

  /** Who is to be erased. */
  async requested(): Promise<readonly string[]> {
    const wanted = (await this.#names()).filter((name) => name.endsWith(REQUEST))
    return Promise.all(wanted.map((name) => readFile(join(this.#folder, name), 'utf8')))
  }

  /** The request is carried out. */
  async settle(subject: string): Promise<void> {
    await rm(`${this.#pathOf(subject)}${REQUEST}`, { force: true })
  }

  #pathOf(subject: string): string {
    return join(this.#folder, `${sha256Base64url(subject)}.json`)
  }
}

function readKey(text: string): SubjectKey {
  const { pseudonym, key } = keyFile.parse(JSON.parse(text))
  return { pseudonym, key: Buffer.from(key, 'base64url') }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const REQUEST = '.erase'
const MAX_KNOWN = 10_000
