import type { Clock } from '../../kernel/clock.ts'
import { nowSeconds } from '../../kernel/clock.ts'
import type { PortalEntry, PortalEntryData } from './entries.ts'

/** Whether the MCP server knows of an end: durable there, in force there, or not yet told. */
export type Force = 'pending' | 'recorded' | 'enforced'

export interface Connection extends PortalEntryData<'connection.made'> {
  readonly madeMs: number
  /** Its last second as it was made; `maxS` comes earlier where it was limited since. */
  readonly madeForS: number
  /** When the last access token was made for it; `null` before the first. */
  readonly lastIssuedMs: number | null
  readonly end: {
    readonly atMs: number
    readonly by: PortalEntryData<'connection.ended'>['by']
    readonly reason: PortalEntryData<'connection.ended'>['reason']
    readonly force: Force
  } | null
}

type Held = Omit<Connection, 'lastIssuedMs'> & { lastIssuedMs: Connection['lastIssuedMs'] }

/** A connection without a person. */
export type AutomationToken = Connection & { readonly ci: NonNullable<Connection['ci']> }
const isAutomation = (connection: Connection): connection is AutomationToken => connection.ci !== undefined

export type PendingRevocation = PortalEntryData<'revocation.pending'>
export type GrantEnd = PortalEntryData<'connection.ended'>

/** How long an ended or expired connection is still shown. */
export const SHOWN_MS = 30 * 24 * 3600 * 1000

/**
 * The connections of all portals' journals, in process state: what pages list and what the retries work through.
 * Whether a refresh token may still be used is not decided here but by the store, which all portals share.
 */
export class Connections {
  readonly #clock: Clock
  readonly #connections = new Map<string, Held>()
  readonly #bySub = new Map<string, Set<string>>()
  readonly #pending = new Map<string, PendingRevocation>()
  /** What another portal said of connections whose own records have not arrived yet, by grant. */
  readonly #early = new Map<string, ((known: Connection) => Connection)[]>()
  /** Ends whose revocation was not even asked for yet, by grant. */
  readonly #untold = new Map<string, GrantEnd>()
  #ownersCheckedMs: number | null = null
  /** Notices that were read, by owner. */
  readonly #dismissed = new Map<string, Set<string>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** @param isOurs whether this portal wrote it, and not another one */
  fold(entry: PortalEntry, isOurs = true): void {
    switch (entry.type) {
      case 'connection.made': {
        this.#make(entry.data, entry.atMs)
        return
      }
      case 'connection.ended': {
        this.#end(entry.data, entry.atMs, isOurs)
        return
      }
      case 'connection.limited': {
        const { gid, maxS } = entry.data
        this.#changeOnceKnown(gid, (known) => ({ ...known, maxS: Math.min(known.maxS, maxS) }))
        return
      }
      case 'token.issued': {
        // In place: tokens are made far more often than connections.
        const known = this.#connections.get(entry.data.gid)
        if (known !== undefined) known.lastIssuedMs = entry.atMs
        return
      }
      case 'notice.dismissed': {
        const { sub, notice } = entry.data
        this.#dismissed.set(sub, (this.#dismissed.get(sub) ?? new Set()).add(notice))
        return
      }
      case 'revocation.pending': {
        this.#begin(entry.data)
        return
      }
      case 'revocation.settled': {
        this.#settle(entry.data)
        return
      }
      case 'owners.checked':
        // Another portal may not have known every connection that we do.
        if (isOurs) this.#ownersCheckedMs = entry.data.startedMs
        return
      case 'client.registered':
      case 'machine.registered':
      case 'refresh.issued':
      case 'refresh.rotated':
      case 'detection.raised':
      case 'detection.settled':
        return
    }
  }

  /** Connections of clients with a person behind them, newest first; ended ones for 30 days. */
  listFor(sub: string): readonly Connection[] {
    return this.#shownOf(sub).filter((connection) => !isAutomation(connection))
  }

  /** Automation tokens, newest first; ended ones for 30 days. */
  automationOf(sub: string): readonly AutomationToken[] {
    return this.#shownOf(sub).filter(isAutomation)
  }

  findAutomation(gid: string): AutomationToken | null {
    const known = this.#connections.get(gid)
    return known !== undefined && isAutomation(known) ? known : null
  }

