import { LRUCache } from 'lru-cache'
import type { z } from 'zod'
import { KeptDetections } from '../../audit/detection/kept-detections.ts'
import type { Clock } from '../../kernel/clock.ts'
import type { CompactionLimits } from '../../kernel/compaction/compactor.ts'
import type { Journal, JournalEntry } from '../../kernel/journal.ts'
import type { Log } from '../../kernel/log.ts'
import type { Peer } from '../../kernel/peers/copying.ts'
import { UnreadableEntry } from '../../kernel/peers/replica.ts'
import { openSharedRecorder, type SharedRecorder } from '../../kernel/peers/shared-recorder.ts'
import { isOfJournal } from '../../kernel/projector.ts'
import { type Store, StoreUnavailable } from '../../kernel/store/contract.ts'
import { EPOCH_KEY } from '../../kernel/store/keys.ts'
import { Connections } from './connections.ts'
import { type PortalEntry, type PortalEntryData, type PortalEntryType, readPortalEntry } from './entries.ts'
import { keepingOfPortal } from './keeping.ts'
import { storeKeys } from './keys.ts'
import { type Machine, Machines } from './machines.ts'
import {
  storedClient,
  type StoredClient,
  storedMachine,
  storedRefresh,
  type StoredRefresh,
  storedRotation,
  type StoredRotation,
  storedToken,
  type StoredToken,
  writesOf,
} from './projection.ts'

/** What the portal has decided: written to its journal, read from the store that all portals share. */
export interface PortalRecords {
  readonly connections: Connections
  readonly machines: Machines
  readonly detections: KeptDetections
  readonly recorder: SharedRecorder
  /**
   * Journals an entry. Resolves when it is on disk.
   *
   * @returns whether the store has it too; if not, it will get it before it is believed again
   * @throws DiskUnavailable
   */
  record<T extends PortalEntryType>(type: T, data: PortalEntryData<T>): Promise<boolean>
  /** Each finder throws StoreUnavailable while the store is silent or not primed: `null` really means absent. */
  findClient(clientId: string): Promise<StoredClient | null>
  findRefresh(
    hash: string,
  ): Promise<{ readonly held: StoredRefresh; readonly rotation: StoredRotation | null } | null>
  findRotation(hash: string): Promise<StoredRotation | null>
  findToken(rid: string): Promise<StoredToken | null>
  findMachine(cid: string): Promise<Machine | null>
  isEnded(gid: string): Promise<boolean>
  /** What is known of a code's grant, in one step. */
  findHeld(code: { readonly gid: string; readonly j: string }): Promise<HeldForCode>
}

export interface HeldForCode {
  readonly isEnded: boolean
  /** What waits for the exchange of the code; `null`: it was fetched, or is too old. */
  readonly waiting: string | null
  /** Of the store; `null` until it is primed for the first time. */
  readonly epoch: string | null
}

export interface RecordsOptions {
  /** Our own. */
  readonly journal: Journal
  /** Of the other portals; a copy of the journal for each. */
  readonly peers?: readonly Peer[]
  readonly copies?: readonly Journal[]
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly compactionLimits?: CompactionLimits
}

/** Folds all journals, then primes the store. Resolves also when the store is down. @throws BrokenChain, JournalLost */
export async function openPortalRecords(options: RecordsOptions): Promise<PortalRecords> {
  const connections = new Connections(options.clock)
  const machines = new Machines()
  const detections = new KeptDetections(options.clock)
  const readOnce = entryReader()
  const readClient = clientReader()
  const { peers = [], copies = [] } = options
  const recorder = await openSharedRecorder({
    ...options,
    ...{ peers, copies, check, keeping: keepingOfPortal },
    writesOf: (entry) => writesOf(readOnce(entry), options.clock),
    fold: (entry) => {
      const read = readOnce(entry)
      connections.fold(read, entry.writer === options.journal.writer)
      machines.fold(read)
      foldDetection(read, detections)
    },
  })
  const read = async (keys: readonly string[]): Promise<(string | null)[]> => recorder.readProjected(keys)
  return {
    connections,
    machines,
    detections,
    recorder,
    record: async (type, data) => (await recorder.record(type, data)).projected,
    findClient: async (clientId) => readClient((await read([storeKeys.client(clientId)]))[0]),
    findRefresh: async (hash) => {
      const [held, rotation] = await read([storeKeys.refresh(hash), storeKeys.rotation(hash)])
      const found = parse(storedRefresh, held)
      return found === null ? null : { held: found, rotation: parse(storedRotation, rotation) }
    },
    findRotation: async (hash) => parse(storedRotation, (await read([storeKeys.rotation(hash)]))[0]),
    findToken: async (rid) => parse(storedToken, (await read([storeKeys.token(rid)]))[0]),
    findMachine: async (cid) =>
      parse(storedMachine, withoutVersion((await read([storeKeys.machine(cid)]))[0])),
    isEnded: async (gid) => (await read([storeKeys.grantEnd(gid)]))[0] !== null,
    findHeld: async ({ gid, j }) => {
      const keys = [storeKeys.grantEnd(gid), storeKeys.waitingReceipt(j), EPOCH_KEY]
      const [end = null, waiting = null, epoch = null] = await read(keys)
      return { isEnded: end !== null, waiting, epoch }
    },
  }
}

function foldDetection(entry: PortalEntry, detections: KeptDetections): void {
  if (entry.type === 'detection.raised') detections.raise(entry.data)
  if (entry.type === 'detection.settled') detections.settle(entry.data, entry.atMs)
}

/** What is recorded is folded and then projected: it is read once for both. */
function entryReader(): (entry: JournalEntry) => PortalEntry {
  const known = new WeakMap<JournalEntry, PortalEntry>()
  return (entry) => {
    const before = known.get(entry)
    if (before !== undefined) return before
    const read = readPortalEntry(entry)
    known.set(entry, read)
    return read
  }
}

/** Few clients are many people's: what the store holds of one is parsed when it is new, and not for every token. */
function clientReader(): (value: string | null | undefined) => StoredClient | null {
  const known = new LRUCache<string, StoredClient>({
    maxSize: MAX_KNOWN_CHARS,
    sizeCalculation: (_client, text) => text.length,
  })
  return (value) => {
    if (value === null || value === undefined) return null
    const read = known.get(value)
    if (read !== undefined) return read
    const parsed = parse(storedClient, value)
    if (parsed !== null) known.set(value, parsed)
    return parsed
  }
}

const MAX_KNOWN_CHARS = 4_000_000

function check(entry: JournalEntry): void {
  if (isOfJournal(entry)) return
  try {
    readPortalEntry(entry)
  } catch {
    throw new UnreadableEntry('records that this version does not know')
  }
}

/** An earlier version of this server kept it without. */
const withoutVersion = (value: string | null | undefined): string | null =>
  value?.replace(/^\d+\./, '') ?? null

/** @throws StoreUnavailable for a value that is not what we wrote: a damaged store is not an absent key. */
function parse<Schema extends z.ZodType>(
  schema: Schema,
  value: string | null | undefined,
): z.output<Schema> | null {
  if (value === null || value === undefined) return null
  try {
    return schema.parse(JSON.parse(value))
  } catch {
    throw new StoreUnavailable('the store holds a value that is not ours')
  }
}
