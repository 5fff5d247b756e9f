import { createHash, randomBytes } from 'node:crypto'
import { addressPrefix } from '../../kernel/address.ts'
import { type Store, StoreUnavailable } from '../../kernel/store/contract.ts'
import { storeKeys } from '../records/keys.ts'
import { storedClient, type StoredClient } from '../records/projection.ts'

/**
 * Registrations that no owner has said yes to yet: in the store alone, for a day. There is a fixed number of places, each
 * address prefix falling into one of the rings, and one registration more takes the place of its ring's oldest. So a flood
 * takes no more room than its ring, reaches no journal, and turns nobody away: who registers and comes back within the
 * next {@link RING_PLACES} registrations from such an address is still known (RFC 7591 §5).
 */
export class PendingRegistrations {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  /** Gives the client its id, which says where it lies. @throws StoreUnavailable */
  async add(client: Omit<StoredClient, 'cid'>, address: string): Promise<StoredClient> {
    const ring = ringOf(address)
    const { count } = await this.#store.count(storeKeys.registrations(ring), NEVER_MS)
    const place = count % RING_PLACES
    const id = Buffer.concat([Buffer.from([ring, place]), randomBytes(14)])
    const registered = { ...client, cid: `mxc_${id.toString('base64url')}` }
    await this.#store.put(storeKeys.pendingClient(ring, place), JSON.stringify(registered), PENDING_MS)
    return registered
  }

  /** @throws StoreUnavailable */
  async find(clientId: string): Promise<StoredClient | null> {
    const id = /^mxc_([A-Za-z0-9_-]{22})$/.exec(clientId)?.[1]
    if (id === undefined) return null
    const [ring = 0, place = 0] = Buffer.from(id, 'base64url')
    const held = await this.#store.get(storeKeys.pendingClient(ring, place))
    const client = held === null ? null : read(held)
    return client?.cid === clientId ? client : null
  }
}

/** @throws StoreUnavailable for a value that is not what we wrote */
function read(held: string): StoredClient {
  try {
    return storedClient.parse(JSON.parse(held))
  } catch {
    throw new StoreUnavailable('the store holds a value that is not ours')
  }
}

const ringOf = (address: string): number =>
  (createHash('sha256').update(addressPrefix(address)).digest()[0] ?? 0) % RINGS

/** Times {@link RING_PLACES}: what the store holds of strangers at most. */
export const RINGS = 64
export const RING_PLACES = 256
const PENDING_MS = 24 * 3_600_000
/** A year: the counter only has to go round. */
const NEVER_MS = 365 * 24 * 3_600_000
