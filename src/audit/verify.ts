import { readHeadFile } from './head-file.ts'
import { AUDIT_GENESIS, readOwnRecord, type VerifyHead } from './heads.ts'
import { type LogFiles, logsIn, type Segment } from './log-files.ts'
import { logLines } from './log-lines.ts'
import { type At, BadLog, type BadRecord, Verifier } from './verifier.ts'
import { type GivenHead, Vouchers } from './vouchers.ts'

/** What holds of one log. */
export interface VerifiedLog {
  /** Its first file; what follows lies beside it. */
  readonly file: string
  readonly origin: string
  /** Number of its last record. */
  readonly records: number
  /** Up to this one they were removed because their time was over; 0 normally. */
  readonly removedTo: number
  /** Number of the newest record that a signed head vouches for; records after it could be cut without a trace. */
  readonly vouchedTo: number
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
    for (const file of files) logs.push(await verifyLog(file, verifier, vouchers))
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

function badGiven({ where }: Pick<GivenHead, 'where'>, what: string): BadLog {
  const [, file = where, line = '1'] = /^(.*):(\d+)$/.exec(where) ?? []
  return new BadLog({ file, line: Number(line), what })
}

async function verifyLog(files: LogFiles, verifier: Verifier, vouchers: Vouchers): Promise<VerifiedLog> {
  const [first] = files.segments
  const start = first === undefined ? GENESIS : await startOf(first, vouchers)
  let at = start
  let end = { file: first?.path ?? files.missing, line: 1 }
  for (const segment of files.segments) {
    if (segment.first !== at.tip.n + 1) throw missing(segment, at)
    const read = await verifier.readOn(segment.path, at)
    at = read.at
    end = { file: segment.path, line: read.lines + 1 }
  }
  await checkHeadFile(files, at.origin, vouchers)
  const vouchedTo = checkLength(at, end, vouchers)
  const file = first?.path ?? files.missing
  return { file, origin: at.origin, records: at.tip.n, removedTo: start.tip.n, vouchedTo }
}

const GENESIS: At = { origin: '', tip: { n: 0, hash: AUDIT_GENESIS } }

const missing = ({ path, first }: Segment, { tip }: At): BadLog =>
  new BadLog({ file: path, line: 1, what: `the records from ${tip.n + 1} to ${first - 1} are not here` })

/** A log may begin later only where a tombstone says so; the record before is the one that its first line vouches for. */
async function startOf(segment: Segment, vouchers: Vouchers): Promise<At> {
  const { path, first } = segment
  if (first === 1) return GENESIS
  for await (const { bytes } of logLines(path)) {
    const own = readOwnRecord(bytes.toString('utf8'))
    const head = own?.eventType === 'audit.segment' ? await vouchers.open(own.head ?? '') : null
    if (head?.n !== first - 1 || vouchers.removedTo(head.origin) < head.n) break
    return { origin: head.origin, tip: head }
  }
  throw missing(segment, GENESIS)
}

async function checkHeadFile(
  { head: file, missing }: LogFiles,
  origin: string,
  vouchers: Vouchers,
): Promise<void> {
  const newest = await readHeadFile(file)
  if (newest === null) return
  const head = await vouchers.open(newest)
  const isOurs = head !== null && (origin === '' || head.origin === origin)
  if (!isOurs) throw new BadLog({ file, line: 1, what: 'not signed for this log by a known key' })
  if (origin === '')
    throw new BadLog({ file: missing, line: 1, what: `cut: ${file} vouches for ${head.n} records` })
}

/** @returns the newest record that a head vouches for */
function checkLength({ origin, tip }: At, end: Pick<BadRecord, 'file' | 'line'>, vouchers: Vouchers): number {
  const newest = vouchers.newest(origin)
  if (newest === undefined || newest.head.n <= tip.n) return newest?.head.n ?? 0
  const what = `cut: the signed head in ${newest.where} vouches for ${newest.head.n} records`
  throw new BadLog({ ...end, what })
}
