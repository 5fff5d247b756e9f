import type { Clock } from '../kernel/clock.ts'
import type { Log } from '../kernel/log.ts'
import type { Result } from '../kernel/result.ts'
import type { AuditEvent } from './event.ts'
import type { HeadRefusal, SignHead, VerifyHead } from './heads.ts'

export interface AuditOptions {
  readonly folder: string
  /** INSTANCE_ID; names the file `<folder>/<instance>.jsonl`. */
  readonly instance: string
  readonly service: 'portal' | 'mcp'
  readonly clock: Clock
  readonly log: Log
  readonly keys: AuditKeys
  /** A head is signed after so many milliseconds with new records (default 5,000) … */
  readonly headEveryMs?: number
  /** … and after so many records (default 1,000). */
  readonly headEveryRecords?: number
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
  /** Keeps the other service's head as a record of our own chain, so that a cut tail of its log shows here. */
  acceptHead(head: string): Promise<Result<void, HeadRefusal>>
  /** Signs a last head and releases the file. */
  close(): Promise<void>
}

/** @throws BrokenChain naming file and line: a log that does not hold is not continued */
export function openAudit(options: AuditOptions): Promise<Audit> {
  return Promise.reject(new Error(`not yet: ${options.instance}`))
}
