import { LRUCache } from 'lru-cache'
import type { Clock } from '../../../kernel/clock.ts'
import { type Maximo, openMaximo } from '../../../maximo/client.ts'
import type { MaximoClient } from '../../../maximo/contract.ts'
import type { Egress } from '../../../maximo/egress/egress.ts'
import type { ReadCache } from '../../../maximo/read-cache.ts'
import type { MaximoAccess } from '../../admission/admitted.ts'
import type { RefusedCredentials } from '../../vault/refused-credentials.ts'

const MAX_CLIENTS = 2_000
const IDLE_MS = 30 * 60_000

/** One Maximo client per owner, environment and credential version, kept for its caches (schemas, domains). */
export interface MaximoClients {
  /** @throws MaximoFault egress_refused when the base URL is not allowed (any more). */
  of(access: MaximoAccess): MaximoClient
  /** With the halves that check and write; for whoever stages and commits changes. @throws as `of` */
  whole(access: MaximoAccess): Maximo
  close(): void
}

export interface MaximoClientsDeps {
  readonly egress: Egress
  readonly clock: Clock
  readonly keepReplaced: KeepReplaced
  /** Learns which credentials Maximo refuses; absent: nobody does. */
  readonly refused?: RefusedCredentials | undefined
  /** Absent: nothing is given twice. */
  readonly readCache?: ReadCache | undefined
}

/** Keeps what an identity provider put in the place of a stored credential. */
export type KeepReplaced = (owned: MaximoAccess['owned'], credential: string) => Promise<void>

export function openMaximoClients({
  egress,
  clock,
  keepReplaced,
  refused,
  readCache,
}: MaximoClientsDeps): MaximoClients {
  const clients = new LRUCache<string, Maximo>({
    max: MAX_CLIENTS,
    ttl: IDLE_MS,
    updateAgeOnGet: true,
    perf: { now: () => clock.monotonicMs() },
    dispose: ({ client }) => client.close(),
  })
  const whole = (access: MaximoAccess): Maximo => {
    const kept = clients.get(access.cacheKey)
    if (kept !== undefined) return kept
    const { owned, baseUrl, method, credential, certificate } = access
    const onReplaced = (replaced: string): Promise<void> => keepReplaced(owned, replaced)
    const environment = {
      ...{ baseUrl, method, credential, certificate, onReplaced },
      onVerdict: (isTaken: boolean) => refused?.hear(access.cacheKey, isTaken),
    }
    const opened = openMaximo({ environment, egress, clock, readCache })
    clients.set(access.cacheKey, opened)
    return opened
  }
  return {
    of: (access) => whole(access).client,
    whole,
    close: () => clients.clear(),
  }
}
