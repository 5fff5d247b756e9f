import type { GroupRow } from '../contract.ts'
import { metricKey } from '../query/group.ts'
import type { Metric } from '../query/query.ts'
import type { SignedQuestion } from '../query/signed.ts'
import { compareFigures } from './order.ts'

export interface TallyOptions {
  /** What the groups are told apart by; more may stand in a row. */
  readonly groupBy: readonly string[]
  readonly metrics: readonly Metric[]
  /** The count and the sum kept here are those of this average. */
  readonly average: Metric | null
}

type Figure = number | string | null

interface Group {
  readonly by: GroupRow['by']
  readonly figures: Map<string, Figure>
}

/** Adds up the figures of groups from several answers. */
export class Tally {
  readonly #options: TallyOptions
  readonly #groups = new Map<string, Group>()

  constructor(options: TallyOptions) {
    this.#options = options
  }

  /** Counts and sums take the question's sign; extremes are those of the alternatives alone. */
  add(rows: readonly GroupRow[], { sign, isAlternative }: SignedQuestion): void {
    const { groupBy, metrics } = this.#options
    for (const row of rows) {
      const by = Object.fromEntries(groupBy.map((name) => [name, row.by[name] ?? null]))
      const key = JSON.stringify(Object.values(by))
      const group = this.#groups.get(key) ?? { by, figures: new Map<string, Figure>() }
      this.#groups.set(key, group)
      for (const metric of metrics) {
        const name = metricKey(metric)
        const figure = row.metrics[name] ?? null
        const before = group.figures.get(name) ?? null
        if (metric.kind === 'count' || metric.kind === 'sum')
          group.figures.set(name, added(before, figure, sign))
        else if (isAlternative) group.figures.set(name, extreme(before, figure, metric.kind))
      }
    }
  }

  keys(): Iterable<string> {
    return this.#groups.keys()
  }

  by(key: string): GroupRow['by'] {
    return this.#groups.get(key)?.by ?? {}
  }

  figures(key: string): GroupRow['metrics'] {
    const figures = this.#groups.get(key)?.figures ?? new Map<string, Figure>()
    const { average } = this.#options
    if (average === null) return Object.fromEntries(figures)
    const count = Number(figures.get('count') ?? 0)
    const [sum] = [...figures].flatMap(([name, figure]) => (name === 'count' ? [] : [figure]))
    return { [metricKey(average)]: typeof sum === 'number' && count > 0 ? sum / count : null }
  }
}

/** A sum of nothing is nothing; doubles must not add a tail that no decimal column has. */
const added = (before: Figure, figure: Figure, sign: 1 | -1): Figure =>
  figure === null ? before : Math.round((Number(before ?? 0) + sign * Number(figure)) * SCALE) / SCALE

const extreme = (before: Figure, figure: Figure, kind: 'min' | 'max' | 'avg'): Figure => {
  if (before === null || figure === null) return before ?? figure
  return compareFigures(figure, before) < 0 === (kind === 'min') ? figure : before
}

/** Maximo's decimals have at most ten places; six are what its own sums keep. */
const SCALE = 1e6
