import { type ChainTip, hashOfLine } from '../../kernel/chain-link.ts'
import { readIsoTime } from '../../kernel/clock.ts'
import { AUDIT_GENESIS, openHead, readOwnRecord, type VerifyHead } from '../heads.ts'
import type { LogFiles } from '../log-files.ts'
import { isOwnLine, logLines } from '../log-lines.ts'
import { auditRecord, readRecord } from '../read-record.ts'

/** An unbroken part of a log. */
export interface Part {
  readonly origin: string
  /** The record before the first one. */
  readonly before: ChainTip
  /** Number of the last record. */
  readonly last: number
}

export interface Period {
  readonly fromMs?: number
  readonly toMs?: number
}

/** From the first record of the period to the head that vouches for the last one; `null`: there is none in it. */
export async function findPart(log: LogFiles, period: Period, verify: VerifyHead): Promise<Part | null> {
  const finder = new PartFinder(period, verify)
  let n = firstOf(log) - 1
  for await (const bytes of recordsOf(log)) await finder.take((n += 1), bytes)
  return finder.found()
}

/** Number of the first record of which there is a file. */
export const firstOf = ({ segments }: LogFiles): number => segments[0]?.first ?? 1

/** Every complete line of a log, in order. */
export async function* recordsOf({ segments }: LogFiles): AsyncGenerator<Buffer> {
  for (const { path } of segments)
    for await (const { bytes, complete } of logLines(path)) if (complete) yield bytes
}

class PartFinder {
  readonly #period: Period
  readonly #verify: VerifyHead
  #tip: ChainTip = { n: 0, hash: AUDIT_GENESIS }
  #origin = ''
  #before: ChainTip | null = null
  /** The last record of the period, and the record of the first head that vouches for it. */
  #last = 0
  #vouchedBy = 0

  constructor(period: Period, verify: VerifyHead) {
    this.#period = period
    this.#verify = verify
  }

  async take(n: number, bytes: Buffer): Promise<void> {
    const before = n === this.#tip.n + 1 ? this.#tip : { n: n - 1, hash: '' }
    if (this.#isInPeriod(bytes)) {
      this.#before ??= before
      this.#last = n
    }
    if (isOwnLine(bytes)) await this.#takeOwn(n, bytes)
    this.#tip = { n, hash: hashOfLine(bytes.toString('latin1')) }
  }

  #isInPeriod(bytes: Buffer): boolean {
    const { fromMs = -Infinity, toMs = Infinity } = this.#period
    const record = readRecord(bytes, auditRecord)
    const atMs = readIsoTime(record?.timestamp ?? '')
    // A head vouches for the records before it; its own record is nothing that happened.
    return atMs !== null && atMs >= fromMs && atMs < toMs && record?.eventType !== 'audit.head'
  }

  async #takeOwn(n: number, bytes: Buffer): Promise<void> {
    const own = readOwnRecord(bytes.toString('utf8'))
    if (own?.eventType === 'audit.opened' || own?.eventType === 'audit.segment') this.#origin = own.resource
    if (own?.eventType === 'audit.head' && own.head !== undefined) await this.#takeHead(n, own.head)
  }

  async #takeHead(n: number, text: string): Promise<void> {
    if (this.#last === 0 || this.#vouchedBy > this.#last) return
    const head = await openHead(text, this.#verify)
    if (head !== null && head.n >= this.#last) this.#vouchedBy = n
  }

  found(): Part | null {
    if (this.#before === null) return null
    const last = this.#vouchedBy > this.#last ? this.#vouchedBy : this.#tip.n
    return { origin: this.#origin, before: this.#before, last }
  }
}