  #shownOf(sub: string): readonly Connection[] {
    const known = [...(this.#bySub.get(sub) ?? [])].flatMap((gid) => this.#connections.get(gid) ?? [])
    return known.filter((connection) => this.#isShown(connection)).sort((a, b) => b.madeMs - a.madeMs)
  }

  find(gid: string): Connection | null {
    return this.#connections.get(gid) ?? null
  }

  isLive(connection: Connection): boolean {
    return connection.end === null && connection.maxS > nowSeconds(this.#clock)
  }

  /** Connections of everybody that can still be used. */
  live(): readonly Connection[] {
    return [...this.#connections.values()].filter((connection) => this.isLive(connection))
  }

  pending(): readonly PendingRevocation[] {
    return [...this.#pending.values()]
  }

  isDismissed(sub: string, notice: string): boolean {
    return this.#dismissed.get(sub)?.has(notice) === true
  }

  /** Ends that a process or a disk left half done: nothing is issued any more, and the MCP server was never to be told. */
  untold(): readonly GrantEnd[] {
    return [...this.#untold.values()]
  }

  /** When the last complete look at all owners began, in milliseconds of our clock. */
  ownersCheckedMs(): number | null {
    return this.#ownersCheckedMs
  }

  #make(data: PortalEntryData<'connection.made'>, atMs: number): void {
    this.#connections.set(data.gid, {
      ...data,
      madeMs: atMs,
      madeForS: data.maxS,
      lastIssuedMs: null,
      end: null,
    })
    const gids = this.#bySub.get(data.sub) ?? new Set()
    for (const gid of gids) this.#forget(gid, gids, atMs)
    this.#bySub.set(data.sub, gids.add(data.gid))
    for (const change of this.#early.get(data.gid) ?? []) this.#change(data.gid, change)
    this.#early.delete(data.gid)
  }

  #begin(pending: PendingRevocation): void {
    this.#pending.set(pending.id, pending)
    for (const gid of this.#grantsIn(pending.target)) this.#untold.delete(gid)
  }

  #end(data: GrantEnd, atMs: number, isOurs: boolean): void {
    if (data.by !== 'mcp' && isOurs) this.#untold.set(data.gid, data)
    const force: Force = data.by === 'mcp' ? 'enforced' : 'pending'
    this.#changeOnceKnown(data.gid, (known) =>
      known.end === null ? { ...known, end: { atMs, by: data.by, reason: data.reason, force } } : known,
    )
  }

  #settle(settled: PortalEntryData<'revocation.settled'>): void {
    const target = this.#pending.get(settled.id)?.target
    this.#pending.delete(settled.id)
    for (const gid of this.#grantsIn(target))
      this.#change(gid, (known) =>
        known.end?.force === 'pending' ? { ...known, end: { ...known.end, force: settled.state } } : known,
      )
  }

  /** The grants that a revocation is about. */
  #grantsIn(target: PendingRevocation['target'] | undefined): Iterable<string> {
    if (target?.kind === 'grant') return [target.gid]
    return target?.kind === 'user' ? (this.#bySub.get(target.sub) ?? []) : []
  }

  #changeOnceKnown(gid: string, change: (known: Connection) => Connection): void {
    if (this.#connections.has(gid)) this.#change(gid, change)
    else this.#early.set(gid, [...(this.#early.get(gid) ?? []), change])
  }

  #change(gid: string, change: (known: Held) => Held): void {
    const known = this.#connections.get(gid)
    if (known !== undefined) this.#connections.set(gid, change(known))
  }

  #isShown(connection: Connection, nowMs = this.#clock.nowMs()): boolean {
    const overMs = connection.end?.atMs ?? connection.maxS * 1000
    return nowMs - overMs < SHOWN_MS
  }

  /**
   * Keeps the memory of a person who connects often bounded by what the page would show. Goes by the time of the entry: what
   * a journal says of a connection behind it would else find it forgotten when it is replayed.
   */
  #forget(gid: string, gids: Set<string>, atMs: number): void {
    const known = this.#connections.get(gid)
    if (known === undefined || this.#isShown(known, atMs) || known.end?.force === 'pending') return
    this.#connections.delete(gid)
    gids.delete(gid)
  }
}
