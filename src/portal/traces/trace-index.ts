import { CLIENT_NAME, type TraceStep } from './trace-step.ts'

/** What is known of a trace without opening its file. */
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

/** Which traces there are, by owner, connection and reference. Bounded: what it drops, its caller deletes. */
export class TraceIndex {
  readonly #traces = new Map<string, TraceSummary>()
  readonly #byReference = new Map<string, string>()
  readonly #byGrant = new Map<string, string>()

  /** Adds a step and names the traces that have to go for it. */
  add(id: string, step: TraceStep): readonly string[] {
    const before = this.#traces.get(id)
    const after = before === undefined ? first(id, step) : extended(before, step)
    this.#traces.set(id, after)
    this.#byReference.set(step.reference, id)
    if (step.gid !== undefined) this.#byGrant.set(step.gid, id)
    return before?.sub === after.sub ? [] : this.#tooMany(after.sub)
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
    return [...this.#traces.values()].filter((trace) => trace.sub === sub).reverse()
  }

  /** Those that began before the time. */
  dropBefore(timeMs: number): readonly string[] {
    const old = [...this.#traces.values()].filter(({ beganMs }) => beganMs < timeMs)
    return this.#drop(old)
  }

  #tooMany(sub: string | null): readonly string[] {
    const all = [...this.#traces.values()]
    const alike = all.filter((trace) => (sub === null) === (trace.sub === null))
    const owned = sub === null ? [] : alike.filter((trace) => trace.sub === sub)
    const excess = alike.length - (sub === null ? MAX_OF_STRANGERS : MAX_OF_OWNERS)
    const excessOfOwner = owned.length - MAX_OF_ONE_OWNER
    return this.#drop([...alike.slice(0, Math.max(0, excess)), ...owned.slice(0, Math.max(0, excessOfOwner))])
  }

  #drop(traces: readonly TraceSummary[]): readonly string[] {
    for (const { id, references, gid } of traces) {
      this.#traces.delete(id)
      for (const reference of references) this.#byReference.delete(reference)
      if (gid !== null && this.#byGrant.get(gid) === id) this.#byGrant.delete(gid)
    }
    return traces.map(({ id }) => id)
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
