import { z } from 'zod'
import { sha256Base64url } from '../../crypto/digest.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { CallerFacts } from '../admission/caller.ts'
import { sealedBox, type SealedBox } from '../sealed-box.ts'
import type { WholeQuery } from '../tools/read/all-pages.ts'

export const EXPORT_FORMATS = ['csv', 'jsonl'] as const
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** Most rows of one export, and how many unless said. */
export const MAX_EXPORT_ROWS = 100_000
export const DEFAULT_EXPORT_ROWS = 10_000
/** How long an export can be read, milliseconds. */
export const EXPORT_LIFE_MS = 30 * 60_000

const whole = z.strictObject({
  id: z.string(),
  sub: z.string(),
  env: z.string(),
  gid: z.string(),
  /** Made by us and sealed by us; the compiler checks it again whenever it is asked. */
  query: z.custom<WholeQuery>((value) => typeof value === 'object' && value !== null),
  columns: z.array(z.string()).readonly(),
  format: z.enum(EXPORT_FORMATS),
  maxRows: z.int().min(1).max(MAX_EXPORT_ROWS),
  /** Milliseconds since the epoch. */
  endsMs: z.int(),
})

/** A question that can be asked as a whole: no row is kept, each reading asks Maximo, with the rights of that moment. */
export type Export = Readonly<z.infer<typeof whole>>
export type ExportWish = Pick<Export, 'query' | 'columns' | 'format' | 'maxRows'>
type Owner = Pick<CallerFacts, 'subject' | 'environment' | 'grantId'>

export interface ExportsDeps {
  readonly store: Store
  readonly keys: () => McpKeys
  readonly clock: Clock
}

/**
 * Exports in the store, which every server of an installation shares: sealed, and only for the grant that asked. They end
 * by themselves. Every method rejects with `StoreUnavailable` when the store is silent.
 */
export class Exports {
  readonly #store: Store
  readonly #clock: Clock
  readonly #box: SealedBox
  /** Parts that are being read, by whom. */
  readonly #reading = new Map<string, number>()

  constructor({ store, keys, clock }: ExportsDeps) {
    this.#store = store
    this.#clock = clock
    this.#box = sealedBox(keys, 'export')
  }

  /**
   * The same question of the same grant is the same export, which then lives anew.
   *
   * @returns `full`: the grant has asked for too many; `too_large`: the question is longer than is kept
   */
  async keep(wish: ExportWish, owner: Owner): Promise<Export | 'full' | 'too_large'> {
    const owned = { sub: owner.subject, env: owner.environment, gid: owner.grantId }
    const said = JSON.stringify([owned, wish])
    if (said.length > MAX_LENGTH) return 'too_large'
    const { count } = await this.#store.count(`exp:n:${digest(owner.grantId)}`, EXPORT_LIFE_MS)
    if (count > MAX_OF_GRANT) return 'full'
    const kept = { ...wish, ...owned, id: digest(said), endsMs: this.#clock.nowMs() + EXPORT_LIFE_MS }
    await this.#store.put(keyOf(kept.id), await this.#box.seal(kept), EXPORT_LIFE_MS)
    return kept
  }

  /** Null: there is none of this id, its time is over, or it is somebody else's. */
  async find(id: string, owner: Owner): Promise<Export | null> {
    const found = await this.#box.open(await this.#store.get(keyOf(id)), whole)
    if (found === null || found.id !== id || found.endsMs <= this.#clock.nowMs()) return null
    const isOwn =
      found.sub === owner.subject && found.env === owner.environment && found.gid === owner.grantId
    return isOwn ? found : null
  }

  /**
   * Has a part read, unless so many are being read here that their rows could fill the memory; of one person fewer, so
   * that a slow Maximo of theirs does not keep everybody waiting.
   */
  async reading<Read>(
    { subject }: Pick<Owner, 'subject'>,
    read: () => Promise<Read>,
  ): Promise<Read | 'busy'> {
    const own = this.#reading.get(subject) ?? 0
    const all = [...this.#reading.values()].reduce((sum, count) => sum + count, 0)
    if (all >= MAX_READING || own >= MAX_READING_OF_ONE) return 'busy'
    this.#reading.set(subject, own + 1)
    try {
      return await read()
    } finally {
      this.#end(subject)
    }
  }

  #end(subject: string): void {
    const left = (this.#reading.get(subject) ?? 1) - 1
    if (left === 0) this.#reading.delete(subject)
    else this.#reading.set(subject, left)
  }
}

const digest = (text: string): string => sha256Base64url(text).slice(0, 22)
const keyOf = (id: string): string => `exp:e:${id}`

/** Characters; a question with a few long lists of values. */
const MAX_LENGTH = 64 * 1024
/** Kept anew within the life of one. */
const MAX_OF_GRANT = 200
/** Parts at a time in this process; each holds some megabytes. */
const MAX_READING = 8
const MAX_READING_OF_ONE = 3
