import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import { type Disk, makePrivateFolder, syncFolder, systemDisk } from '../../kernel/disk.ts'
import { random, randomId } from '../../kernel/random.ts'
import { replaceFile } from '../../kernel/replace-file.ts'
import { Turns } from '../../kernel/turns.ts'
import { isMissing } from '../../kernel/missing-file.ts'

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
  readonly #disk: Disk
  readonly #known = new LRUCache<string, SubjectKey>({ max: MAX_KNOWN })
  /** Of one person at a time: what is being erased is not read again meanwhile. */
  readonly #turns = new Turns()

  constructor(folder: string, disk: Disk = systemDisk) {
    this.#folder = folder
    this.#disk = disk
  }

  /** The key of a person, made when there is none. @throws what the disk throws */
  async of(subject: string): Promise<SubjectKey> {
    return this.#known.get(subject) ?? this.#turns.run(subject, () => this.#findOrMake(subject))
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
    const found = this.#known.get(subject) ?? (await this.find(subject)) ?? (await this.#make(subject))
    this.#known.set(subject, found)
    return found
  }

  /** Half of a file would keep everything about its person out of the log for good. */
  async #make(subject: string): Promise<SubjectKey> {
    await makePrivateFolder(this.#folder)
    const made = { pseudonym: `~${randomId()}`, key: Uint8Array.from(random(32)) }
    const key = Buffer.from(made.key).toString('base64url')
    const content = `${JSON.stringify({ v: 1, pseudonym: made.pseudonym, key })}\n`
    await replaceFile(this.#pathOf(subject), content, this.#disk)
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
  erase(subject: string): Promise<string | null> {
    return this.#turns.run(subject, async () => {
      this.#known.delete(subject)
      const found = await this.find(subject)
      if (found === null) return null
      await rm(this.#pathOf(subject))
      await syncFolder(this.#folder)
      return found.pseudonym
    })
  }

  /** Asks whichever process writes with these keys to erase a person. */
  async requestErasure(subject: string): Promise<void> {
    await makePrivateFolder(this.#folder)
    await replaceFile(`${this.#pathOf(subject)}${REQUEST}`, subject)
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

const REQUEST = '.erase'
const MAX_KNOWN = 10_000
