import type { Clock } from '../clock.ts'
import { type CompactionLimits, Compactor, settleLoose } from '../compaction/compactor.ts'
import type { BeginKeeping } from '../compaction/keeping.ts'
import type { Journal, JournalData, JournalEntry } from '../journal.ts'
import type { Log } from '../log.ts'
import { isOfJournal } from '../projector.ts'
import { type Recorded, type Recorder, startRecorder } from '../recorder.ts'
import { type Store, StoreUnavailable, type Write } from '../store/contract.ts'
import { markKey } from '../store/keys.ts'
import type { Copied, CopyAnswer, FetchAnswer, Peer } from './copying.ts'
import { JournalSender } from './journal-sender.ts'
import { mergedEntries } from './merged-entries.ts'
import { openReplica, type Replica } from './replica.ts'
import { restoreJournal } from './restore-journal.ts'

export interface SharedRecorderOptions {
  /** Our own; open, and not written to yet. */
  readonly journal: Journal
  /** A copy per peer, under its name. */
  readonly copies: readonly Journal[]
  readonly peers: readonly Peer[]
  readonly store: Store
  readonly clock: Clock
  readonly log: Log
  readonly writesOf: (entry: JournalEntry) => readonly Write[]
  /** Throws for an entry that this version cannot read. */
  readonly check: (entry: JournalEntry) => void
  /** Takes an entry of any server into process state: in the order of writing, as far as it is known. */
  readonly fold: (entry: JournalEntry) => void
  /** Which records are still of consequence. Absent: no journal is compacted. */
  readonly keeping?: BeginKeeping
  readonly compactionLimits?: CompactionLimits
}

export interface SharedRecorded extends Recorded {
  /** On how many of all servers of this service it is on the device. */
  readonly servers: { readonly have: number; readonly of: number }
}

/** A journal whose mark the store must hold, at least this high, or it is not believed. */
export interface RequiredMark {
  readonly writer: string
  readonly atLeast: number
}

/**
 * What several servers of one service have decided: each journals its own and keeps a copy of the others', the state is
 * the union, and any of them brings the store up to date with any journal.
 */
export interface SharedRecorder {
  /** Journals, folds, projects, and waits for the servers that answer. @throws DiskUnavailable: nothing happened */
  record(type: string, data: JournalData): Promise<SharedRecorded>
  primed(): boolean
  /** What keeps this server from deciding, in words; empty when nothing does. */
  unprimedReasons(): readonly string[]
  /** What an operator should know although this server goes on. */
  notes(): readonly string[]
  requiredMarks(): readonly RequiredMark[]
  /** Reads keys together with all marks. @throws StoreUnavailable unless `null` really means absent */
  readProjected(keys: readonly string[]): Promise<(string | null)[]>
  /** Whether every record that the store knows of is here, too: only then is something that is not here unknown. */
  isWhole(): Promise<boolean>
  /** Takes over a part of a peer's journal; `null`: of nobody we know. @throws DiskUnavailable */
  accept(writer: string, copied: Copied): Promise<CopyAnswer | null>
  /** What we hold of a peer's own journal, for the peer; `null`: of nobody we know. */
  read(writer: string, after: Copied['after']): Promise<FetchAnswer | null>
  /** Looks now, and brings the store up to date if it can. Never rejects for a store that is down. */
  prime(): Promise<void>
  onPrimed(listener: () => void): () => void
  /** Stops looking after the store and the peers. Journals, peers and store are the caller's to close. */
  close(): Promise<void>
}

/**
 * Restores, folds, primes; resolves also when the store and the peers are down.
 *
 * @throws BrokenChain, JournalLost, and whatever `check` and `fold` throw
 */
export async function openSharedRecorder(options: SharedRecorderOptions): Promise<SharedRecorder> {
  const { journal, copies, peers, fold, log, keeping } = options
  await restoreJournal(options)
  if (keeping !== undefined) for (const one of [journal, ...copies]) await settleLoose(one, keeping)
  for await (const entry of mergedEntries([journal, ...copies])) if (!isOfJournal(entry)) fold(entry)
  const own = await startRecorder(options)
  const replicas = await Promise.all(copies.map((copy) => openReplica({ ...options, journal: copy })))
  const sendable = (): number => own.sendable()
  const senders = peers.map((peer) => new JournalSender({ journal, peer, sendable, log }))
  return new Sharing(options, { own, replicas, senders })
}

interface Parts {
  readonly own: Recorder
  readonly replicas: readonly Replica[]
  readonly senders: readonly JournalSender[]
}

class Sharing implements SharedRecorder {
  readonly #journal: Journal
  readonly #store: Store
  readonly #own: Recorder
  readonly #replicas: readonly Replica[]
  readonly #senders: readonly JournalSender[]
  readonly #compactor: Compactor | null

