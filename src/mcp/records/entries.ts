import { z } from 'zod'
import { receiptClaims } from '../../crypto/claims.ts'
import { detection, detectionSettled } from '../../crypto/detection.ts'
import { environmentClass, revocationTarget } from '../../crypto/internal-api.ts'
import { risk } from '../../crypto/restrictions.ts'

/**
 * The records of the MCP server's journal: everything that must outlive the store. This format is final: a member may be
 * added as optional, none may change its meaning. Times are milliseconds of the writing server's clock unless named `…S`.
 */
const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const userId = z.string().min(1).max(100)
const kid = z.string().min(1).max(40)
const timeMs = z.int().positive()
const version = z.int().positive()
const blob = z.string().min(1).max(2048)

/** A receipt was made. Every grant that exists stands here, whoever asked for it. */
export const grantAttested = z.strictObject({
  gid: id,
  sub: userId,
  sid: userId,
  env: id,
  cid: z.string().min(1).max(512),
  scp: z.string().max(400),
  knd: receiptClaims.shape.knd,
  prf: receiptClaims.shape.prf,
  /** For the owner's list; claimed by the client, never trusted. */
  clientName: z.string().max(200),
  redirectHost: z.string().max(255),
  /** As in the receipt: compared with watermarks. */
  at: timeMs,
  /** Latest expiry in seconds; null for an automation grant without expiry. */
  maxS: z.int().positive().nullable(),
  /** Version of the credential inside. */
  ver: version,
  /** Key of the receipt. */
  kid,
  /** As in the receipt, where the owner narrowed the grant. */
  obj: receiptClaims.shape.obj,
  rsk: receiptClaims.shape.rsk,
  net: receiptClaims.shape.net,
  /** A machine client's root receipt: its id on the allow-list, and the kind of proof it fixes. */
  machine: z.strictObject({ rid: id, proof: z.enum(['keys', 'secret', 'workload']) }).optional(),
})

/** The one token of an automation grant, or the root receipt of a machine client, may be used. Without this record it may not. */
export const allowAdded = z.strictObject({
  jti: id,
  gid: id,
  maxS: z.int().positive().nullable(),
  /** Keys that this token may be made with: as long as one of them is named here, it may not be retired. */
  kids: z.array(kid).max(20),
})

/** An automation token was replaced and ends at `untilS`, seconds, earlier than its receipt says. */
export const grantLimited = z.strictObject({ gid: id, jti: id, untilS: z.int().positive() })

/** An automation grant was used. Written now and then, so that the owner's list survives a restart, never per call. */
export const grantUsed = z.strictObject({
  gid: id,
  atMs: timeMs,
  address: z.string().max(64),
  /** `User-Agent`, cut. */
  client: z.string().max(120),
  tool: z.string().max(64),
})

export const revocationMade = z.strictObject({
  target: revocationTarget,
  /**
   * Users, clients, environments and keys: receipts attested up to this time end; it lies 5 s ahead of the clock. Of a
   * revocation by time: what was asked for, unless that was the present. Without meaning for tokens, grants and windows.
   */
  markMs: timeMs,
  /** Tokens and grants: when they would end by themselves, in seconds; null when not known or never. */
  untilS: z.int().positive().nullable(),
  reason: z.string().max(60),
  by: z.string().max(100),
})

/** Plan and features of a user, as Clerk signed them. */
export const planRecorded = z.strictObject({
  sub: userId,
  pla: z.string().max(100),
  fea: z.string().max(300),
  /** `iat` of the Clerk token, in seconds: an older token never overwrites a newer. */
  iatS: z.int().positive(),
})

/** What a user may have at most, unless a token that Clerk issued after `atS` says so. Replaces an earlier cap. */
export const planCapped = z.strictObject({
  sub: userId,
  pla: z.string().max(100),
  fea: z.string().max(300),
  /** This server's clock, in seconds. */
  atS: z.int().positive(),
})

/** A credential passed its test. From here on it serves every receipt of this owner and environment. */
export const credentialSaved = z.strictObject({
  sub: userId,
  env: id,
  ver: version,
  blob,
  /** Origin of the Maximo base URL: a replacement has the same. */
  origin: z.url().max(255),
  label: z.string().max(60),
  /** The one it replaced, kept until confirmed or for 7 days. */
  previous: z.strictObject({ ver: version, blob }).nullable(),
  /** What the owner says the environment is; absent: as before, at first production. */
  cls: environmentClass.optional(),
  /** Whether the Maximo user behind it is an administrator; absent: not asked, as when a server renews it by itself. */
  admin: z.boolean().optional(),
  /** When a person last chose the key; absent: now. */
  since: timeMs.optional(),
})

