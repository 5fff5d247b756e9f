import { BrokenChain } from '../kernel/broken-chain.ts'
import type { ChainedLine, ChainTip } from '../kernel/chain-link.ts'
import { readIsoTime } from '../kernel/clock.ts'
import { type Head, openHead, OWN_MARK, type OwnRecord, readOwnRecord, type VerifyHead } from './heads.ts'

/**
 * What a log that is opened again must remember of itself: whose it is, and which heads of others it accepted. Each file
 * of it repeats that at its beginning.
 */
export class Past {
  readonly #origin: string
  readonly #vouched: Head | null
  readonly #accepted = new Map<string, string>()
  #before: ChainTip = { n: 0, hash: '' }
  #begunMs: number | null = null
  #bad: { readonly n: number; readonly what: string } | null = null

  /** @param vouched the newest head that was signed for this log, if one is known */
  constructor(origin: string, vouched: Head | null) {
    this.#origin = origin
    this.#vouched = vouched
  }

  /** When the newest file was begun, milliseconds since the epoch; `null` while nothing stands in it. */
  get begunMs(): number | null {
    return this.#begunMs
  }

  /** The record that the newest file goes on from. */
  begin(before: ChainTip): void {
    this.#before = before
    this.#compare(before)
  }

  take({ n, text, hash }: ChainedLine): void {
    this.#compare({ n, hash })
    const isFirst = n === this.#before.n + 1
    if (!isFirst && !text.includes(OWN_MARK)) return
    const own = readOwnRecord(text)
    if (isFirst) this.#takeFirst(n, own)
    if (own?.eventType === 'audit.head_accepted' && own.head !== undefined)
      this.#accepted.set(own.resource, own.head)
  }

  #compare({ n, hash }: ChainTip): void {
    if (n === this.#vouched?.n && hash !== this.#vouched.hash)
      this.#bad ??= { n, what: 'not the record that this log’s signed head vouches for' }
  }

  #takeFirst(n: number, own: OwnRecord | null): void {
    const opening = n === 1 ? 'audit.opened' : 'audit.segment'
    if (own?.resource !== this.#origin || own.eventType !== opening)
      this.#bad ??= { n, what: `not the log of ${this.#origin}` }
    this.#begunMs = own === null ? null : readIsoTime(own.timestamp)
  }

  /** @throws BrokenChain when this cannot be the log, or when a signed head vouches for more records than there are */
  check({ path, last }: { readonly path: string; readonly last: ChainTip }): void {
    const lineOf = (n: number): number => Math.max(1, n - this.#before.n)
    if (this.#bad !== null) throw new BrokenChain(path, lineOf(this.#bad.n), this.#bad.what)
    if (this.#vouched === null || last.n >= this.#vouched.n) return
    const what = `the log is cut: its signed head vouches for ${this.#vouched.n} records`
    throw new BrokenChain(path, lineOf(last.n + 1), what)
  }

  /** The newest accepted head of each other log. */
  async acceptedHeads(verify: VerifyHead): Promise<Map<string, Accepted>> {
    const heads = new Map<string, Accepted>()
    for (const [origin, text] of this.#accepted) {
      const head = await openHead(text, verify)
      if (head !== null) heads.set(origin, { head, text })
    }
    return heads
  }
}

/** The head of another log, and its text. */
export interface Accepted {
  readonly head: Head
  readonly text: string
}
