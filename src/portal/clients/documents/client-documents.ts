import { type ForeignKeys, readForeignKeys } from '../../../crypto/foreign-keys.ts'
import type { Clock } from '../../../kernel/clock.ts'
import type { Log } from '../../../kernel/log.ts'
import { err, ok, type Result } from '../../../kernel/result.ts'
import type { StoredClient } from '../../records/projection.ts'
import { readClientDocument } from './client-document.ts'
import { readDocumentUrl, readRemoteUrl } from './document-url.ts'
import { MAX_FRESH_MS, MIN_FRESH_MS } from './freshness.ts'
import { type Loaded, RemoteCache } from './remote-cache.ts'
import type { RemoteDocuments, RemoteFailure } from './remote-json.ts'
import { COPIED_ON, findVendorCopy } from './vendor-documents.ts'

/** `refused`: the address is not acceptable; `malformed`: what lies there is not; `unavailable`: it cannot be had now. */
export type DocumentRefusal = 'refused' | 'malformed' | 'unavailable' | 'too_often'

/** Asked only by whoever causes a fetch: whether he may. */
export type MayFetch = () => boolean

/** What clients publish on hosts of their own: metadata documents and key sets. */
export interface ClientDocuments {
  findClient(clientId: string, mayFetch: MayFetch): Promise<Result<StoredClient, DocumentRefusal>>
  /** `tried`: keys that did not serve, so that only newer ones are worth having. */
  findKeys(
    url: string,
    mayFetch: MayFetch,
    tried?: ForeignKeys,
  ): Promise<Result<ForeignKeys, DocumentRefusal>>
}

export interface DocumentsDeps {
  readonly remote: RemoteDocuments
  readonly clock: Clock
  readonly log: Log
}

export function createClientDocuments(deps: DocumentsDeps): ClientDocuments {
  const clients: Cache<StoredClient> = new RemoteCache(async (clientId) => {
    const standIn = { last: clients.last(clientId), copy: findVendorCopy(clientId) }
    const read = async (json: unknown) => readClientDocument(json, clientId)
    return load({ url: clientId, maxBytes: MAX_DOCUMENT_BYTES, read, ...standIn }, deps)
  }, deps.clock)
  const keySets: Cache<ForeignKeys> = new RemoteCache(
    async (url) =>
      load(
        { url, maxBytes: MAX_KEY_SET_BYTES, read: readForeignKeys, last: keySets.last(url), copy: null },
        deps,
      ),
    deps.clock,
  )
  return {
    findClient: async (clientId, mayFetch) => {
      if (readDocumentUrl(clientId) === null) return err('refused')
      const read = valueOf(await clients.find(clientId, mayFetch))
      // What a neighbour on the same address has used up must not shut out the users of wide-spread clients.
      const copy = !read.ok && read.error === 'too_often' ? findVendorCopy(clientId) : null
      return copy === null ? read : ok(copy)
    },
    findKeys: async (url, mayFetch, tried) => {
      if (readRemoteUrl(url) === null) return err('refused')
      const last = keySets.last(url)
      const isWorn = last !== null && last.value === tried && ageMs(last, deps.clock) > MIN_RENEWAL_MS
      return valueOf(await (isWorn ? keySets.renew(url, mayFetch) : keySets.find(url, mayFetch)))
    },
  }
}

interface Read<T> {
  readonly value: T
  /** When its own host gave it, on the monotonic clock; `null` for a copy of ours. */
  readonly readMs: number | null
}
type Cache<T> = RemoteCache<Read<T>, DocumentRefusal>

interface Source<T> {
  readonly url: string
  readonly maxBytes: number
  readonly read: (json: unknown) => Promise<Result<T, string>>
  /** What was read before. */
  readonly last: Read<T> | null
  readonly copy: T | null
}

async function load<T>(
  source: Source<T>,
  deps: DocumentsDeps,
): Promise<Result<Loaded<Read<T>>, DocumentRefusal>> {
  const fetched = await deps.remote.fetch(new URL(source.url), source.maxBytes)
  if (!fetched.ok) return standIn(source, fetched.error, deps)
  const read = await source.read(fetched.value.json)
  if (read.ok)
    return ok({
      value: { value: read.value, readMs: deps.clock.monotonicMs() },
      freshMs: fetched.value.freshMs,
    })
  deps.log.info({ event: 'client_document.refused', url: source.url, problem: read.error })
  return err('malformed')
}

/** While the host is away: what it said within a day, else our copy. Never for an error that the document itself holds. */
function standIn<T>(
  { url, last, copy }: Source<T>,
  failure: RemoteFailure,
  { clock, log }: DocumentsDeps,
): Result<Loaded<Read<T>>, DocumentRefusal> {
  const isRecent = last !== null && ageMs(last, clock) <= MAX_FRESH_MS
  const standing = isRecent ? last : copy === null ? null : { value: copy, readMs: null }
  const served = standing === null ? 'nothing' : isRecent ? 'what was read before' : `a copy of ${COPIED_ON}`
  log.info({ event: 'client_document.unavailable', url, failure, served })
  if (standing !== null) return ok({ value: standing, freshMs: MIN_FRESH_MS })
  return err(failure === 'address_refused' ? 'refused' : 'unavailable')
}

const ageMs = ({ readMs }: Read<unknown>, clock: Clock): number =>
  readMs === null ? Number.POSITIVE_INFINITY : clock.monotonicMs() - readMs

const valueOf = <T>(read: Result<Read<T>, DocumentRefusal>): Result<T, DocumentRefusal> =>
  read.ok ? ok(read.value.value) : read

/** Both as they come over the wire. Key sets may hold certificate chains. */
const MAX_DOCUMENT_BYTES = 5 * 1024
const MAX_KEY_SET_BYTES = 16 * 1024
/** A client that signs with a key its own set does not have makes us look again, but not at every request. */
const MIN_RENEWAL_MS = 60_000
