import type { Clock } from '../../kernel/clock.ts'
import type { CompactionLimits } from '../../kernel/compaction/compactor.ts'
import type { Journal, JournalEntry } from '../../kernel/journal.ts'
import type { Log } from '../../kernel/log.ts'
import type { Peer } from '../../kernel/peers/copying.ts'
import { UnreadableEntry } from '../../kernel/peers/replica.ts'
import {
  openSharedRecorder,
  type RequiredMark,
  type SharedRecorded,
  type SharedRecorder,
} from '../../kernel/peers/shared-recorder.ts'
import { isOfJournal } from '../../kernel/projector.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { readRecord, RECORD_SCHEMAS, type RecordData, type RecordType } from './entries.ts'
import { keepingOfMcp } from './keeping.ts'
import { Ledger } from './ledger.ts'
import { writesOf } from './projection.ts'

/** What became of a record that is durable here. */
export interface Made {
  /** `false`: the store will have it as soon as it answers; until then no call is admitted. */
  readonly isProjected: boolean
  /** On how many of all MCP servers it is durable. */
  readonly servers: SharedRecorded['servers']
}

/** The MCP servers' memory: their journals, what these say together (`ledger`), and how far the store has it. */
export interface Records extends Pick<
  SharedRecorder,
  'notes' | 'requiredMarks' | 'isWhole' | 'accept' | 'read'
> {
  readonly ledger: Ledger
  /**
   * Makes a record: on disk, in the ledger, in the store, at the other servers that answer.
   *
   * @throws DiskUnavailable: nothing happened
   */
  record<T extends RecordType>(type: T, data: RecordData<T>): Promise<Made>
  isPrimed(): boolean
  /** In words for the operator; empty when primed. */
  unprimedReasons(): readonly string[]
  requiredMarks(): readonly RequiredMark[]
  /** Stops keeping the store and the other servers up to date. Journals and store are the caller's to close. */
  close(): Promise<void>
}

export interface RecordsOptions {
  /** Our own. */
  readonly journal: Journal
  /** Of the other MCP servers; a copy of the journal for each. */
  readonly peers?: readonly Peer[]
  readonly copies?: readonly Journal[]
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly compactionLimits?: CompactionLimits
}

/**
 * Reads all journals, then brings the store up to date if it answers.
 *
 * @throws Error on a record that this version cannot read: starting would forget what it says. BrokenChain, JournalLost
 */
export async function openRecords(options: RecordsOptions): Promise<Records> {
  const { clock, peers = [], copies = [] } = options
  const ledger = new Ledger(clock)
  const recorder = await openSharedRecorder({
    ...options,
    ...{ peers, copies, check, keeping: keepingOfMcp },
    writesOf: ({ type, data, atMs }) => writesOf(readRecord(type, data, atMs), clock),
    fold: ({ type, data, atMs, writer }) =>
      ledger.apply(readRecord(type, data, atMs), writer === options.journal.writer),
  })
  return {
    ledger,
    record: async (type, data) => {
      const { projected, servers } = await recorder.record(type, RECORD_SCHEMAS[type].parse(data))
      return { isProjected: projected, servers }
    },
    isPrimed: () => recorder.primed(),
    unprimedReasons: () => recorder.unprimedReasons(),
    notes: () => recorder.notes(),
    requiredMarks: () => recorder.requiredMarks(),
    isWhole: () => recorder.isWhole(),
    accept: (writer, copied) => recorder.accept(writer, copied),
    read: (writer, after) => recorder.read(writer, after),
    close: () => recorder.close(),
  }
}

function check({ type, data, atMs }: JournalEntry): void {
  if (isOfJournal({ type })) return
  try {
    readRecord(type, data, atMs)
  } catch {
    throw new UnreadableEntry('records that this version does not know')
  }
}
