import { join } from 'node:path'
import { systemClock } from '../../../src/kernel/clock.ts'
import type { CompactionLimits } from '../../../src/kernel/compaction/compactor.ts'
import type { BeginKeeping } from '../../../src/kernel/compaction/keeping.ts'
import { type Journal, type JournalEntry, openJournal } from '../../../src/kernel/journal.ts'
import type { Peer } from '../../../src/kernel/peers/copying.ts'
import { UnreadableEntry } from '../../../src/kernel/peers/replica.ts'
import {
  openSharedRecorder,
  type SharedRecorded,
  type SharedRecorder,
} from '../../../src/kernel/peers/shared-recorder.ts'
import type { Write } from '../../../src/kernel/store/contract.ts'
import type { FaultyStore } from './faulty-store.ts'
import { captureLog, type CapturedLog } from '../log.ts'

/** `revoked` keeps its id for good; `unheard` is of a version that nobody here knows. */
const writesOf = ({ type, data }: JournalEntry): readonly Write[] =>
  type === 'revoked' ? [{ key: `revoked:${String(data['id'])}`, value: '1' }] : []

/** A revocation is of consequence; a greeting is not, nor a revocation that a later one of the same id repeats. */
const keeping: BeginKeeping = () => {
  const last = new Map<unknown, number>()
  return {
    note: ({ type, data, seq }) => {
      if (type === 'revoked') last.set(data['id'], seq)
    },
    keeps: ({ type, data, seq }) => type !== 'greeting' && last.get(data['id']) === seq,
  }
}

/** One server of several: its journals outlive it. */
export class Member {
  readonly id: string
  readonly folder: string
  readonly log: CapturedLog = captureLog()
  readonly #circle: Circle
  folded: JournalEntry[] = []
  recorder: SharedRecorder | null = null
  #journals: Journal[] = []

  constructor(id: string, circle: Circle) {
    this.id = id
    this.folder = join(circle.folder, id)
    this.#circle = circle
  }

  async start(): Promise<void> {
    if (this.recorder !== null) return
    const { members, store } = this.#circle
    const others = members.filter((member) => member !== this)
    const open = (writer: string): Promise<Journal> =>
      openJournal({ folder: this.folder, writer, clock: systemClock })
    this.#journals = await Promise.all([this, ...others].map(({ id }) => open(id)))
    const [journal, ...copies] = this.#journals
    if (journal === undefined) throw new Error('no journal')
    this.folded = []
    try {
      this.recorder = await openSharedRecorder({
        ...{ journal, copies, store, clock: systemClock, log: this.log.log, writesOf },
        peers: others.map((other) => this.#circle.line(this, other)),
        fold: (entry) => void this.folded.push(entry),
        keeping,
        compactionLimits: this.#circle.compaction,
        check: ({ type }) => {
          if (type === 'unheard') throw new UnreadableEntry('records that this version does not know')
        },
      })
    } catch (error) {
      await Promise.all(this.#journals.map((one) => one.close()))
      throw error
    }
  }

  async stop(): Promise<void> {
    const { recorder } = this
    this.recorder = null
    await recorder?.close()
    await Promise.all(this.#journals.splice(0).map((journal) => journal.close()))
  }

  record(type: string, id: string): Promise<SharedRecorded> {
    if (this.recorder === null) throw new Error(`${this.id} is not up`)
    return this.recorder.record(type, { id })
  }

  revoke(id: string): Promise<SharedRecorded> {
    return this.record('revoked', id)
  }

  /** Null: it does not know, or is not up. */
  async isRevoked(id: string): Promise<boolean | null> {
    const read = await this.recorder?.readProjected([`revoked:${id}`]).catch(() => null)
    return read === null || read === undefined ? null : read[0] === '1'
  }
}

/** Servers of one service over one store, with a line between each two that a test can cut. */
export class Circle {
  readonly folder: string
  readonly store: FaultyStore
  readonly members: readonly Member[]
  /** `<from>-<to>` */
  readonly cut = new Set<string>()
  compaction: CompactionLimits = { minBytes: Infinity, everyMs: 60_000 }

  constructor(folder: string, store: FaultyStore, ids = ['one', 'two']) {
    this.folder = folder
    this.store = store
    this.members = ids.map((id) => new Member(id, this))
  }

  line(from: Member, to: Member): Peer {
    const end = (): SharedRecorder | null => (this.cut.has(`${from.id}-${to.id}`) ? null : to.recorder)
    return {
      id: to.id,
      copy: async ({ writer, ...copied }) => (await end()?.accept(writer, copied)) ?? null,
      fetch: async ({ writer, after }) => (await end()?.read(writer, after)) ?? null,
    }
  }

  async start(): Promise<void> {
    for (const member of this.members) await member.start()
  }

  async stop(): Promise<void> {
    for (const member of this.members) await member.stop()
  }
}
