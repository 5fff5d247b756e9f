import { type Link, LinkedList } from '../../kernel/linked-list.ts'
import { oncePer } from '../../kernel/once-per.ts'
import { StoreUnavailable } from '../../kernel/store/contract.ts'
import { LEASE_MS, type AdmissionStore } from './store.ts'

export interface HeldLease {
  /** Safe to call twice. Never rejects. */
  readonly release: () => Promise<void>
}

/** Keeps a running call's place among its grant's calls, and gives it back. `null`: the call takes none. */
export function holdLease(
  store: AdmissionStore,
  grantId: string,
  lease: { readonly id: string } | null,
): HeldLease {
  if (lease === null) return { release: () => Promise.resolve() }
  return renewalOf(store).hold({ grantId, id: lease.id, turns: 0 })
}

interface Lease {
  readonly grantId: string
  readonly id: string
  /** How many turns of the timer it has seen: at the first it is younger than a turn. */
  turns: number
}

/** One timer for all calls of a store: most end before their lease needs to be renewed at all. */
class Renewal {
  readonly #store: AdmissionStore
  readonly #held = new LinkedList<Lease>()
  #timer: NodeJS.Timeout | undefined

  constructor(store: AdmissionStore) {
    this.#store = store
  }

  hold(lease: Lease): HeldLease {
    const link = this.#held.add(lease)
    if (this.#timer === undefined) {
      this.#timer = setInterval(() => this.#turn(), TURN_MS)
      this.#timer.unref()
    }
    return { release: () => this.#release(link) }
  }

  async #release(link: Link<Lease>): Promise<void> {
    if (!this.#held.remove(link)) return
    const { grantId, id } = link.item
    await quietly(() => this.#store.releaseLease(grantId, id))
  }

  #turn(): void {
    if (this.#held.size === 0) {
      clearInterval(this.#timer)
      this.#timer = undefined
    }
    for (const { item: lease } of this.#held) {
      if (lease.turns > 0) void quietly(() => this.#store.renewLease(lease.grantId, lease.id))
      lease.turns += 1
    }
  }
}

const renewalOf = oncePer((store: AdmissionStore) => new Renewal(store))

/** A lease that the store does not hear of any more ends by itself: the limit is then stricter for a while, not weaker. */
async function quietly(call: () => Promise<unknown>): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof StoreUnavailable)) throw error
  }
}

/** Twice before a lease ends, also of one that was taken just after a turn. */
const TURN_MS = LEASE_MS / 4
