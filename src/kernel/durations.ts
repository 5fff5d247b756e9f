import type { Histogram, Registry } from 'prom-client'

/** Told how long something took, in seconds. */
export interface Duration {
  /** @throws TypeError for what is no finite number: it would spoil the sum for good */
  observe(seconds: number): void
}

/** From a cache hit to Maximo's longest answer. */
export const DURATION_BUCKETS_S = [
  0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
] as const

/**
 * A histogram of seconds that prom-client's registry writes out. It counts in arrays: prom-client's own makes a
 * closure, checks and hashes the labels at every observation, which took 7 of the 190 µs that security costs a tool call in
 * a profile of the bench.
 */
export class Durations<L extends string> implements Duration {
  readonly name: string
  readonly help: string
  readonly type = 'histogram'
  readonly #labelNames: readonly L[]
  readonly #children = new Map<string, Child<L>>()
  /** Null where there are labels. */
  readonly #only: Duration | null

  constructor(
    {
      name,
      help,
      labelNames,
    }: { readonly name: string; readonly help: string; readonly labelNames: readonly L[] },
    registry: Registry,
  ) {
    this.name = name
    this.help = help
    this.#labelNames = labelNames
    // Without labels it is there, and 0, before anything was observed.
    this.#only = labelNames.length === 0 ? this.labels() : null
    // A registry asks a metric for its name and `get()`; its type demands a whole histogram.
    registry.registerMetric(this as unknown as Histogram<L>)
  }

  /** @param values of all labels, in their order; of closed lists, without spaces */
  labels(...values: readonly string[]): Duration {
    const key = values.join(' ')
    const known = this.#children.get(key)
    if (known !== undefined) return known
    if (values.length !== this.#labelNames.length)
      throw new RangeError(`${this.name} has ${this.#labelNames.length} labels, not ${values.length}`)
    const entries = this.#labelNames.map((label, at) => [label, values[at] ?? ''] as const)
    const child = new Child(Object.fromEntries(entries) as Record<L, string>)
    this.#children.set(key, child)
    return child
  }

  observe(seconds: number): void {
    ;(this.#only ?? this.labels()).observe(seconds)
  }

  /** As prom-client's registry asks for it. */
  get(): Promise<Pick<Awaited<ReturnType<Histogram<L>['get']>>, 'name' | 'help' | 'values'>> {
    const values = [...this.#children.values()].flatMap((child) => child.values(this.name))
    return Promise.resolve({ name: this.name, help: this.help, type: this.type, values })
  }
}

interface Value {
  readonly metricName: string
  readonly labels: Partial<Record<string, string | number>>
  readonly value: number
}

class Child<L extends string> implements Duration {
  readonly #labels: Record<L, string>
  /** Observations up to the bound of the same index and above the one before; the last: above all of them. */
  readonly #counts = new Float64Array(DURATION_BUCKETS_S.length + 1)
  #sum = 0

  constructor(labels: Record<L, string>) {
    this.#labels = labels
  }

  observe(seconds: number): void {
    if (!Number.isFinite(seconds)) throw new TypeError(`${String(seconds)} is no number of seconds`)
    let at = 0
    while (at < DURATION_BUCKETS_S.length && seconds > (DURATION_BUCKETS_S[at] ?? 0)) at += 1
    this.#counts[at] = (this.#counts[at] ?? 0) + 1
    this.#sum += seconds
  }

  /** Cumulative, as the text format wants buckets. */
  values(name: string): Value[] {
    const labels = this.#labels
    let sum = 0
    const buckets = [...this.#counts].map((count, at) => {
      sum += count
      return {
        metricName: `${name}_bucket`,
        labels: { le: DURATION_BUCKETS_S[at] ?? '+Inf', ...labels },
        value: sum,
      }
    })
    return [
      ...buckets,
      { metricName: `${name}_sum`, labels, value: this.#sum },
      { metricName: `${name}_count`, labels, value: sum },
    ]
  }
}
