import type { Metrics } from '../../kernel/metrics.ts'
import type { Egress, OnExchange } from '../../maximo/egress/egress.ts'
import type { TokenCache } from '../admission/token-cache.ts'
import type { Stores } from '../open-stores.ts'

export interface Watched {
  readonly cache: Pick<TokenCache, 'looked' | 'size'>
  readonly stores: Pick<Stores, 'circuit'>
  readonly egress: Pick<Egress, 'circuits'>
  /** As `/readyz` gives them; empty: ready. */
  readonly reasons: () => readonly string[]
}

/** What is looked up when somebody asks for the figures: it costs a call nothing. */
export function describeServer(metrics: Metrics, { cache, stores, egress, reasons }: Watched): void {
  metrics.describeReadiness(reasons)
  metrics.gauges(
    {
      name: 'maximo_mcp_token_cache_lookups',
      help: 'How often the token cache knew a token as good (opened), as bad (refused), or not at all, so far.',
      label: 'result',
    },
    () => cache.looked,
  )
  metrics.gauge('maximo_mcp_token_cache_entries', 'Tokens kept open in memory.', () => cache.size)
  metrics.gauges(
    {
      name: 'maximo_mcp_store_circuit',
      help: '1 for the state that the breaker before the store is in.',
      label: 'state',
    },
    () => ({ ...NO_STATE, [stores.circuit()]: 1 }),
  )
  metrics.gauges(
    {
      name: 'maximo_mcp_upstream_circuits',
      help: 'Ways to Maximo by the state of their breaker.',
      label: 'state',
    },
    () => egress.circuits(),
  )
}

const NO_STATE = { closed: 0, open: 0, half_open: 0 }

/** Counts and times every exchange with Maximo. */
export function upstreamFigures(metrics: Metrics): OnExchange {
  const exchanges = metrics.counter(
    'maximo_mcp_upstream_requests_total',
    'Exchanges with Maximo: answered, kept back by a breaker, given up by the caller, or the kind of fault.',
    ['outcome'],
  )
  const seconds = metrics.duration(
    'maximo_mcp_upstream_seconds',
    'How long an exchange with Maximo took, the wait for its turn not included; of what was answered.',
  )
  const answered = exchanges.labels('answered')
  return (outcome, tookMs) => {
    if (outcome !== 'answered') {
      exchanges.inc({ outcome })
      return
    }
    answered.inc()
    seconds.observe(tookMs / 1000)
  }
}
