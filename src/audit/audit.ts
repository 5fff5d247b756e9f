import type { ChainTip } from '../kernel/chain-link.ts'
import { type Clock, isoTime } from '../kernel/clock.ts'
import type { Disk } from '../kernel/disk.ts'
import type { Log } from '../kernel/log.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import type { AuditEvent, AuditOwnEvent } from './event.ts'
import { headFilePath, readHeadFile, writeHeadFile } from './head-file.ts'
import {
  AUDIT_GENESIS,
  type Head,
  headContent,
  type HeadRefusal,
  openHead,
  readOwnRecord,
  type SignHead,
  type VerifyHead,
} from './heads.ts'
import { type Accepted, Past } from './past.ts'
import { type HashValue, recordOf } from './record.ts'
import { SegmentedLog } from './segmented-log.ts'
import { valueHasher } from './value-hash.ts'

export interface AuditOptions {
  readonly folder: string
  /** INSTANCE_ID; names the files (`log-files.ts`). */
  readonly instance: string
  readonly service: 'portal' | 'mcp'
  readonly clock: Clock
  readonly log: Log
  readonly keys: AuditKeys
  /** A head is signed after so many milliseconds with new records (default 5,000) … */
  readonly headEveryMs?: number
  /** … and after so many records (default 1,000). */
  readonly headEveryRecords?: number
  /** A new file is begun with the first record of a UTC day, and after so many records (default 100,000). */
  readonly fileRecords?: number
  readonly disk?: Disk
}

export interface AuditKeys {
  readonly sign: SignHead
  readonly verify: VerifyHead
  /** Key of the hashes of query values: at least 32 bytes that never leave this service. */
  readonly valueKey: Uint8Array
}

/** The audit log of one process. */
export interface Audit {
  /**
   * Resolves when the record is on disk, so that it can be awaited before an answer.
   *
   * @throws DiskUnavailable: the caller must not answer as if it had happened (`503`)
   */
  write(event: AuditEvent): Promise<void>
  /** The newest signed head of this chain, as text for the other service. Signs one when there are new records. */
  head(): Promise<string>
  /**
   * Keeps the other service's head as a record of our own chain, so that a cut tail of its log shows here. Send heads
   * one after the other: an older one that arrives late is evidence, not an accident.
   *
   * @throws DiskUnavailable
   */
  acceptHead(head: string): Promise<Result<void, HeadRefusal>>
  /** Number of the newest record that is on disk: how far others may read the log. */
  recordsOnDisk(): number
  /** Signs a last head and releases the file. */
  close(): Promise<void>
}

/**
 * Opens the log, checks its newest file against its chain and its newest signed head, and writes that it was opened.
 *
 * @throws BrokenChain naming file and line: a log that does not hold is not continued
 */
export async function openAudit(options: AuditOptions): Promise<Audit> {
  const { folder, instance, service, keys, disk } = options
  const origin = `${service}/${instance}`
  const headPath = headFilePath(folder, instance)
  const newest = await readHeadFile(headPath)
  const vouched = newest === null ? null : await openHead(newest, keys.verify)
  if (newest !== null && vouched === null)
    options.log.warn({ event: 'audit.head_unverified', path: headPath })
  const past = new Past(origin, vouched)
  const file = await SegmentedLog.open({
    ...{ folder, instance, genesis: AUDIT_GENESIS, disk },
    onStart: (start) => past.begin(start),
    onLine: (line) => past.take(line),
    startIn: (line) => vouchedBefore(line, origin, keys.verify),
  })
  try {
    past.check(file)
    const accepted = await past.acceptedHeads(keys.verify)
    const audit = new AuditLog({ ...options, origin, file, headPath, accepted, begunMs: past.begunMs })
    await audit.begin()
    return audit
  } catch (error) {
    await file.close()
    throw error
  }
}

/** The record before a file, which its first line holds signed. */
async function vouchedBefore(line: string, origin: string, verify: VerifyHead): Promise<ChainTip | null> {
  const own = readOwnRecord(line)
  const head = own?.eventType === 'audit.segment' ? await openHead(own.head ?? '', verify) : null
  return head?.origin === origin ? head : null
}

interface AuditLogOptions extends AuditOptions {
  readonly origin: string
  readonly file: SegmentedLog
  readonly headPath: string
  /** Newest accepted head of each other log. */
  readonly accepted: Map<string, Accepted>
  /** When the newest file was begun. */
  readonly begunMs: number | null
}

/** Appends, and vouches for what it has appended. */
class AuditLog implements Audit {
  readonly #options: AuditLogOptions
  readonly #hashValue: HashValue
  readonly #timer: NodeJS.Timeout
  readonly #headEveryRecords: number
  /** Records that no head vouches for yet; those about heads do not count, or idle services would never rest. */
  #unvouched = 0
  #newest: string | null = null
  /** Number of the record of the newest head. */
  #headAt = 0
  #vouching: Promise<string> | null = null
  /** UTC day of the newest file. */
  #day: number
  #turning: Promise<void> | null = null

  constructor(options: AuditLogOptions) {
    this.#options = options
    this.#hashValue = valueHasher(options.keys.valueKey)
    this.#headEveryRecords = options.headEveryRecords ?? HEAD_EVERY_RECORDS
    this.#day = dayOf(options.begunMs ?? options.clock.nowMs())
    this.#timer = setInterval(() => this.#vouchInBackground(), options.headEveryMs ?? HEAD_EVERY_MS)
    this.#timer.unref()
  }

