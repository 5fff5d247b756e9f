import type { CallSignal } from '../kernel/call-signal.ts'
import type { Result } from '../kernel/result.ts'
import type { Secret } from '../kernel/secret.ts'
import type { AnswerAge } from './answer-age.ts'
import type { CredentialMethod } from './credentials/credential.ts'
import type { HearVerdict } from './credentials/verdict.ts'
import type { Urgency } from './http/bulkhead.ts'
import type { GroupQuery, PageCursor, Query, QueryProblem, Select } from './query/query.ts'
import type { ObjectSchema } from './schema/object-schema.ts'

/** Every call carries the first two. An aborted call rejects with the signal's reason, and its socket is destroyed. */
export interface MaximoCall {
  readonly signal: CallSignal
  /** Sent as `x-correlation-id`: letters, digits, `-`, `_`, at most 64. */
  readonly correlationId: string
  /** Sent as `traceparent` (W3C Trace Context): the trace that the call is part of. */
  readonly traceparent?: string | null
  /** Who goes first when this environment is busy; a person unless said otherwise. */
  readonly urgency?: Urgency
  /** Kept answers will do, where the operator allows any; learns how old they are. Absent: nothing but fresh ones. */
  readonly age?: AnswerAge
}

export interface MaximoEnvironment {
  /** `https://host/maximo`, checked by `checkBaseUrl`. */
  readonly baseUrl: string
  /** What `credential` holds is said by its method. */
  readonly method: CredentialMethod
  readonly credential: Secret<string>
  /** Thumbprint of the operator's client certificate that is shown besides. */
  readonly certificate?: string | undefined
  /** See `BearerOptions.onReplaced`; without it a replaced refresh token is used as long as this client lives. */
  readonly onReplaced?: (credential: string) => Promise<void>
  /** Told whenever Maximo took or refused the credential. */
  readonly onVerdict?: HearVerdict
}

/**
 * One Maximo environment as one Maximo user. Every method throws {@link MaximoFault} when Maximo, the network or
 * the egress rules say no, and answers a `Result` with problems when the question itself is at fault.
 */
export interface MaximoClient {
  whoAmI(call: MaximoCall): Promise<WhoAmI>
  /** Object structures the user may use (`apimeta`), by name. Cached as long as a schema. */
  objectStructures(call: MaximoCall): Promise<readonly ObjectStructureInfo[]>
  /** Cached for 10 minutes, concurrent calls share one request. @throws MaximoFault not_found, not_permitted. */
  schema(objectStructure: string, call: MaximoCall): Promise<ObjectSchema>
  /** What is known of the release. Cached like a schema. */
  version(call: MaximoCall): Promise<MaximoVersion>
  /** Whether the user may read these object structures, at most 50, asked one by one. Cached like a schema. */
  rights(objectStructures: readonly string[], call: MaximoCall): Promise<readonly ObjectRight[]>
  /** The saved queries that `Query.saved` can name. Cached like a schema. */
  savedQueries(objectStructure: string, call: MaximoCall): Promise<readonly SavedQueryInfo[]>
  query(query: Query, call: MaximoCall): Promise<Result<RecordPage, readonly QueryProblem[]>>
  /** What `query` would ask, without asking it. */
  preview(query: Query, call: MaximoCall): Promise<Result<QueryPreview, readonly QueryProblem[]>>
  /** Every page of a query, the next one asked for when the one before was taken; ends behind the last or a refusal. */
  pages(query: Query, call: MaximoCall): AsyncGenerator<Result<RecordPage, readonly QueryProblem[]>>
  aggregate(query: GroupQuery, call: MaximoCall): Promise<Result<GroupPage, readonly QueryProblem[]>>
  /** Null: no such record, or none this user may see. A number without its site can be `ambiguous_key`. */
  findRecord(
    ref: RecordRef,
    select: Select,
    call: MaximoCall,
  ): Promise<Result<FoundRecord | null, readonly QueryProblem[]>>
  /** What is attached to a record, without the bytes. Null: no such record. */
  attachments(
    ref: RecordRef,
    call: MaximoCall,
  ): Promise<Result<readonly Attachment[] | null, readonly QueryProblem[]>>
  /** One attachment's metadata, by its id. Null: no such record, or none of that id at it. */
  attachment(
    ref: RecordRef,
    attachmentId: string,
    call: MaximoCall,
  ): Promise<Result<Attachment | null, readonly QueryProblem[]>>
  /** One attachment with its bytes, read as they are taken. Null: as above. An address is `not_supported`. */
  attachmentFile(
    ref: RecordRef,
    attachmentId: string,
    call: MaximoCall,
  ): Promise<Result<AttachmentFile | null, readonly QueryProblem[]>>
  /** A part of what waits for this user's answer in workflows (MXAPIWFASSIGNMENT), the oldest first, with the total. */
  inbox(
    part: Pick<Query, 'page' | 'pageSize'>,
    call: MaximoCall,
  ): Promise<Result<RecordPage, readonly QueryProblem[]>>
  /**
   * What a field of this record may hold now, as Maximo's own rules choose it: the domain, or a part of it. Null: no such
   * record. `not_supported`: there is no list, or one of other records.
   */
  valueList(
    ref: RecordRef,
    field: string,
    call: MaximoCall,
  ): Promise<Result<readonly DomainValue[] | null, readonly QueryProblem[]>>
  /** Values of a synonym or ALN domain (`WOSTATUS`). Empty: no such domain. Cached like a schema. */
  domainValues(domainId: string, call: MaximoCall): Promise<readonly DomainValue[]>
  /** Forgets the caches. Connections belong to the egress. */
  close(): void
}

