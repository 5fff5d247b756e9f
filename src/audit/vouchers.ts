import { readHeadFile } from './head-file.ts'
import { type Head, openHead, readOwnRecord, type VerifyHead } from './heads.ts'
import type { LogFiles } from './log-files.ts'
import { isOwnLine, logLines } from './log-lines.ts'
import { openTombstone, type Tombstone } from './tombstones.ts'

/** A signed head and where it was found. */
export interface Voucher {
  readonly head: Head
  readonly where: string
}

/** A head as text, and where it came from: kept outside of the machine that wrote the log. */
export interface GivenHead {
  readonly text: string
  readonly where: string
}

/** All signed heads that are known of some logs, wherever they were found. Each is opened once. */
export class Vouchers {
  readonly #verify: VerifyHead
  readonly #opened = new Map<string, Head | null>()
  /** By origin, then by record: more than one where two heads contradict each other. */
  readonly #byOrigin = new Map<string, Map<number, Voucher[]>>()
  readonly #given = new Set<string>()
  readonly #removedTo = new Map<string, number>()

  constructor(verify: VerifyHead) {
    this.#verify = verify
  }

  origins(): string[] {
    return [...this.#byOrigin.keys()]
  }

  /** Whether a head was given from outside for this log: then it must be here. */
  isGiven(origin: string): boolean {
    return this.#given.has(origin)
  }

  find(origin: string, n: number): readonly Voucher[] {
    return this.#byOrigin.get(origin)?.get(n) ?? []
  }

  /** Of which records of a log there is a head. */
  numbers(origin: string): number[] {
    return [...(this.#byOrigin.get(origin)?.keys() ?? [])]
  }

  /** The newest head of a log. */
  newest(origin: string): Voucher | undefined {
    let best: Voucher | undefined
    for (const [voucher] of this.#byOrigin.get(origin)?.values() ?? [])
      if (voucher !== undefined && (best === undefined || voucher.head.n > best.head.n)) best = voucher
    return best
  }

  async open(text: string): Promise<Head | null> {
    const known = this.#opened.get(text)
    if (known !== undefined) return known
    const head = await openHead(text, this.#verify)
    this.#opened.set(text, head)
    return head
  }

  /** Those in the records of a log, of itself and of others, and the one beside it. */
  async collect(files: LogFiles): Promise<void> {
    for (const { path } of files.segments)
      for await (const { bytes, number } of logLines(path))
        if (isOwnLine(bytes)) await this.#collectFrom(bytes, `${path}:${number}`)
    const newest = await readHeadFile(files.head)
    if (newest !== null) await this.#add(newest, files.head)
  }

  async #collectFrom(bytes: Buffer, where: string): Promise<void> {
    const own = readOwnRecord(bytes.toString('utf8'))
    if (own === null) return
    if (own.tombstone !== undefined) await this.#bury(own.tombstone)
    // A refused head is evidence against its sender.
    if (own.head !== undefined && own.eventType !== 'audit.head_refused') await this.#add(own.head, where)
  }

  /** Up to which record a log was removed because its time was over; 0: nothing of it was. */
  removedTo(origin: string): number {
    return this.#removedTo.get(origin) ?? 0
  }

  openTombstone(text: string): Promise<Tombstone | null> {
    return openTombstone(text, this.#verify)
  }

  async #bury(text: string): Promise<void> {
    const tombstone = await this.openTombstone(text)
    if (tombstone !== null)
      this.#removedTo.set(tombstone.origin, Math.max(this.removedTo(tombstone.origin), tombstone.n))
  }

  /** @returns whether it is one that a known key signed */
  async give({ text, where }: GivenHead): Promise<boolean> {
    const head = await this.#add(text, where)
    if (head !== null) this.#given.add(head.origin)
    return head !== null
  }

  async #add(text: string, where: string): Promise<Head | null> {
    const head = await this.open(text)
    if (head === null) return null
    const ofOrigin = this.#byOrigin.get(head.origin) ?? new Map<number, Voucher[]>()
    this.#byOrigin.set(head.origin, ofOrigin)
    const known = ofOrigin.get(head.n) ?? []
    if (!known.some((one) => one.head.hash === head.hash)) ofOrigin.set(head.n, [...known, { head, where }])
    return head
  }
}
