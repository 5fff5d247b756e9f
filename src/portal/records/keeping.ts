import { isDetectionOver } from '../../audit/detection/kept-detections.ts'
import type { BeginKeeping, Keeping } from '../../kernel/compaction/keeping.ts'
import { Latest } from '../../kernel/compaction/latest.ts'
import type { JournalEntry } from '../../kernel/journal.ts'
import { SHOWN_MS } from './connections.ts'
import { type PortalEntry, type PortalEntryData, readPortalEntry } from './entries.ts'
import { storeKeys } from './keys.ts'
import { lastSecondOfClient } from './projection.ts'

/** Which entries of a portal's journal are still of consequence, by type; reasons stand at each. */
export const keepingOfPortal: BeginKeeping = (atMs) => new PortalKeeping(atMs)

type Ended = PortalEntryData<'connection.ended'>

class PortalKeeping implements Keeping {
  readonly #atMs: number
  readonly #latest = new Latest()
  /** Last second of the connections made here, by grant. */
  readonly #made = new Map<string, number>()
  /** Grants that were ended here, and until when that has to be remembered. */
  readonly #ended = new Map<string, number>()
  /** Revocations by id, until they are settled; and what each was about. */
  readonly #pending = new Set<string>()
  readonly #targets = new Map<string, PortalEntryData<'revocation.pending'>['target']>()
  readonly #madeFor = new Map<string, string[]>()
  /** Ends of which nobody was asked to tell the MCP server: they are taken up at every start. */
  readonly #untold = new Set<string>()
  /** By grant: revocations of it. */
  readonly #asked = new Map<string, string[]>()

  constructor(atMs: number) {
    this.#atMs = atMs
  }

  note(entry: JournalEntry): void {
    const read = readPortalEntry(entry)
    const same = replacedBy(read)
    if (same !== null) this.#latest.note(same.key, entry, same.weight)
    if (read.type === 'connection.made') this.#noteMade(read.data)
    if (read.type === 'connection.ended') this.#noteEnd(read.data, read.atMs)
    if (read.type === 'revocation.pending') this.#noteAsked(read.data)
    if (read.type === 'revocation.settled') this.#pending.delete(read.data.id)
  }

  keeps(entry: JournalEntry): boolean {
    const read = readPortalEntry(entry)
    switch (read.type) {
      // Of one client the last registration counts, up to its last second.
      case 'client.registered':
        return !this.#isOver(lastSecondOfClient(read)) && this.#isLatest(read, entry)
      // Of one machine the newest root counts, for good.
      case 'machine.registered':
      // When all owners were last looked up.
      case 'owners.checked':
      // Read is read.
      case 'notice.dismissed':
        return this.#isLatest(read, entry)
      // Past its end a refresh token is refused without being looked up, and so is its successor.
      case 'refresh.issued':
      case 'refresh.rotated':
        return !this.#isOver(read.data.expS)
      // The last one says when the connection was used, as long as that is shown.
      case 'token.issued':
        if (!this.#isOver(read.data.expS)) return true
        return this.#isLatest(read, entry) && !this.#isForgotten(read.data.gid)
      // Shown for a while after it is over.
      case 'connection.made':
      case 'connection.ended':
      // It ends a token whose connection says that it has no end.
      case 'connection.limited':
        return !this.#isForgotten(read.data.gid)
      case 'revocation.pending':
      case 'revocation.settled':
        return this.#keepsRevocation(read.data.id)
      // Shown for a while.
      case 'detection.raised':
      case 'detection.settled':
        return !isDetectionOver(read.atMs, this.#atMs)
    }
  }

  #noteMade({ gid, sub, maxS }: PortalEntryData<'connection.made'>): void {
    this.#made.set(gid, maxS)
    this.#madeFor.set(sub, [...(this.#madeFor.get(sub) ?? []), gid])
  }

  #noteEnd({ gid, maxS, by }: Ended, atMs: number): void {
    if (by !== 'mcp') this.#untold.add(gid)
    // Shown from its end on, which may come when it has run out already.
    const lastS = Math.max(maxS, Math.ceil(atMs / 1000))
    this.#ended.set(gid, Math.max(this.#ended.get(gid) ?? 0, lastS))
  }

  #noteAsked({ id, target }: PortalEntryData<'revocation.pending'>): void {
    this.#pending.add(id)
    this.#targets.set(id, target)
    if (target.kind === 'user')
      for (const gid of this.#madeFor.get(target.sub) ?? []) this.#untold.delete(gid)
    if (target.kind !== 'grant') return
    this.#untold.delete(target.gid)
    this.#asked.set(target.gid, [...(this.#asked.get(target.gid) ?? []), id])
  }

  /**
   * A connection that was made here goes with all that is said of it, when it is no longer shown and its end was told. Of
   * one that another portal made, nobody here knows how long it is.
   */
  #isForgotten(gid: string): boolean {
    const maxS = this.#made.get(gid)
    if (maxS === undefined || this.#untold.has(gid)) return false
    if (this.#asked.get(gid)?.some((id) => this.#pending.has(id)) === true) return false
    const lastS = Math.max(maxS, this.#ended.get(gid) ?? 0)
    return this.#isOver(lastS + SHOWN_MS / 1000)
  }

  /**
   * Until it is settled; then of a grant as long as its end, which would otherwise be asked for again. Of everything of a
   * person it is kept: it stands for the ends of all of them.
   */
  #keepsRevocation(id: string): boolean {
    const target = this.#targets.get(id)
    if (target === undefined || this.#pending.has(id)) return true
    if (target.kind === 'token') return false
    return target.kind !== 'grant' || !this.#isForgotten(target.gid)
  }

  #isLatest(read: PortalEntry, entry: JournalEntry): boolean {
    return this.#latest.keeps(replacedBy(read)?.key ?? '', entry)
  }

  #isOver(lastS: number): boolean {
    return lastS * 1000 + DAY_MS <= this.#atMs
  }
}

/** What a later entry of the same key replaces, if it weighs as much; `null` for types that nothing replaces. */
function replacedBy(read: PortalEntry): { readonly key: string; readonly weight: number } | null {
  switch (read.type) {
    case 'client.registered':
      return { key: storeKeys.client(read.data.cid), weight: lastSecondOfClient(read) }
    case 'machine.registered':
      return { key: storeKeys.machine(read.data.cid), weight: read.atMs }
    case 'owners.checked':
      return { key: 'owners', weight: 0 }
    case 'notice.dismissed':
      return { key: `notice:${read.data.sub}:${read.data.notice}`, weight: 0 }
    case 'token.issued':
      return { key: `issued:${read.data.gid}`, weight: 0 }
    case 'connection.ended':
    case 'connection.limited':
    case 'connection.made':
    case 'detection.raised':
    case 'detection.settled':
    case 'refresh.issued':
    case 'refresh.rotated':
    case 'revocation.pending':
    case 'revocation.settled':
      return null
  }
}

const DAY_MS = 86_400_000
