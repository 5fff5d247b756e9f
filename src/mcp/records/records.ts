import type { Clock } from '../../kernel/clock.ts'
import type { Journal } from '../../kernel/journal.ts'
import type { Log } from '../../kernel/log.ts'
import { openRecorder, type Recorder } from '../../kernel/recorder.ts'
import type { Store } from '../../kernel/store/contract.ts'
import type { RequiredMark } from '../admission/store.ts'
import { readRecord, RECORD_SCHEMAS, type RecordData, type RecordType } from './entries.ts'
import { Ledger } from './ledger.ts'
import { writesOf } from './projection.ts'

/** The MCP server's memory: its journal, what it says (`ledger`), and how far the store has it. */
export interface Records {
  readonly ledger: Ledger
  /**
   * Makes a record: on disk, in the ledger, then in the store. `isProjected` false: durable, and the store will have it
   * as soon as it answers; until then no call is admitted.
   *
   * @throws DiskUnavailable: nothing happened
   */
  record<T extends RecordType>(type: T, data: RecordData<T>): Promise<{ readonly isProjected: boolean }>
  isPrimed(): boolean
  /** In words for the operator; null when primed. */
  unprimedReason(): string | null
  requiredMarks(): readonly RequiredMark[]
  /** Stops keeping the store up to date. Journal and store are the caller's to close. */
  close(): Promise<void>
}

export interface RecordsOptions {
  readonly journal: Journal
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
}

/**
 * Reads the whole journal, then brings the store up to date if it answers.
 *
 * @throws Error on a record that this version cannot read: starting would forget what it says
 */
export async function openRecords({ journal, store, clock, log }: RecordsOptions): Promise<Records> {
  const ledger = new Ledger(clock)
  const recorder = await openRecorder({
    journal,
    store,
    clock,
    log,
    writesOf: ({ type, data, atMs }) => writesOf(readRecord(type, data, atMs), clock),
    fold: ({ type, data, atMs }) => ledger.apply(readRecord(type, data, atMs)),
  })
  return {
    ledger,
    record: async (type, data) => {
      const { projected } = await recorder.record(type, RECORD_SCHEMAS[type].parse(data))
      return { isProjected: projected }
    },
    isPrimed: () => recorder.primed(),
    unprimedReason: () => recorder.unprimedReason(),
    requiredMarks: () => requiredMarks(journal, recorder),
    close: () => recorder.close(),
  }
}

const requiredMarks = (journal: Journal, recorder: Recorder): readonly RequiredMark[] => [
  { writer: journal.writer, atLeast: recorder.requiredMark() },
]
