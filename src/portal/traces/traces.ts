import { makePrivateFolder } from '../../kernel/disk.ts'
import type { Clock } from '../../kernel/clock.ts'
import { FailureLimiter } from '../../kernel/failure-limiter.ts'
import type { Log } from '../../kernel/log.ts'
import { appendStep, readTrace, readTraces, removeTrace } from './trace-file.ts'
import { TraceIndex, type TraceSummary } from './trace-index.ts'
import type { Trace, TraceStep } from './trace-step.ts'

export interface TracesDeps {
  readonly folder: string
  readonly clock: Clock
  readonly log: Log
}

/**
 * The traces of login attempts: what each client sent, what was decided and why, for its owner and the operator. They
 * explain and prove nothing: a trace that cannot be written never holds up a login, and the oldest give way.
 */
export class Traces {
  readonly #deps: TracesDeps
  readonly #index = new TraceIndex()
  readonly #strangers: FailureLimiter
  #writing: Promise<void> = Promise.resolve()
  #waiting = 0

  private constructor(deps: TracesDeps) {
    this.#deps = deps
    this.#strangers = new FailureLimiter({ max: STRANGERS_PER_MINUTE, windowMs: 60_000 }, deps.clock)
  }

  /** @throws Error of `node:fs` when the folder cannot be made */
  static async open(deps: TracesDeps): Promise<Traces> {
    await makePrivateFolder(deps.folder)
    const traces = new Traces(deps)
    for (const { id, steps } of await readTraces(deps.folder))
      for (const step of steps) traces.#forget(traces.#index.add(id, step))
    traces.sweep()
    return traces
  }

  /** Adds a step. A trace keeps its first steps: the later ones of a connection that lives are all alike. */
  note(id: string, step: TraceStep): void {
    if (this.#isFull(id, step)) return
    this.#forget(this.#index.add(id, step))
    this.#write(() => appendStep(this.#deps.folder, id, step))
  }

  /** Whether one more step of somebody at this address, who has proven nothing, is kept. */
  takesStranger(address: string): boolean {
    return this.#strangers.isWorthRecording(address)
  }

  /** @param name id of a trace, reference of a request, or id of a connection */
  resolve(name: string): TraceSummary | undefined {
    return this.#index.resolve(name)
  }

  listFor(sub: string): readonly TraceSummary[] {
    return this.#index.listFor(sub)
  }

  /** What has been noted so far is in it. */
  async read(id: string): Promise<Trace | null> {
    await this.#writing
    return readTrace(this.#deps.folder, id)
  }

  /** Forgets what is older than thirty days. */
  sweep(): void {
    this.#forget(this.#index.dropBefore(this.#deps.clock.nowMs() - KEPT_MS))
  }

  async close(): Promise<void> {
    await this.#writing
  }

  #isFull(id: string, step: TraceStep): boolean {
    const known = this.#index.find(id)
    if (known === undefined) return this.#waiting >= MAX_WAITING
    const isSameAgain = step.step === 'refresh' && known.last.step === 'refresh' && isPassed(step, known.last)
    return isSameAgain || known.steps >= MAX_STEPS || this.#waiting >= MAX_WAITING
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) this.#write(() => removeTrace(this.#deps.folder, id))
  }

  /** One after the other, so that the steps of a trace keep their order. */
  #write(work: () => Promise<void>): void {
    this.#waiting += 1
    this.#writing = this.#writing.then(work).then(
      () => this.#settle(null),
      (error: unknown) => this.#settle(error),
    )
  }

  #settle(error: unknown): void {
    this.#waiting -= 1
    if (error !== null) this.#deps.log.warn({ err: error }, 'a step of a login attempt was not traced')
  }
}

const isPassed = (...steps: readonly TraceStep[]): boolean =>
  steps.every(({ outcome }) => outcome === 'passed')

const KEPT_MS = 30 * 86_400_000
const MAX_STEPS = 60
/** Of one address prefix, which may be a whole company's. */
const STRANGERS_PER_MINUTE = 60
/** Steps that wait for a slow disk; what comes while there are more is not traced. */
const MAX_WAITING = 2_000