  constructor(options: SharedRecorderOptions, { own, replicas, senders }: Parts) {
    const { journal, store, keeping, compactionLimits } = options
    this.#journal = journal
    this.#store = store
    this.#own = own
    this.#replicas = replicas
    this.#senders = senders
    const means = {
      settledSeq: () => this.#settledSeq(),
      record: (type: string, data: JournalData) => this.record(type, data),
      ...(compactionLimits === undefined ? {} : { limits: compactionLimits }),
    }
    this.#compactor = keeping === undefined ? null : new Compactor({ ...options, ...means, keeping })
  }

  async record(type: string, data: JournalData): Promise<SharedRecorded> {
    const recorded = await this.#own.record(type, data)
    const copied = await Promise.all(this.#senders.map((sender) => sender.copied(recorded.entry.seq)))
    const have = 1 + copied.filter(Boolean).length
    return { ...recorded, servers: { have, of: 1 + this.#senders.length } }
  }

  primed(): boolean {
    return this.unprimedReasons().length === 0
  }

  unprimedReasons(): readonly string[] {
    const own = this.#own.unprimedReason()
    const copies = this.#replicas.flatMap(({ writer, projector }) => {
      const reason = projector.unprimedReason()
      return reason === null || reason === own ? [] : [`${writer}: ${reason}`]
    })
    const disowned = this.#senders
      .filter((sender) => sender.isDisowned)
      .map((sender) => `${sender.peerId} ${sender.trouble() ?? ''}`)
    return [...(own === null ? [] : [own]), ...copies, ...disowned]
  }

  notes(): readonly string[] {
    const refused = this.#replicas.flatMap((replica) => replica.trouble() ?? [])
    const unread = this.#senders
      .filter((sender) => sender.trouble() !== null && !sender.isDisowned)
      .map((sender) => `${sender.peerId} ${sender.trouble() ?? ''}`)
    return [...refused, ...unread]
  }

  requiredMarks(): readonly RequiredMark[] {
    const isDisowned = this.#senders.some((sender) => sender.isDisowned)
    const own = isDisowned ? Number.POSITIVE_INFINITY : this.#own.requiredMark()
    return [
      { writer: this.#journal.writer, atLeast: own },
      ...this.#replicas.map(({ writer, projector }) => ({ writer, atLeast: projector.requiredMark() })),
    ]
  }

  async readProjected(keys: readonly string[]): Promise<(string | null)[]> {
    const required = this.requiredMarks()
    const read = await this.#store.getMany([...required.map(({ writer }) => markKey(writer)), ...keys])
    const low = required.filter(({ atLeast }, at) => !isAtLeast(read[at], atLeast))
    if (low.length === 0) return read.slice(required.length)
    for (const { writer } of low) this.#doubt(writer)
    throw new StoreUnavailable('the store lacks records of the journal')
  }

  async isWhole(): Promise<boolean> {
    const marks = await this.#store.getMany(this.#replicas.map(({ writer }) => markKey(writer)))
    return this.#replicas.every(({ lastSeq }, at) => Number(marks[at] ?? 0) <= lastSeq)
  }

  async accept(writer: string, copied: Copied): Promise<CopyAnswer | null> {
    return (await this.#replicaOf(writer)?.accept(copied)) ?? null
  }

  async read(writer: string, after: Copied['after']): Promise<FetchAnswer | null> {
    return (await this.#replicaOf(writer)?.read(after)) ?? null
  }

  async prime(): Promise<void> {
    await Promise.all([this.#own.prime(), ...this.#replicas.map(({ projector }) => projector.prime())])
  }

  onPrimed(listener: () => void): () => void {
    const tell = (): void => {
      if (this.primed()) listener()
    }
    const stops = [
      this.#own.onPrimed(tell),
      ...this.#replicas.map(({ projector }) => projector.onPrimed(tell)),
    ]
    return () => stops.forEach((stop) => stop())
  }

  async close(): Promise<void> {
    await this.#compactor?.close()
    await Promise.all(this.#senders.map((sender) => sender.close()))
    await Promise.all(this.#replicas.map(({ projector }) => projector.close()))
    await this.#own.close()
  }

  #settledSeq(): number {
    const isSure = this.#own.primed() && this.#senders.every((sender) => sender.trouble() === null)
    return isSure ? Math.min(this.#own.sendable(), ...this.#senders.map(({ keptSeq }) => keptSeq)) : 0
  }

  #replicaOf(writer: string): Replica | undefined {
    return this.#replicas.find((replica) => replica.writer === writer)
  }

  #doubt(writer: string): void {
    const replica = this.#replicaOf(writer)
    if (replica === undefined) this.#own.doubt()
    else replica.projector.doubt()
  }
}

const isAtLeast = (mark: string | null | undefined, atLeast: number): boolean =>
  typeof mark === 'string' && Number(mark) >= atLeast