/** The owner no longer needs the credential that version `ver` replaced. */
export const credentialConfirmed = z.strictObject({ sub: userId, env: id, ver: version })

/** The owner went back: the former content, wrapped anew as version `ver`. Versions only grow. */
export const credentialReverted = z.strictObject({ sub: userId, env: id, ver: version, blob })

/** The owner removed an environment. Its id is never used again. */
export const environmentRemoved = z.strictObject({ sub: userId, env: id, markMs: timeMs })

/**
 * A change of Maximo begins: on disk before its first request, so that it is never sent again. Until every one of its
 * records has a `change.step`, or `change.ended` says that no more follow, the first without one may have been sent.
 */
export const changeBegun = z.strictObject({
  /** Of the plan; also Maximo's `transactionid`, with the number of the record. */
  id,
  sub: userId,
  gid: id,
  env: id,
  tool: z.string().max(64),
  risk,
  /** Who agreed. */
  approval: z.strictObject({
    by: z.enum(['policy', 'grant', 'elicitation', 'page']),
    sub: userId.optional(),
  }),
  /** Digest of the plan that was agreed to. */
  digest: z.string().max(43),
  records: z.int().positive().max(200),
  /** Sent as one request, of which all records are written or none. */
  together: z.literal(true).optional(),
  /** The plan, for whoever has to look what became of it: sealed under a key of this server. */
  plan: z.string().max(120_000),
})

/** What became of one record of a change. A later one of the same record replaces it: somebody has looked. */
export const changeStep = z.strictObject({
  id,
  index: z.int().min(0).max(200),
  /** `unknown`: the answer was lost. `unclear`: looked, and it cannot be told; it is not looked at again. */
  outcome: z.enum(['written', 'not_written', 'unknown', 'unclear']),
  /** Why, or how it is known: a snake_case word. */
  why: z.string().max(60).optional(),
  /** Resource id and name of a record that it made. */
  made: z.strictObject({ id: z.string().max(1000), label: z.string().max(200) }).optional(),
  /** The question that Maximo asked instead: sealed under a key of this server. */
  asked: z.string().max(8_000).optional(),
  /** Row stamp that the write left, where another record of the change follows on the same one. */
  stamp: z.string().max(40).optional(),
})

/** Nothing more of a change will be sent. */
export const changeEnded = z.strictObject({ id })

export const RECORD_SCHEMAS = {
  'grant.attested': grantAttested,
  'allow.added': allowAdded,
  'grant.limited': grantLimited,
  'grant.used': grantUsed,
  'revocation.made': revocationMade,
  'plan.recorded': planRecorded,
  'plan.capped': planCapped,
  'credential.saved': credentialSaved,
  'credential.confirmed': credentialConfirmed,
  'credential.reverted': credentialReverted,
  'environment.removed': environmentRemoved,
  'change.begun': changeBegun,
  'change.step': changeStep,
  'change.ended': changeEnded,
  /** What was noticed about somebody's connections, and how much more of it there was. */
  'detection.raised': detection,
  'detection.settled': detectionSettled,
} as const

export type RecordType = keyof typeof RECORD_SCHEMAS
export type RecordData<T extends RecordType> = z.infer<(typeof RECORD_SCHEMAS)[T]>

/** One record out of the journal: `type` decides what `data` is. `writtenMs` is the journal's own time of writing. */
export type McpRecord = {
  [T in RecordType]: { readonly type: T; readonly data: RecordData<T>; readonly writtenMs: number }
}[RecordType]

/**
 * Reads a journal entry's type and data.
 *
 * @throws Error on an unknown type or a malformed record: a journal that this version cannot read whole must stop the
 *   start, or a revocation in it would be skipped silently.
 */
export function readRecord(type: string, data: unknown, writtenMs: number): McpRecord {
  if (!isRecordType(type))
    throw new Error(`journal: unknown record type ${JSON.stringify(type.slice(0, 60))}`)
  const read = RECORD_SCHEMAS[type].safeParse(data)
  if (!read.success) throw new Error(`journal: malformed record of type ${type}`)
  // The schema was picked by the type, so the pair is one member of the union.
  return { type, data: read.data, writtenMs } as McpRecord
}

const isRecordType = (type: string): type is RecordType => Object.hasOwn(RECORD_SCHEMAS, type)
