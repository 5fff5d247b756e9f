import { Leaving } from '../kernel/load/leaving.ts'
import { Load } from '../kernel/load/load.ts'
import { LoopLag } from '../kernel/load/loop-lag.ts'
import type { LoadClass, ShedWhy } from '../kernel/load/shedding.ts'
import type { Traffic, TrafficConfig } from '../kernel/load/traffic.ts'
import type { Log } from '../kernel/log.ts'
import { kept, type Metrics } from '../kernel/metrics.ts'
import type { Audit } from './audit.ts'

export interface LoadRecordOptions {
  readonly metrics: Metrics
  readonly instance: string
  readonly log: Log
  readonly audit: Pick<Audit, 'write'>
}

/**
 * Keeps what was turned away for want of room. Everything is counted; a record is written at the first of
 * a class, and one for all others of the minute: overload must not fill the disk, too.
 */
class LoadRecord {
  readonly #options: LoadRecordOptions
  readonly #shed
  readonly #since = new Map<LoadClass, { readonly why: ShedWhy; readonly count: number }>()

  constructor(options: LoadRecordOptions) {
    this.#options = options
    this.#shed = kept(
      options.metrics.counter(
        'maximo_mcp_shed_total',
        'Requests answered 503 for want of room, by class and by what was short.',
        ['class', 'why'],
      ),
    )
  }

  heard(of: LoadClass, why: ShedWhy): void {
    this.#shed(of, why).inc()
    const since = this.#since.get(of)
    if (since !== undefined) {
      this.#since.set(of, { why, count: since.count + 1 })
      return
    }
    this.#write(of, why, 1)
    this.#since.set(of, { why, count: 0 })
    setTimeout(() => this.#tellRest(of), QUIET_MS).unref()
  }

  /** Writes what is not written yet. */
  flush(): void {
    for (const of of [...this.#since.keys()]) this.#tellRest(of)
  }

  #tellRest(of: LoadClass): void {
    const since = this.#since.get(of)
    this.#since.delete(of)
    if (since !== undefined && since.count > 0) this.#write(of, since.why, since.count)
  }

  #write(of: LoadClass, why: ShedWhy, count: number): void {
    const { instance, log, audit } = this.#options
    log.warn({ event: 'load.shed', class: of, why, count })
    audit
      .write({
        ...{ eventType: 'load.shed', operation: `shed_${of}`, resource: 'process', action: null },
        ...{ outcome: 'failed', reason: why, recordCount: count, responseCode: 503 },
        ...{ principal: instance, authMethod: null, sourceIP: null, correlationId: null },
      })
      .catch((error: unknown) => log.error({ err: error }, 'audit: cannot write'))
  }
}

const QUIET_MS = 60_000

/** What the listeners of a process share, counted, and recorded in its audit log. To be closed before that is. */
export function openLoad(
  { limits, maxConnections, drainMs }: TrafficConfig,
  options: LoadRecordOptions,
): Traffic & { readonly close: () => Promise<void> } {
  const record = new LoadRecord(options)
  const lag = new LoopLag()
  const load = new Load({ limits, lagMs: () => lag.ms(), onShed: (of, why) => record.heard(of, why) })
  options.metrics.gauges(
    {
      name: 'maximo_mcp_in_flight',
      help: 'Requests that are worked on at the moment, by class.',
      label: 'class',
    },
    () => load.running,
  )
  const close = async (): Promise<void> => {
    await lag.close()
    record.flush()
  }
  return { load, leaving: new Leaving(drainMs), maxConnections, close }
}
