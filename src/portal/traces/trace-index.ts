import { CLIENT_NAME, type TraceStep } from './trace-step.ts'

/** What is known of a trace without reading its steps. */
export interface TraceSummary {
  readonly id: string
  readonly beganMs: number
  readonly sub: string | null
  readonly gid: string | null
  /** As the client calls itself. */
  readonly clientName: string | null
  readonly references: ReadonlySet<string>
  readonly steps: number
  readonly last: TraceStep
}

/** What strangers leave must not push out what people need, and one person's attempts not another's. */
const MAX_OF_STRANGERS = 1_000
const MAX_OF_ONE_OWNER = 30
const MAX_OF_OWNERS = 5_000

/** Which traces there are, by owner, connection and reference. Bounded: what it drops, its caller forgets. */
export class TraceIndex {
  readonly #traces = new Map<string, TraceSummary>()
  readonly #byReference = new Map<string, string>()
  readonly #byGrant = new Map<string, string>()
  /** Ids, the oldest first: of those that nobody signed in to, of the others, and of each owner. */
  readonly #strangers = new Set<string>()
  readonly #owned = new Set<string>()
  readonly #byOwner = new Map<string, Set<string>>()

  /** Adds a step and names the traces that have to go for it. */
  add(id: string, step: TraceStep): readonly string[] {
    const before = this.#traces.get(id)
    const after = before === undefined ? first(id, step) : extended(before, step)
    this.#traces.set(id, after)
    this.#byReference.set(step.reference, id)
    if (step.gid !== undefined) this.#byGrant.set(step.gid, id)
    if (before?.sub === after.sub) return []
    this.#strangers.delete(id)
    return after.sub === null ? this.#addStranger(id) : this.#addOwned(id, after.sub)
  }

  find(id: string): TraceSummary | undefined {
    return this.#traces.get(id)
  }

  /** @param name id of a trace, reference of a request, or id of a connection */
  resolve(name: string): TraceSummary | undefined {
    const id = this.#traces.has(name) ? name : (this.#byReference.get(name) ?? this.#byGrant.get(name))
    return id === undefined ? undefined : this.#traces.get(id)
  }

  /** The newest first. */
  listFor(sub: string): readonly TraceSummary[] {
    return [...(this.#byOwner.get(sub) ?? [])].flatMap((id) => this.#traces.get(id) ?? []).reverse()
  }

  /** Those that began before the time. */
  dropBefore(timeMs: number): readonly string[] {
    const old = [...this.#traces.values()].filter(({ beganMs }) => beganMs < timeMs)
    return old.flatMap(({ id }) => this.#drop(id))
  }

  #addStranger(id: string): readonly string[] {
    this.#strangers.add(id)
    return this.#dropOldest(this.#strangers, MAX_OF_STRANGERS)
  }

  #addOwned(id: string, sub: string): readonly string[] {
    const own = this.#byOwner.get(sub) ?? new Set()
    this.#byOwner.set(sub, own.add(id))
    this.#owned.add(id)
    return [...this.#dropOldest(own, MAX_OF_ONE_OWNER), ...this.#dropOldest(this.#owned, MAX_OF_OWNERS)]
  }

  #dropOldest(ids: ReadonlySet<string>, max: number): readonly string[] {
    const [oldest] = ids
    return oldest === undefined || ids.size <= max ? [] : this.#drop(oldest)
  }

  #drop(id: string): readonly string[] {
    const { references = [], gid = null, sub = null } = this.#traces.get(id) ?? {}
    this.#traces.delete(id)
    this.#strangers.delete(id)
    this.#owned.delete(id)
    for (const reference of references) this.#byReference.delete(reference)
    if (gid !== null && this.#byGrant.get(gid) === id) this.#byGrant.delete(gid)
    if (sub !== null) this.#dropOwn(id, sub)
    return [id]
  }

  #dropOwn(id: string, sub: string): void {
    const own = this.#byOwner.get(sub)
    own?.delete(id)
    if (own?.size === 0) this.#byOwner.delete(sub)
  }
}

const first = (id: string, step: TraceStep): TraceSummary => ({
  id,
  beganMs: step.atMs,
  sub: step.sub ?? null,
  gid: step.gid ?? null,
  clientName: step.known[CLIENT_NAME] ?? null,
  references: new Set([step.reference]),
  steps: 1,
  last: step,
})

const extended = (trace: TraceSummary, step: TraceStep): TraceSummary => ({
  ...trace,
  sub: trace.sub ?? step.sub ?? null,
  gid: trace.gid ?? step.gid ?? null,
  clientName: trace.clientName ?? step.known[CLIENT_NAME] ?? null,
  references: new Set(trace.references).add(step.reference),
  steps: trace.steps + 1,
  last: step,
})
