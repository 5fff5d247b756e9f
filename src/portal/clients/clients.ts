import { type ForeignKeys, readForeignKeys } from '../../crypto/foreign-keys.ts'
import { type Clock, nowSeconds } from '../../kernel/clock.ts'
import { FailureLimiter } from '../../kernel/failure-limiter.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { USED_CLIENT_LIFE_S } from '../records/projection.ts'
import type { PortalRecords } from '../records/records.ts'
import type { Client } from './client.ts'
import { type ClientDocuments, type DocumentRefusal, type MayFetch } from './documents/client-documents.ts'
import { isDocumentId } from './documents/document-url.ts'
import type { PendingRegistrations } from './pending-registrations.ts'

/** Why nobody stands behind a client id now. */
export type ClientProblem = 'client_unknown' | `client_document_${DocumentRefusal}`

/** Who clients are, whatever way they came: the operator's file, then a metadata document, then dynamic registration. */
export interface Clients {
  /**
   * For who begins an authorization. A document is fetched if need be; `address` pays for it where nobody has signed in yet,
   * else the user.
   *
   * @throws StoreUnavailable
   */
  find(clientId: string, address: string, userId?: string): Promise<Result<Client, ClientProblem>>
  /**
   * For the token endpoint: strangers' documents are not fetched there, only newer versions of those an owner said yes to.
   *
   * @throws StoreUnavailable
   */
  findKnown(clientId: string, address: string): Promise<Client | null>
  /** Public keys of a client, newer ones than `tried` if there are any; `null` while they cannot be had. */
  findKeys(client: Client, address: string, tried?: ForeignKeys): Promise<ForeignKeys | null>
  /**
   * Remembers a client that an owner said yes to, for 90 days from now; again when a third of that has passed.
   *
   * @throws DiskUnavailable
   */
  keep(client: Client): Promise<void>
}

export interface ClientsDeps {
  readonly preregistered: ReadonlyMap<string, Client>
  readonly documents: ClientDocuments
  readonly pending: PendingRegistrations
  readonly records: Pick<PortalRecords, 'findClient' | 'record'>
  readonly clock: Clock
}

export function createClients(deps: ClientsDeps): Clients {
  const fetches = new FailureLimiter({ max: FETCHES_PER_MINUTE, windowMs: 60_000 }, deps.clock)
  const paidBy =
    (address: string): MayFetch =>
    () =>
      fetches.fail(address).state === 'counted'
  const paidByUser =
    (userId: string): MayFetch =>
    () =>
      fetches.failAs(userId).state === 'counted'
  return {
    find: async (clientId, address, userId) =>
      findForAuthorization(clientId, userId === undefined ? paidBy(address) : paidByUser(userId), deps),
    findKnown: async (clientId, address) => findKnown(clientId, paidBy(address), deps),
    findKeys: async (client, address, tried) => {
      if (client.jwks !== undefined) return readInline(client.jwks)
      if (client.jwksUri === undefined) return null
      // Where nobody vouched for it yet, whoever asks pays for the fetch.
      const isStranger = client.source === 'registration' && client.untilS === undefined
      const mayFetch = isStranger ? paidBy(address) : FREELY
      const keys = await deps.documents.findKeys(client.jwksUri, mayFetch, tried)
      return keys.ok ? keys.value : null
    },
    keep: async (client) => keep(client, deps),
  }
}

async function findForAuthorization(
  clientId: string,
  mayFetch: MayFetch,
  deps: ClientsDeps,
): Promise<Result<Client, ClientProblem>> {
  const own = deps.preregistered.get(clientId)
  if (own !== undefined) return ok(own)
  if (!isDocumentId(clientId)) {
    const registered = await findRegistered(clientId, deps)
    return registered === null ? err('client_unknown') : ok(registered)
  }
  const read = await deps.documents.findClient(clientId, mayFetch)
  return read.ok ? ok({ ...read.value, source: 'document' }) : err(`client_document_${read.error}` as const)
}

async function findKnown(clientId: string, mayFetch: MayFetch, deps: ClientsDeps): Promise<Client | null> {
  const own = deps.preregistered.get(clientId)
  if (own !== undefined) return own
  if (!isDocumentId(clientId)) return findRegistered(clientId, deps)
  const kept = await deps.records.findClient(clientId)
  if (kept === null) return null
  const current = await deps.documents.findClient(clientId, mayFetch)
  if (current.ok) return { ...current.value, untilS: kept.untilS, source: 'document' }
  // While its host is away, what an owner said yes to stands; not when the client itself published something unusable.
  return current.error === 'malformed' ? null : { ...kept, source: 'document' }
}

async function findRegistered(clientId: string, { records, pending }: ClientsDeps): Promise<Client | null> {
  const registered = (await records.findClient(clientId)) ?? (await pending.find(clientId))
  return registered === null ? null : { ...registered, source: 'registration' }
}

async function readInline(jwks: unknown): Promise<ForeignKeys | null> {
  const keys = await readForeignKeys(jwks)
  return keys.ok ? keys.value : null
}

async function keep(client: Client, { records, clock }: ClientsDeps): Promise<void> {
  const { source, ...stored } = client
  const now = nowSeconds(clock)
  if (source === 'file' || (client.untilS ?? 0) > now + RENEWED_BELOW_S) return
  await records.record('client.registered', { ...stored, untilS: now + USED_CLIENT_LIFE_S })
}

/** Of one address prefix, which may be a whole company's: what is cached or has a copy of ours costs nothing. */
const FETCHES_PER_MINUTE = 30
const RENEWED_BELOW_S = (USED_CLIENT_LIFE_S * 2) / 3
const FREELY: MayFetch = () => true
