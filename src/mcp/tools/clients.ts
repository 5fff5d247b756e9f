import { LRUCache } from 'lru-cache'
import type { Clock } from '../../kernel/clock.ts'
import { createMaximoClient } from '../../maximo/client.ts'
import type { MaximoClient } from '../../maximo/contract.ts'
import type { Egress } from '../../maximo/egress/egress.ts'
import type { MaximoAccess } from '../admission/admitted.ts'

const MAX_CLIENTS = 2_000
const IDLE_MS = 30 * 60_000

/** One Maximo client per owner, environment and credential version, kept for its caches (schemas, domains). */
export interface MaximoClients {
  /** @throws MaximoFault egress_refused when the base URL is not allowed (any more). */
  of(access: MaximoAccess): MaximoClient
  close(): void
}

export function openMaximoClients(egress: Egress, clock: Clock): MaximoClients {
  const clients = new LRUCache<string, MaximoClient>({
    max: MAX_CLIENTS,
    ttl: IDLE_MS,
    updateAgeOnGet: true,
    perf: { now: () => clock.monotonicMs() },
    dispose: (client) => client.close(),
  })
  return {
    of(access) {
      const kept = clients.get(access.cacheKey)
      if (kept !== undefined) return kept
      const { baseUrl, method, credential } = access
      const client = createMaximoClient({ environment: { baseUrl, method, credential }, egress, clock })
      clients.set(access.cacheKey, client)
      return client
    },
    close: () => clients.clear(),
  }
}
