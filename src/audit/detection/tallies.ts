import { LRUCache } from 'lru-cache'
import type { Subject } from '../../crypto/detection.ts'
import type { Family, Observation } from './observe.ts'

/** One subject's sum over a sliding window, as far as this process saw it. */
export interface Tally {
  readonly key: string
  readonly family: Family
  readonly subject: Subject
  readonly tool: string | undefined
  readonly slots: Map<number, number>
  /** What was not put into the common sum yet, by slot. */
  readonly fresh: Map<number, number>
  readonly notes: Notes
  /** At the last judgement. */
  total: number
}

/** Examples of what was added up, the newest. */
export interface Notes {
  isUnattended: boolean
  environmentId: string | null
  readonly owners: Set<string>
  readonly addresses: Set<string>
  readonly correlationIds: Set<string>
  /** Clients that failures of an address named. */
  readonly clients: Set<string>
}

export interface TalliesOptions {
  readonly windowMs: number
  /** The one that was quiet the longest is forgotten for a new one beyond. */
  readonly atMost: number
  readonly onForgotten: () => void
}

/** A window has so many slots: a sum covers at most its whole length, and at least all but one slot of it. */
export const SLOTS = 30

/** The sums of one family, bounded in number and in size: strangers cannot push out what is known of owners. */
export class Tallies {
  readonly windowMs: number
  readonly #known: LRUCache<string, Tally>
  readonly #dirty = new Set<Tally>()

  constructor({ windowMs, atMost, onForgotten }: TalliesOptions) {
    this.windowMs = windowMs
    this.#known = new LRUCache({
      max: atMost,
      dispose: (tally, _key, reason) => {
        if (reason !== 'evict') return
        this.#dirty.delete(tally)
        onForgotten()
      },
    })
  }

  get size(): number {
    return this.#known.size
  }

  /** @param isFresh whether nobody has it in a common sum yet, and it is to be judged */
  add(observation: Observation, isFresh: boolean): void {
    const tally = this.#tallyOf(observation)
    const slot = this.slotAt(observation.seen.atMs)
    if (!tally.slots.has(slot)) forgetBefore(tally.slots, slot - SLOTS + 1)
    addTo(tally.slots, slot, observation.amount)
    if (observation.family !== 'calls') note(tally.notes, observation)
    if (!isFresh) return
    addTo(tally.fresh, slot, observation.amount)
    this.#dirty.add(tally)
  }

  /** What changed since it was taken the last time, the oldest change first. */
  takeDirty(atMost: number): readonly Tally[] {
    const taken: Tally[] = []
    for (const tally of this.#dirty) {
      if (taken.length === atMost) break
      taken.push(tally)
      this.#dirty.delete(tally)
    }
    return taken
  }

  /** What is to be put into the common sum, by slot: once. */
  takeFresh({ fresh }: Tally): ReadonlyMap<number, number> {
    const taken = new Map(fresh)
    fresh.clear()
    return taken
  }

  /** The sum of one that may have been forgotten. */
  find(subject: Subject, tool?: string): Tally | undefined {
    return this.#known.peek(keyOf(subject, tool))
  }

  /** Of this process alone. */
  sum({ slots }: Tally, nowMs: number): number {
    const oldest = this.oldestAt(nowMs)
    return [...slots].reduce((sum, [slot, amount]) => (slot >= oldest ? sum + amount : sum), 0)
  }

  slotAt(atMs: number): number {
    return Math.floor((atMs * SLOTS) / this.windowMs)
  }

  oldestAt(nowMs: number): number {
    return this.slotAt(nowMs) - SLOTS + 1
  }

  #tallyOf({ family, subject, tool }: Observation): Tally {
    const key = keyOf(subject, tool)
    const known = this.#known.get(key)
    if (known !== undefined) return known
    const made: Tally = {
      ...{ key, family, subject, tool, slots: new Map<number, number>(), fresh: new Map<number, number>() },
      total: 0,
      notes: {
        isUnattended: false,
        environmentId: null,
        owners: new Set(),
        addresses: new Set(),
        correlationIds: new Set(),
        clients: new Set(),
      },
    }
    this.#known.set(key, made)
    return made
  }
}

const keyOf = ({ kind, id }: Subject, tool: string | undefined): string =>
  `${kind}:${id}${tool === undefined ? '' : `:${tool}`}`

const addTo = (slots: Map<number, number>, slot: number, amount: number): void =>
  void slots.set(slot, (slots.get(slot) ?? 0) + amount)

function forgetBefore(slots: Map<number, number>, oldest: number): void {
  for (const slot of slots.keys()) if (slot < oldest) slots.delete(slot)
}

function note(notes: Notes, { seen, client }: Observation): void {
  notes.isUnattended = seen.isUnattended
  notes.environmentId = seen.environmentId
  keepNewest(notes.owners, seen.owner, MAX_OWNERS)
  keepNewest(notes.addresses, seen.address, MAX_EXAMPLES)
  keepNewest(notes.correlationIds, seen.correlationId, MAX_EXAMPLES)
  keepNewest(notes.clients, client ?? null, MAX_EXAMPLES)
}

function keepNewest(kept: Set<string>, value: string | null, atMost: number): void {
  if (value === null) return
  if (kept.has(value)) {
    if (kept.size === 1) return
    kept.delete(value)
  }
  kept.add(value)
  for (const oldest of kept) {
    if (kept.size <= atMost) return
    kept.delete(oldest)
  }
}

const MAX_OWNERS = 10
const MAX_EXAMPLES = 5
