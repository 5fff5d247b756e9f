import type { ChainTip } from '../chain-link.ts'
import type { JournalReader } from '../journal.ts'
import { passes } from '../journal-tips.ts'
import type { Log } from '../log.ts'
import { type CopyAnswer, linesAfter, type Peer } from './copying.ts'

export interface JournalSenderOptions {
  /** Our own. */
  readonly journal: JournalReader
  readonly peer: Peer
  /** Up to which record it may be sent. */
  readonly sendable: () => number
  readonly log: Log
}

/** Why a peer does not take over our journal although it answers, in words for `/readyz`. */
type Trouble =
  | 'keeps another history of this journal'
  | 'keeps records of this journal that were lost here: restart this server, and it fetches them'
  | 'cannot read this journal: is it an older version?'

/** Sends our journal to one peer, in order, for ever; what it missed while it was away first. */
export class JournalSender {
  readonly #options: JournalSenderOptions
  readonly #waiters = new Set<{ readonly seq: number; readonly settle: (copied: boolean) => void }>()
  /** How far the peer's copy is known to go; `null` before its first answer. */
  #kept: ChainTip | null = null
  #link: 'new' | 'up' | 'down' = 'new'
  /** Tries without an answer since the last one. */
  #failures = 0
  #trouble: Trouble | null = null
  #wake: () => void = () => undefined
  #isWoken = false
  #closed = false
  readonly #running: Promise<void>

  constructor(options: JournalSenderOptions) {
    this.#options = options
    this.#running = this.#run()
  }

  get peerId(): string {
    return this.#options.peer.id
  }

  /** How far the peer's copy is known to go; 0 before its first answer. */
  get keptSeq(): number {
    return this.#kept?.n ?? 0
  }

  trouble(): Trouble | null {
    return this.#trouble
  }

  /** Whether what we decide here must be taken for lost: the peer knows better what this journal says. */
  get isDisowned(): boolean {
    return this.#trouble === FORKED || this.#trouble === LOST
  }

  /** Whether the peer has a record on its device: at once where it has, and after a second at the latest. */
  copied(seq: number): Promise<boolean> {
    if (this.#kept !== null && this.#kept.n >= seq) return Promise.resolve(true)
    if (this.#link === 'down' || this.#trouble !== null) return Promise.resolve(false)
    return new Promise((resolve) => {
      const waiter = {
        seq,
        settle: (copied: boolean): void => {
          clearTimeout(timer)
          this.#waiters.delete(waiter)
          resolve(copied)
        },
      }
      const timer = setTimeout(() => waiter.settle(false), COPY_WAIT_MS)
      this.#waiters.add(waiter)
      this.#isWoken = true
      this.#wake()
    })
  }

  async close(): Promise<void> {
    this.#closed = true
    this.#isWoken = true
    this.#wake()
    await this.#running
  }

  async #run(): Promise<void> {
    // So that the constructor is through.
    await Promise.resolve()
    while (!this.#closed) {
      const hasMore = await this.#sendOnce()
      if (!hasMore) await this.#rest()
    }
    this.#settle(-1)
  }

  /** One message; without records it only asks where the peer stands. Never rejects. */
  async #sendOnce(): Promise<boolean> {
    const { journal, peer, sendable, log } = this.#options
    this.#isWoken = false
    try {
      const after = this.#kept ?? journal.tip
      const lines = await linesAfter(journal, after.n, sendable())
      const answer = await peer.copy({ writer: journal.writer, after, lines })
      if (answer === null) return this.#lose()
      await this.#learn(answer)
    } catch (error) {
      log.error({ err: error, peer: peer.id, event: 'journal.not_sent' })
      return this.#lose()
    }
    return this.#trouble === null && (this.#kept?.n ?? 0) < sendable()
  }

  async #learn({ state, tip }: CopyAnswer): Promise<void> {
    const { journal, peer, log } = this.#options
    if (this.#link !== 'up') log.info({ event: 'journal.peer_up', peer: peer.id, copied: tip.n })
    this.#link = 'up'
    this.#failures = 0
    const trouble = await this.#troubleWith(state, tip)
    if (trouble !== null && trouble !== this.#trouble)
      log.error({ event: 'journal.disputed', peer: peer.id, writer: journal.writer, reason: trouble })
    this.#trouble = trouble
    if (trouble === null) this.#kept = tip
    this.#settle(trouble === null ? tip.n : -1)
  }

  async #troubleWith(state: CopyAnswer['state'], tip: ChainTip): Promise<Trouble | null> {
    if (state === 'unreadable') return UNREADABLE
    if (tip.n > this.#options.journal.lastSeq) return state === 'forked' ? FORKED : LOST
    if (state === 'forked') return FORKED
    return (await passes(this.#options.journal, tip)) === 'no' ? FORKED : null
  }

  #lose(): false {
    const { peer, log } = this.#options
    if (this.#link !== 'down') log.warn({ event: 'journal.peer_down', peer: peer.id })
    this.#link = 'down'
    this.#failures += 1
    // It may come back with less than it had.
    this.#settle(-1)
    return false
  }

  #settle(upTo: number): void {
    for (const waiter of this.#waiters) {
      if (waiter.seq <= upTo) waiter.settle(true)
      else if (upTo < 0) waiter.settle(false)
    }
  }

  /** Until there is something to send; a peer that is away is tried again, and one at rest is asked now and then. */
  async #rest(): Promise<void> {
    const isUp = this.#link === 'up' && this.#trouble === null
    if (this.#closed || (isUp && this.#isWoken)) return
    const retryMs = Math.min(RETRY_MS * 2 ** this.#failures, LONGEST_RETRY_MS)
    const restMs = (this.#link === 'up' ? ASK_EVERY_MS : retryMs) * (0.75 + Math.random() / 2)
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, restMs)
      timer.unref()
      this.#wake = () => {
        if (!isUp && !this.#closed) return
        clearTimeout(timer)
        resolve()
      }
    })
    this.#wake = () => undefined
  }
}

const FORKED: Trouble = 'keeps another history of this journal'
const LOST: Trouble =
  'keeps records of this journal that were lost here: restart this server, and it fetches them'
const UNREADABLE: Trouble = 'cannot read this journal: is it an older version?'
const COPY_WAIT_MS = 1_000
const ASK_EVERY_MS = 2_000
const RETRY_MS = 10
const LONGEST_RETRY_MS = 1_000
