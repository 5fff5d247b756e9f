import { type ChainTip, checkLine } from '../kernel/chain-link.ts'
import type { AuditOwnEventType } from './event.ts'
import { readHeadFile } from './head-file.ts'
import { AUDIT_GENESIS, type OwnRecord, readOwnRecord, type VerifyHead } from './heads.ts'
import { type LogFiles, logsIn } from './log-files.ts'
import { isOwnLine, type LogLine, logLines } from './log-lines.ts'
import { type GivenHead, Vouchers } from './vouchers.ts'

/** What holds of one log. */
export interface VerifiedLog {
  /** Its first file; what follows lies beside it. */
  readonly file: string
  readonly origin: string
  readonly records: number
  /** Number of the newest record that a signed head vouches for; records after it could be cut without a trace. */
  readonly vouchedTo: number
}

/** The first thing that does not hold. */
export interface BadRecord {
  readonly file: string
  /** From 1. For a cut tail: the line after the last one. */
  readonly line: number
  readonly what: string
}

export type AuditVerdict =
  | {
      readonly ok: true
      readonly logs: readonly VerifiedLog[]
      /** Logs that are spoken of in these but lie elsewhere, e.g. the other service's: nothing is known of them. */
      readonly elsewhere: readonly string[]
      /** Where something was given as a head that no known key signed: half a line of a crash, or worse. */
      readonly unsigned: readonly string[]
    }
  | { readonly ok: false; readonly bad: BadRecord }

/**
 * Verifies every log in the folders: chain, order, signatures, and length against the newest signed head found
 * anywhere, the other services' copies included. Logs that are being written may be verified too.
 *
 * @param given heads that were kept elsewhere: whoever can write to the folders could not take them back
 * @throws when a folder cannot be read
 */
export async function verifyAudit(
  folders: readonly string[],
  verify: VerifyHead,
  given: readonly GivenHead[] = [],
): Promise<AuditVerdict> {
  try {
    const files = (await Promise.all(folders.map(logsIn))).flat()
    const vouchers = new Vouchers(verify)
    const unsigned = await giveAll(given, vouchers)
    // All heads first: those of a log that is still being written must not be newer than its records read after them.
    for (const file of files) await vouchers.collect(file)
    const verifier = new Verifier(vouchers)
    const logs: VerifiedLog[] = []
    for (const file of files) logs.push(await verifier.verifyLog(file))
    return { ok: true, logs, elsewhere: elsewhere(vouchers, logs), unsigned }
  } catch (error) {
    if (error instanceof BadLog) return { ok: false, bad: error.bad }
    throw error
  }
}

/** @returns where heads were given that are none; none but such ones would be no check at all */
async function giveAll(given: readonly GivenHead[], vouchers: Vouchers): Promise<readonly string[]> {
  const unsigned: GivenHead[] = []
  for (const head of given) if (!(await vouchers.give(head))) unsigned.push(head)
  const [odd] = unsigned
  if (odd !== undefined && unsigned.length === given.length)
    throw badGiven(odd, 'not a head that a known key signed')
  return unsigned.map(({ where }) => where)
}

/** Logs that are spoken of and are not here. Of which a head was given, they should be. */
function elsewhere(vouchers: Vouchers, logs: readonly VerifiedLog[]): readonly string[] {
  const here = new Set(logs.map(({ origin }) => origin))
  const missing = vouchers.origins().filter((origin) => !here.has(origin))
  for (const origin of missing) {
    const voucher = vouchers.isGiven(origin) ? vouchers.newest(origin) : undefined
    if (voucher !== undefined)
      throw badGiven(voucher, `it vouches for ${voucher.head.n} records of ${origin}, whose log is not here`)
  }
  return missing
}

class BadLog extends Error {
  override readonly name = 'BadLog'
  readonly bad: BadRecord

  constructor(bad: BadRecord) {
    super(`${bad.file}:${bad.line}: ${bad.what}`)
    this.bad = bad
  }
}

