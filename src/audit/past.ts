import { BrokenChain } from '../kernel/chained-file.ts'
import type { ChainedLine } from '../kernel/chain-link.ts'
import { type Head, HEAD_MARK, openHead, type OwnRecord, readOwnRecord, type VerifyHead } from './heads.ts'

/** What a log that is opened again must remember of itself: whose it is, and which heads of others it accepted. */
export class Past {
  readonly #path: string
  readonly #origin: string
  readonly #vouched: Head | null
  readonly #accepted = new Map<string, string>()

  /** @param vouched the newest head that was signed for this log, if one is known */
  constructor(path: string, origin: string, vouched: Head | null) {
    this.#path = path
    this.#origin = origin
    this.#vouched = vouched
  }

  /** @throws BrokenChain when the line cannot be one of this log */
  take({ n, text, hash }: ChainedLine): void {
    if (n === this.#vouched?.n && hash !== this.#vouched.hash) {
      throw new BrokenChain(this.#path, n, 'not the record that this log’s signed head vouches for')
    }
    if (n === 1 || text.includes(HEAD_MARK)) this.#takeOwn(n, readOwnRecord(text))
  }

  #takeOwn(n: number, own: OwnRecord | null): void {
    if (n === 1 && own?.resource !== this.#origin) {
      throw new BrokenChain(this.#path, 1, `not the log of ${this.#origin}`)
    }
    if (own?.eventType === 'audit.head_accepted' && own.head !== undefined) {
      this.#accepted.set(own.resource, own.head)
    }
  }

  /** @throws BrokenChain when a signed head vouches for more records than there are */
  checkLength(records: number): void {
    if (this.#vouched !== null && records < this.#vouched.n) {
      const what = `the log is cut: its signed head vouches for ${this.#vouched.n} records`
      throw new BrokenChain(this.#path, records + 1, what)
    }
  }

  /** The newest accepted head of each other log. */
  async acceptedHeads(verify: VerifyHead): Promise<Map<string, Head>> {
    const heads = new Map<string, Head>()
    for (const [origin, text] of this.#accepted) {
      const head = await openHead(text, verify)
      if (head !== null) heads.set(origin, head)
    }
    return heads
  }
}
