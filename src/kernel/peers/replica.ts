import { type ChainTip, numberOfLine } from '../chain-link.ts'
import { BrokenChain } from '../broken-chain.ts'
import type { Journal, JournalEntry } from '../journal.ts'
import { passes } from '../journal-tips.ts'
import { isOfJournal, Projector, type ProjectorOptions } from '../projector.ts'
import { Turns } from '../turns.ts'
import { type Copied, type CopyAnswer, type FetchAnswer, linesAfter } from './copying.ts'

export interface ReplicaOptions extends ProjectorOptions {
  /** Opened under the other server's name; what it holds is folded already. */
  readonly journal: Journal
  /** Throws for an entry that this version cannot read. */
  readonly check: (entry: JournalEntry) => void
  readonly fold: (entry: JournalEntry) => void
}

/** Primes the store once; resolves also when it is down. */
export async function openReplica(options: ReplicaOptions): Promise<Replica> {
  const projector = new Projector({ ...options, isCopy: true })
  await projector.prime()
  projector.watch()
  return new Replica(options, projector)
}

/**
 * A copy of another server's journal: taken over record by record, each checked against the chain before it is believed,
 * and good for bringing the store up to date when its writer is gone.
 */
export class Replica {
  readonly projector: Projector
  readonly #options: ReplicaOptions
  readonly #turns = new Turns()
  #trouble: string | null = null

  constructor(options: ReplicaOptions, projector: Projector) {
    this.#options = options
    this.projector = projector
  }

  get writer(): string {
    return this.#options.journal.writer
  }

  get lastSeq(): number {
    return this.#options.journal.lastSeq
  }

  /** What was refused of it last, in words; `null` when nothing is. */
  trouble(): string | null {
    return this.#trouble
  }

  /**
   * Takes over what follows the copy. It is answered when it is on the device and the store was looked at: from then on
   * this server asks the store for it, too.
   *
   * @throws DiskUnavailable
   */
  accept(copied: Copied): Promise<CopyAnswer> {
    return this.#turns.run('', async () => {
      const state = await this.#take(copied)
      return { state, tip: this.#options.journal.tip }
    })
  }

  async read(after: ChainTip): Promise<FetchAnswer> {
    const { journal: copy } = this.#options
    if (after.n >= copy.lastSeq && after.hash !== copy.tip.hash) {
      // Behind the asking side nothing can be told; on a level with it the tips had to be the same.
      return { state: after.n > copy.lastSeq ? 'lines' : 'forked', lines: [], more: false }
    }
    if ((await passes(copy, after)) === 'no') return { state: 'forked', lines: [], more: false }
    const lines = await linesAfter(copy, after.n)
    const last = lines.at(-1)
    return { state: 'lines', lines, more: last !== undefined && numberOfLine(last) < copy.lastSeq }
  }

  async #take({ after, lines }: Copied): Promise<CopyAnswer['state']> {
    const { journal: copy, check } = this.#options
    const { n, hash } = copy.tip
    if (after.n > n) return 'elsewhere'
    if ((await passes(copy, after)) === 'no') return this.#refuse('forked', 'another history than this copy')
    if (after.n < n) return 'elsewhere'
    if (after.hash !== hash) return this.#refuse('forked', 'another history than this copy')
    try {
      await this.#follow(await copy.extend(lines, check))
    } catch (error) {
      if (error instanceof BrokenChain) return this.#refuse('unreadable', 'records that break its chain')
      if (error instanceof UnreadableEntry) return this.#refuse('unreadable', error.message)
      throw error
    }
    this.#trouble = null
    return 'kept'
  }

  async #follow(entries: readonly JournalEntry[]): Promise<void> {
    for (const entry of entries) if (!isOfJournal(entry)) this.#options.fold(entry)
    await this.projector.follow(entries)
  }

  #refuse(state: 'forked' | 'unreadable', what: string): typeof state {
    const trouble = `refused: ${this.writer} sends ${what}`
    if (this.#trouble !== trouble)
      this.#options.log.error({ event: 'journal.refused', writer: this.writer, what })
    this.#trouble = trouble
    return state
  }
}

/** A record that this version cannot read: it must not be kept, or the next start would stop at it. */
export class UnreadableEntry extends Error {
  override readonly name = 'UnreadableEntry'
}
