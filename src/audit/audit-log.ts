import type { ChainTip } from '../kernel/chain-link.ts'
import { isoTime } from '../kernel/clock.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import type { AuditOptions, OwnAudit } from './audit.ts'
import type { AuditEvent, AuditOwnEvent } from './event.ts'
import { writeHeadFile } from './head-file.ts'
import { type Head, headContent, type HeadRefusal, openHead } from './heads.ts'
import type { Accepted } from './past.ts'
import { veil } from './personal/veil.ts'
import { type HashValue, recordOf } from './record.ts'
import type { Hold } from './retention/holds.ts'
import type { SegmentedLog } from './segmented-log.ts'
import { tombstoneContent } from './tombstones.ts'
import { valueHasher } from './value-hash.ts'

export interface AuditLogOptions extends AuditOptions {
  readonly origin: string
  readonly file: SegmentedLog
  readonly headPath: string
  /** Newest accepted head of each other log. */
  readonly accepted: Map<string, Accepted>
  /** When the newest file was begun. */
  readonly begunMs: number | null
}

/** Appends, and vouches for what it has appended. */
export class AuditLog implements OwnAudit {
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
    const former = accepted.get(head.origin)
    const known = former?.head
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
    try {
      await this.#append(ownEvent('audit.head_accepted', head.origin, { head: text }))
    } catch (error) {
      // Not kept: it must be taken when it comes again.
      if (former === undefined) accepted.delete(head.origin)
      else accepted.set(head.origin, former)
      throw error
    }
    return ok(undefined)
  }

  async recordRemoval(upTo: ChainTip, reason: string): Promise<void> {
    const { clock, keys, origin } = this.#options
    const tombstone = await keys.sign(tombstoneContent({ origin, ...upTo, atMs: clock.nowMs() }))
    await this.#append(ownEvent('audit.removed', origin, { tombstone, reason }))
    this.#unvouched += 1
  }

  async recordHold(operation: string, { id, subject, from, to, why }: Hold): Promise<void> {
    const said = { principal: subject ?? null, reason: id, hold: { from, to, why } }
    await this.#append(ownEvent('audit.hold', this.#options.origin, { operation, ...said }))
    this.#unvouched += 1
  }

  async recordErasure(principal: string | null, outcome: 'success' | 'refused'): Promise<void> {
    await this.#append(ownEvent('audit.erased', this.#options.origin, { principal, outcome }))
    this.#unvouched += 1
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
    const { file, subjects } = this.#options
    const written = subjects === undefined ? event : await veil(event, subjects)
    const { n } = await file.append(this.#bodyOf(written))
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
    const { clock, file } = this.#options
    await file.turn((before) => this.#firstBodies(before))
    this.#day = dayOf(clock.nowMs())
  }

  /**
   * The first record of a file vouches for the one before it, so that it can be verified without it; then what a restart must
   * know, which reads the newest file alone.
   */
  async #firstBodies(before: ChainTip): Promise<readonly string[]> {
    const { clock, keys, origin, accepted } = this.#options
    const head = await keys.sign(headContent({ origin, ...before, atMs: clock.nowMs() }))
    const carried = [...accepted].map(([other, { text }]) =>
      ownEvent('audit.head_accepted', other, { head: text, reason: 'carried_over' }),
    )
    return [ownEvent('audit.segment', origin, { head }), ...carried].map((event) => this.#bodyOf(event))
  }

  async #vouch(): Promise<string> {
    const { file, clock, keys, origin, headPath, disk } = this.#options
    const covered = this.#unvouched
    const head = { origin, ...file.last, atMs: clock.nowMs() }
    const text = await keys.sign(headContent(head))
    this.#headAt = await this.#append(ownEvent('audit.head', origin, { head: text }))
    await writeHeadFile(headPath, text, disk)
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
