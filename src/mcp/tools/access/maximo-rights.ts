import { LRUCache } from 'lru-cache'
import { CallController, orAborted, type CallSignal } from '../../../kernel/call-signal.ts'
import type { Clock } from '../../../kernel/clock.ts'
import { MaximoFault } from '../../../maximo/fault.ts'
import type { Admitted } from '../../admission/admitted.ts'
import type { Caller } from '../../admission/caller.ts'
import type { MaximoClients } from '../run/clients.ts'
import { CallEnded } from '../run/run-work.ts'

/** What Maximo users may read, as last seen. Lists and calls are decided by it; Maximo itself decides again at each read. */
export interface MaximoRights {
  /** Object structures that were refused or absent; none before the first look. */
  denied(caller: Caller): ReadonlySet<string>
  /** Looks again when the last look is old, and waits a moment for it. Never throws. */
  refresh(admitted: Admitted): Promise<void>
}

export interface MaximoRightsDeps {
  readonly clients: MaximoClients
  readonly clock: Clock
  /** What the served tools read without being told. */
  readonly objects: readonly string[]
}

const LIFE_MS = 10 * 60_000
/** After a look that failed. */
const PAUSE_MS = 60_000
/** A list is worth more than a perfect list. */
const WAIT_MS = 2_000
const LOOK_MS = 20_000
const MAX_KNOWN = 10_000
const NONE: ReadonlySet<string> = new Set()

interface Seen {
  denied: ReadonlySet<string>
  nextMs: number
  looking: Promise<void> | null
}

export function maximoRights({ clients, clock, objects }: MaximoRightsDeps): MaximoRights {
  const seen = new LRUCache<string, Seen>({ max: MAX_KNOWN })

  async function look(admitted: Admitted, known: Seen): Promise<void> {
    try {
      const client = clients.of(admitted.maximo)
      const { correlationId } = admitted.caller.request
      const rights = await client.rights(objects, {
        signal: ended(LOOK_MS),
        correlationId,
        urgency: 'program',
      })
      known.denied = new Set(
        rights.filter(({ read }) => read !== 'granted').map(({ objectStructure }) => objectStructure),
      )
      known.nextMs = clock.monotonicMs() + LIFE_MS
    } catch (error) {
      if (!(error instanceof MaximoFault) && !(error instanceof CallEnded)) throw error
      known.nextMs = clock.monotonicMs() + PAUSE_MS
    } finally {
      known.looking = null
    }
  }

  return {
    denied: (caller) => seen.get(keyOf(caller))?.denied ?? NONE,
    async refresh(admitted) {
      if (objects.length === 0) return
      const key = keyOf(admitted.caller)
      const known = seen.get(key) ?? { denied: NONE, nextMs: 0, looking: null }
      seen.set(key, known)
      if (known.looking === null && clock.monotonicMs() < known.nextMs) return
      known.looking ??= look(admitted, known)
      await orAborted(known.looking, ended(WAIT_MS)).catch(unlessEnded)
    },
  }
}

const keyOf = ({ facts }: Caller): string => `${facts.subject}:${facts.environment}`

/** A signal that ends by itself. */
function ended(ms: number): CallSignal {
  const call = new CallController()
  setTimeout(() => call.abort(new CallEnded('deadline')), ms).unref()
  return call
}

function unlessEnded(error: unknown): void {
  if (!(error instanceof CallEnded)) throw error
}
