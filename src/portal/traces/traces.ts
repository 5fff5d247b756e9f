import { type Disk, makePrivateFolder } from '../../kernel/disk.ts'
import type { Clock } from '../../kernel/clock.ts'
import { FailureLimiter } from '../../kernel/failure-limiter.ts'
import type { Log } from '../../kernel/log.ts'
import { TraceFile } from './trace-file.ts'
import { TraceIndex, type TraceSummary } from './trace-index.ts'
import { traceFilePath } from './trace-lines.ts'
import type { Trace, TraceStep } from './trace-step.ts'

export interface TracesDeps {
  readonly folder: string
  /** INSTANCE_ID; names the file. */
  readonly instance: string
  readonly clock: Clock
  readonly log: Log
  readonly disk?: Disk
}

/**
 * The traces of login attempts: what each client sent, what was decided and why, for its owner and the operator. They
 * explain and prove nothing: a trace that cannot be written never holds up a login, and the oldest give way.
 */
export class Traces {
  readonly #clock: Clock
  readonly #index: TraceIndex
  readonly #file: TraceFile
  readonly #strangers: FailureLimiter

  private constructor(clock: Clock, index: TraceIndex, file: TraceFile) {
    this.#clock = clock
    this.#index = index
    this.#file = file
    this.#strangers = new FailureLimiter({ max: STRANGERS_PER_MINUTE, windowMs: 60_000 }, clock)
  }

  /** @throws Error of `node:fs` when folder or file cannot be made */
  static async open({ folder, instance, clock, log, disk }: TracesDeps): Promise<Traces> {
    await makePrivateFolder(folder)
    const index = new TraceIndex()
    const dropped: string[] = []
    const file = await TraceFile.open({
      path: traceFilePath(folder, instance),
      onLine: ({ id, step }) => dropped.push(...index.add(id, step)),
      onLoss: (error) => log.warn({ err: error }, 'steps of login attempts were not traced'),
      ...(disk === undefined ? {} : { disk }),
    })
    const traces = new Traces(clock, index, file)
    traces.#forget(dropped)
    await traces.sweep()
    return traces
  }

  /** Adds a step. A trace keeps its first steps: the later ones of a connection that lives are all alike. */
  note(id: string, step: TraceStep): void {
    if (this.#isFull(id, step)) return
    this.#forget(this.#index.add(id, step))
    this.#file.append(id, step)
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

  /** What has been noted so far is in it; `null`: there is none. */
  async read(id: string): Promise<Trace | null> {
    const steps = await this.#file.read(id)
    return steps.length === 0 ? null : { id, steps }
  }

  /** Forgets what is older than thirty days. What is forgotten is on the disk no longer than until now. */
  async sweep(): Promise<void> {
    this.#forget(this.#index.dropBefore(this.#clock.nowMs() - KEPT_MS))
    await this.#file.compact()
  }

  async close(): Promise<void> {
    await this.#file.close()
  }

  #isFull(id: string, step: TraceStep): boolean {
    const known = this.#index.find(id)
    if (known === undefined) return this.#file.waiting >= MAX_WAITING
    const isSameAgain = step.step === 'refresh' && known.last.step === 'refresh' && isPassed(step, known.last)
    return isSameAgain || known.steps >= MAX_STEPS || this.#file.waiting >= MAX_WAITING
  }

  #forget(ids: readonly string[]): void {
    for (const id of ids) this.#file.forget(id)
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
