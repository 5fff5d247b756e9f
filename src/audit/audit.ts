import type { ChainTip } from '../kernel/chain-link.ts'
import type { Clock } from '../kernel/clock.ts'
import type { Disk } from '../kernel/disk.ts'
import type { Log } from '../kernel/log.ts'
import type { Result } from '../kernel/result.ts'
import { AuditLog } from './audit-log.ts'
import type { AuditEvent } from './event.ts'
import { headFilePath, readHeadFile } from './head-file.ts'
import {
  AUDIT_GENESIS,
  type HeadRefusal,
  openHead,
  readOwnRecord,
  type SignHead,
  type VerifyHead,
} from './heads.ts'
import { Past } from './past.ts'
import type { SubjectKeys } from './personal/subject-keys.ts'
import type { Hold } from './retention/holds.ts'
import { SegmentedLog } from './segmented-log.ts'

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
  /** A new file is begun after the first record of a UTC day, and after so many records (default 100,000). */
  readonly fileRecords?: number
  readonly disk?: Disk
  /** With them, persons stand in the log by pseudonyms (`personal/veil.ts`). */
  readonly subjects?: Pick<SubjectKeys, 'of'> | undefined
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
  /**
   * Hears of what is not written, because whoever causes it has caused enough records: it is counted all the same. Not every
   * log counts.
   */
  overlook?(event: AuditEvent): void
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

/** What the jobs around a log write into it. Each is on disk when it resolves. */
export interface OwnAudit extends Audit {
  /** Signs that the oldest records, up to this one, are removed. Write it before they are. */
  recordRemoval(upTo: ChainTip, reason: string): Promise<void>
  recordHold(operation: string, hold: Hold): Promise<void>
  /** @param pseudonym of the person whose key is gone, or is held */
  recordErasure(pseudonym: string | null, outcome: 'success' | 'refused'): Promise<void>
}

/**
 * Opens the log, checks its newest file against its chain and its newest signed head, and writes that it was opened.
 *
 * @throws BrokenChain naming file and line: a log that does not hold is not continued
 */
export async function openAudit(options: AuditOptions): Promise<OwnAudit> {
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
    await file.removeAbandoned()
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