  async begin(): Promise<void> {
    const { origin, file, log } = this.#options
    if (!file.isBegun) await file.append(await this.#firstBody(file.last))
    const isTorn = file.tornBytes > 0
    if (isTorn) log.warn({ event: 'audit.torn_tail_cut', bytes: file.tornBytes })
    await this.#append(ownEvent('audit.opened', origin, isTorn ? { reason: 'torn_tail_cut' } : {}))
    this.#unvouched += 1
  }

  async write(event: AuditEvent): Promise<void> {
    await this.#append(event)
    this.#unvouched += 1
    if (this.#unvouched >= this.#headEveryRecords) this.#vouchInBackground()
    if (this.#isTurnDue()) this.#turnInBackground()
  }

  recordsOnDisk(): number {
    return this.#options.file.last.n
  }

  head(): Promise<string> {
    if (this.#newest !== null && this.#unvouched === 0) return Promise.resolve(this.#newest)
    this.#vouching ??= this.#vouch().finally(() => (this.#vouching = null))
    return this.#vouching
  }

  async acceptHead(text: string): Promise<Result<void, HeadRefusal>> {
    const { keys, origin, accepted } = this.#options
    const head = await openHead(text, keys.verify)
    if (head === null) return err('bad_signature')
    if (head.origin === origin) return err('own_head')
    const known = accepted.get(head.origin)?.head
    if (known?.n === head.n && known.hash === head.hash) return ok(undefined)
    const evidence = contradiction(head, known)
    if (evidence !== null) {
      this.#options.log.error({ event: 'audit.head_refused', origin: head.origin, reason: evidence })
      await this.#append(
        ownEvent('audit.head_refused', head.origin, { head: text, reason: evidence, outcome: 'refused' }),
      )
      return err(evidence)
    }
    accepted.set(head.origin, { head, text })
    await this.#append(ownEvent('audit.head_accepted', head.origin, { head: text }))
    return ok(undefined)
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#turning
    try {
      await this.#vouching
      if (this.#options.file.last.n > this.#headAt) await this.#vouch()
    } catch (error) {
      this.#options.log.error({ event: 'audit.head_failed', err: error })
    }
    await this.#options.file.close()
  }

  async #append(event: AuditEvent | AuditOwnEvent): Promise<number> {
    const { n } = await this.#options.file.append(this.#bodyOf(event))
    return n
  }

  #bodyOf(event: AuditEvent | AuditOwnEvent): string {
    return recordOf(event, isoTime(this.#options.clock.nowMs()), this.#hashValue)
  }

  #vouchInBackground(): void {
    if (this.#unvouched === 0) return
    this.head().catch((error: unknown) => this.#options.log.error({ event: 'audit.head_failed', err: error }))
  }

  #isTurnDue(): boolean {
    const { clock, file, fileRecords = FILE_RECORDS } = this.#options
    return this.#turning === null && (file.size >= fileRecords || dayOf(clock.nowMs()) > this.#day)
  }

  /** A file that cannot be begun now is tried again with the next record; the old one goes on. */
  #turnInBackground(): void {
    this.#turning = this.#turn()
      .catch((error: unknown) => this.#options.log.error({ event: 'audit.file_not_begun', err: error }))
      .finally(() => (this.#turning = null))
  }

  async #turn(): Promise<void> {
    const { clock, file, accepted } = this.#options
    await file.turn((before) => this.#firstBody(before))
    this.#day = dayOf(clock.nowMs())
    // What a restart must know stands in the newest file.
    for (const [origin, { text }] of accepted)
      await this.#append(ownEvent('audit.head_accepted', origin, { head: text, reason: 'carried_over' }))
  }

  /** The first record of a file vouches for the one before it, so that it can be verified without it. */
  async #firstBody(before: ChainTip): Promise<string> {
    const { clock, keys, origin } = this.#options
    const head = await keys.sign(headContent({ origin, ...before, atMs: clock.nowMs() }))
    return this.#bodyOf(ownEvent('audit.segment', origin, { head }))
  }

  async #vouch(): Promise<string> {
    const { file, clock, keys, origin, headPath } = this.#options
    const covered = this.#unvouched
    const head = { origin, ...file.last, atMs: clock.nowMs() }
    const text = await keys.sign(headContent(head))
    this.#headAt = await this.#append(ownEvent('audit.head', origin, { head: text }))
    await writeHeadFile(headPath, text)
    this.#unvouched -= covered
    this.#newest = text
    return text
  }
}

function contradiction(head: Head, known: Head | undefined): 'went_back' | 'forked' | null {
  if (known === undefined || head.n > known.n) return null
  return head.n < known.n ? 'went_back' : 'forked'
}

const ownEvent = (
  eventType: AuditOwnEvent['eventType'],
  origin: string,
  more: Partial<AuditOwnEvent>,
): AuditOwnEvent => ({
  eventType,
  outcome: 'success',
  operation: eventType,
  principal: null,
  authMethod: null,
  resource: origin,
  action: null,
  responseCode: null,
  sourceIP: null,
  correlationId: null,
  ...more,
})

const dayOf = (ms: number): number => Math.floor(ms / 86_400_000)

const FILE_RECORDS = 100_000
const HEAD_EVERY_MS = 5_000
const HEAD_EVERY_RECORDS = 1_000