export interface RecordRef {
  readonly objectStructure: string
  /** `BEDFORD/1001`, `1001`, a resource id (`_QkVERk9SRC8xMDAx`) or a record's address in this environment. */
  readonly id: string
}

export interface MaximoRecord {
  /** Resource id for `findRecord`; null when Maximo's address for it is not inside this environment. */
  readonly id: string | null
  /** A decimal string, Maximo's version of the row. */
  readonly rowstamp: string | null
  /**
   * The row as Maximo gave it: absent = null; `relation.attribute` under that very name; children as arrays;
   * `<attr>_description` beside attributes with a value list. Texts are untrusted.
   */
  readonly values: Readonly<Record<string, unknown>>
}

export interface RecordPage {
  readonly records: readonly MaximoRecord[]
  /** Exact, or null when not asked for or not credible. Never guessed. */
  readonly total: number | null
  readonly next: PageCursor | null
  /** The compiled query in plain English, and what to know about it. */
  readonly reading: string
  readonly notes: readonly string[]
}

export interface QueryPreview {
  /** The parameters of each request, readable; more than one where the answer is put together. */
  readonly requests: readonly Readonly<Record<string, string>>[]
  readonly reading: string
  readonly notes: readonly string[]
}

export interface FoundRecord {
  readonly record: MaximoRecord
  readonly schema: ObjectSchema
}

export interface GroupPage {
  readonly groups: readonly GroupRow[]
  /** False: there were more groups than `limit`. */
  readonly isComplete: boolean
  readonly reading: string
  readonly notes: readonly string[]
}

export interface GroupRow {
  /** By `groupBy` name; null where Maximo has none. */
  readonly by: Readonly<Record<string, unknown>>
  /** By metric: `count`, `sum_totalcost`. */
  readonly metrics: Readonly<Record<string, number | string | null>>
}

export interface WhoAmI {
  readonly userName: string
  readonly personId: string | null
  readonly displayName: string | null
  readonly email: string | null
  readonly defaultSite: string | null
  readonly insertSite: string | null
  readonly defaultOrg: string | null
  readonly language: string | null
  readonly timeZone: string | null
}

export interface ObjectStructureInfo {
  /** Upper case. */
  readonly name: string
  readonly description: string | null
}

export interface SavedQueryInfo {
  /** As `savedQuery` takes it; letter case counts. */
  readonly name: string
  readonly title: string | null
}

export interface DomainValue {
  readonly value: string
  /** The internal value that rules look at (`maxvalue`); null for ALN domains. */
  readonly internal: string | null
  readonly description: string | null
  readonly isDefault: boolean
  readonly siteId: string | null
  readonly orgId: string | null
}

export interface MaximoVersion {
  /** `7.6.1.3`, `9.1`; null: Maximo does not say. */
  readonly release: string | null
  readonly build: string | null
}

export interface ObjectRight {
  /** Upper case. */
  readonly objectStructure: string
  /** `absent`: there is no such object structure, or it is not enabled. */
  readonly read: 'granted' | 'denied' | 'absent'
  /** Maximo's reason when it is not granted. */
  readonly code: string | null
}

/** Texts are untrusted. */
export interface Attachment {
  /** A number; null when Maximo names none. */
  readonly id: string | null
  readonly kind: 'file' | 'url'
  readonly fileName: string | null
  readonly title: string | null
  readonly description: string | null
  /** The folder: `Attachments`, `Images`. */
  readonly docType: string | null
  /** Of a file: `image/png`. */
  readonly mediaType: string | null
  readonly sizeBytes: number | null
  readonly createdBy: string | null
  /** Instants as Maximo writes them. */
  readonly created: string | null
  readonly changedBy: string | null
  readonly modified: string | null
  /** The business object it hangs at: a task's attachment is also shown at its work order. */
  readonly ownerTable: string | null
}

export interface AttachmentFile {
  readonly attachment: Attachment
  /** Rejects when it breaks off; what came before is then not the file. At most 64 MiB, in the time of one call. */
  readonly bytes: AsyncIterable<Uint8Array>
}

export interface AllowedState {
  readonly value: string
  readonly internal: string
  readonly description: string | null
  readonly isDefault: boolean
}
