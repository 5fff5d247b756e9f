import { type ChainTip, checkLine } from '../kernel/chain-link.ts'
import type { AuditOwnEventType } from './event.ts'
import { type OwnRecord, readOwnRecord } from './heads.ts'
import { isOwnLine, type LogLine, logLines } from './log-lines.ts'
import type { Vouchers } from './vouchers.ts'

/** The first thing that does not hold. */
export interface BadRecord {
  readonly file: string
  /** From 1. For a cut tail: the line after the last one. */
  readonly line: number
  readonly what: string
}

export class BadLog extends Error {
  override readonly name = 'BadLog'
  readonly bad: BadRecord

  constructor(bad: BadRecord) {
    super(`${bad.file}:${bad.line}: ${bad.what}`)
    this.bad = bad
  }
}

/** Where reading a log has come to. */
export interface At {
  /** Empty before the first record has said it. */
  readonly origin: string
  readonly tip: ChainTip
}

type Checked = ReturnType<typeof checkLine>

/** Verifies records one after the other, against the chain and every head that is known. */
export class Verifier {
  readonly #vouchers: Vouchers

  constructor(vouchers: Vouchers) {
    this.#vouchers = vouchers
  }

  /**
   * Goes on with one file.
   *
   * @returns where the log has come to, and how many lines the file has
   * @throws BadLog
   */
  async readOn(path: string, from: At): Promise<{ readonly at: At; readonly lines: number }> {
    let at = from
    let lines = 0
    for await (const line of logLines(path)) {
      lines = line.number
      if (at.tip.n === 0) at = { ...at, origin: originOf(line.bytes) }
      const checked = await this.#checkRecord(line, at)
      if ('wrong' in checked) throw new BadLog({ file: path, line: line.number, what: checked.wrong })
      at = { ...at, tip: { n: at.tip.n + 1, hash: checked.hash } }
    }
    return { at, lines }
  }

  async #checkRecord(line: LogLine, { origin, tip }: At): Promise<Checked> {
    if (!line.complete) return { wrong: 'cut off in the middle' }
    const checked = checkLine(tip, line.bytes)
    if ('wrong' in checked) return checked
    if (origin === '') return { wrong: 'not the opening of a log' }
    const n = tip.n + 1
    const contrary = this.#vouchers.find(origin, n).find(({ head }) => head.hash !== checked.hash)
    if (contrary !== undefined)
      return { wrong: `not the record that the signed head in ${contrary.where} vouches for` }
    if (!isOwnLine(line.bytes)) return checked
    const wrong = await this.#wrongOwn(readOwnRecord(line.bytes.toString('utf8')), origin, n)
    return wrong === null ? checked : { wrong }
  }

  /** What is wrong with a record of the log about itself. */
  async #wrongOwn(own: OwnRecord | null, origin: string, n: number): Promise<string | null> {
    if (own === null) return 'not a record that a log writes about itself'
    if (own.eventType === 'audit.removed') return this.#wrongTombstone(own, origin, n)
    if (own.head !== undefined) return this.#wrongHead(own, own.head, { origin, n })
    return WITH_HEADS.includes(own.eventType) ? 'a record about a head without one' : null
  }

  async #wrongHead(
    { eventType, resource }: OwnRecord,
    text: string,
    at: { readonly origin: string; readonly n: number },
  ): Promise<string | null> {
    const head = await this.#vouchers.open(text)
    if (head === null) return 'its head is not signed by a known key of its service'
    if (head.origin !== resource) return 'its head is of another log than it says'
    const isBefore = head.origin === at.origin && head.n < at.n
    return OWN_HEADS.includes(eventType) && !isBefore ? 'its head is not of the records before it' : null
  }

  async #wrongTombstone(own: OwnRecord, origin: string, n: number): Promise<string | null> {
    const tombstone = await this.#vouchers.openTombstone(own.tombstone ?? '')
    const isRight = tombstone?.origin === origin && tombstone.n < n
    return isRight ? null : 'what it says was removed is not signed for this log by a known key'
  }
}

/** Records that vouch for what stands before them. */
const OWN_HEADS: readonly AuditOwnEventType[] = ['audit.head', 'audit.segment']
const WITH_HEADS: readonly AuditOwnEventType[] = [...OWN_HEADS, 'audit.head_accepted', 'audit.head_refused']

function originOf(bytes: Buffer): string {
  const own = readOwnRecord(bytes.toString('utf8'))
  return own?.eventType === 'audit.opened' ? own.resource : ''
}
