import { monitorEventLoopDelay } from 'node:perf_hooks'
import { Counter, Gauge, Registry } from 'prom-client'
import { Durations } from './durations.ts'

/**
 * The figures of one service, in the text format of Prometheus (0.0.4). Labels have few values, all of closed lists: no
 * user, no token, no environment, nothing that somebody outside can make up.
 */
export class Metrics {
  readonly #registry = new Registry()
  readonly #loop = monitorEventLoopDelay({ resolution: 10 })

  constructor(service: 'portal' | 'mcp') {
    this.#registry.setDefaultLabels({ service })
    this.#loop.enable()
    this.#describeProcess()
  }

  /** Only grows. */
  counter<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Counter<L> {
    return new Counter({ ...{ name, help, labelNames }, registers: [this.#registry] })
  }

  /** How long something took, in seconds. */
  duration<L extends string>(name: string, help: string, labelNames: readonly L[] = []): Durations<L> {
    return new Durations({ name, help, labelNames }, this.#registry)
  }

  /** What is so at the moment, looked up when somebody asks. */
  gauge(name: string, help: string, read: () => number): void {
    this.#gauge(name, help, [], (gauge) => gauge.set(read()))
  }

  /** The same for a few things at once: value by label. */
  gauges(
    { name, help, label }: { readonly name: string; readonly help: string; readonly label: string },
    read: () => Readonly<Record<string, number>>,
  ): void {
    this.#gauge(name, help, [label], (gauge) => {
      for (const [value, is] of Object.entries(read())) gauge.set({ [label]: value }, is)
    })
  }

  /** The same for both services. @param reasons as `/readyz` gives them; empty: ready */
  describeReadiness(reasons: () => readonly string[]): void {
    this.gauge('maximo_mcp_ready', '1 while /readyz says ready.', () => (reasons().length === 0 ? 1 : 0))
  }

  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE

  text(): Promise<string> {
    return this.#registry.metrics()
  }

  close(): Promise<void> {
    this.#loop.disable()
    return Promise.resolve()
  }

  #gauge(name: string, help: string, labelNames: string[], set: (gauge: Gauge) => void): void {
    const gauge: Gauge = new Gauge({
      ...{ name, help, labelNames, registers: [this.#registry] },
      collect: (): void => set(gauge),
    })
  }

  /** prom-client's own set never lets go of its observers, and a process may start a service more than once. */
  #describeProcess(): void {
    const startedS = Math.round(performance.timeOrigin / 1000)
    this.gauge(
      'process_start_time_seconds',
      'When this process began, seconds since the epoch.',
      () => startedS,
    )
    this.gauge('process_resident_memory_bytes', 'Memory in use.', () => process.memoryUsage.rss())
    this.gauge(
      'nodejs_heap_used_bytes',
      'Of it, live objects and garbage.',
      () => process.memoryUsage().heapUsed,
    )
    this.gauge('process_cpu_seconds', 'CPU time spent by this process so far.', () => {
      const { user, system } = process.cpuUsage()
      return (user + system) / 1e6
    })
    this.gauge(
      'nodejs_eventloop_lag_p99_seconds',
      'How late the event loop was since the last time asked.',
      () => {
        const lagS = this.#loop.percentile(99) / 1e9
        this.#loop.reset()
        return lagS
      },
    )
  }
}

/** Members of a figure by the values of its labels, each looked up once: to look one up costs more than to count. */
export function kept<Child>(figure: { labels(...values: string[]): Child }): (...values: string[]) => Child {
  const children = new Map<string, Child>()
  return (...values) => {
    const key = values.join(' ')
    const child = children.get(key) ?? figure.labels(...values)
    children.set(key, child)
    return child
  }
}