function badGiven({ where }: Pick<GivenHead, 'where'>, what: string): BadLog {
  const [, file = where, line = '1'] = /^(.*):(\d+)$/.exec(where) ?? []
  return new BadLog({ file, line: Number(line), what })
}

type Checked = ReturnType<typeof checkLine>

/** Where reading a log has come to. */
interface At {
  readonly origin: string
  readonly tip: ChainTip
}

class Verifier {
  readonly #vouchers: Vouchers

  constructor(vouchers: Vouchers) {
    this.#vouchers = vouchers
  }

  async verifyLog(files: LogFiles): Promise<VerifiedLog> {
    let at: At = { origin: '', tip: { n: 0, hash: AUDIT_GENESIS } }
    const end = { file: files.segments[0]?.path ?? files.missing, line: 0 }
    for (const { path, first } of files.segments) {
      Object.assign(end, { file: path, line: 0 })
      if (first !== at.tip.n + 1)
        throw new BadLog({
          file: path,
          line: 1,
          what: `the records from ${at.tip.n + 1} to ${first - 1} are not here`,
        })
      for await (const line of logLines(path)) {
        end.line = line.number
        if (at.tip.n === 0) at = { ...at, origin: originOf(line.bytes) }
        const checked = await this.#checkRecord(line, at)
        if ('wrong' in checked) throw new BadLog({ ...end, what: checked.wrong })
        at = { ...at, tip: { n: at.tip.n + 1, hash: checked.hash } }
      }
    }
    await this.#checkHeadFile(files, at.origin)
    const vouchedTo = this.#checkLength(at, { file: end.file, line: end.line + 1 })
    const [first] = files.segments
    return { file: first?.path ?? files.missing, origin: at.origin, records: at.tip.n, vouchedTo }
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
    const wrong = await this.#wrongHead(readOwnRecord(line.bytes.toString('utf8')), origin, n)
    return wrong === null ? checked : { wrong }
  }

  async #wrongHead(own: OwnRecord | null, origin: string, n: number): Promise<string | null> {
    if (own?.eventType === 'audit.opened') return null
    if (own?.head === undefined) return 'a record about a head without one'
    const head = await this.#vouchers.open(own.head)
    if (head === null) return 'its head is not signed by a known key of its service'
    if (head.origin !== own.resource) return 'its head is of another log than it says'
    const isOwn = OWN_HEADS.includes(own.eventType)
    return isOwn && !(head.origin === origin && head.n < n)
      ? 'its head is not of the records before it'
      : null
  }

  async #checkHeadFile({ head: file, missing }: LogFiles, origin: string): Promise<void> {
    const newest = await readHeadFile(file)
    if (newest === null) return
    const head = await this.#vouchers.open(newest)
    const isOurs = head !== null && (origin === '' || head.origin === origin)
    if (!isOurs) throw new BadLog({ file, line: 1, what: 'not signed for this log by a known key' })
    if (origin === '')
      throw new BadLog({ file: missing, line: 1, what: `cut: ${file} vouches for ${head.n} records` })
  }

  /** @returns the newest record that a head vouches for */
  #checkLength({ origin, tip }: At, end: Pick<BadRecord, 'file' | 'line'>): number {
    const newest = this.#vouchers.newest(origin)
    if (newest === undefined || newest.head.n <= tip.n) return newest?.head.n ?? 0
    throw new BadLog({
      ...end,
      what: `cut: the signed head in ${newest.where} vouches for ${newest.head.n} records`,
    })
  }
}

/** Records that vouch for what stands before them. */
const OWN_HEADS: readonly AuditOwnEventType[] = ['audit.head', 'audit.segment']

function originOf(bytes: Buffer): string {
  const own = readOwnRecord(bytes.toString('utf8'))
  return own?.eventType === 'audit.opened' ? own.resource : ''
}
