import type { Clock } from '../kernel/clock.ts'
import { FailureLimiter, type FailurePolicy } from '../kernel/failure-limiter.ts'
import type { Log } from '../kernel/log.ts'
import type { Audit } from './audit.ts'

export interface RefusalTallyOptions {
  readonly audit: Pick<Audit, 'write'>
  readonly clock: Clock
  readonly log: Log
  /** Of the door that is knocked at. */
  readonly resource: string
  /** How often the rest is written as a number; default 60,000 ms. */
  readonly everyMs?: number
}

/**
 * Bounds what strangers at a door write into the audit log: the first of each address are records of their own, the rest is
 * one record a minute that says how many there were.
 */
export class RefusalTally {
  readonly #options: RefusalTallyOptions
  readonly #limiter: FailureLimiter
  readonly #timer: NodeJS.Timeout
  #uncounted = 0

  constructor(options: RefusalTallyOptions) {
    this.#options = options
    this.#limiter = new FailureLimiter(POLICY, options.clock)
    this.#timer = setInterval(() => void this.flush(), options.everyMs ?? EVERY_MS)
    this.#timer.unref()
  }

  /** Whether this one deserves a record of its own; else it is counted. */
  isWorthRecording(address: string): boolean {
    if (this.#limiter.isWorthRecording(address)) return true
    this.#uncounted += 1
    return false
  }

  /** Writes how many were only counted since the last time. A disk that takes nothing keeps them counted. */
  async flush(): Promise<void> {
    const count = this.#uncounted
    if (count === 0) return
    this.#uncounted = 0
    const { audit, log, resource } = this.#options
    try {
      await audit.write({
        ...{
          eventType: 'internal.refused',
          operation: 'count_refusals',
          outcome: 'refused',
          principal: null,
        },
        ...{ authMethod: 'none', resource, action: null, responseCode: 401, recordCount: count },
        ...{ sourceIP: null, correlationId: null, reason: 'unsigned' },
      })
    } catch (error) {
      this.#uncounted += count
      log.error({ event: 'audit.refusals_not_written', err: error })
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.flush()
  }
}

/** Of one address, each for itself. */
const POLICY: FailurePolicy = { max: 100, windowMs: 60_000 }
const EVERY_MS = 60_000
