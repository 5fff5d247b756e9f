import { z } from 'zod'
import { claimRules } from '../../crypto/claim-rules.ts'
import { detection, detectionSettled } from '../../crypto/detection.ts'
import { machineClientId, MAX_MACHINE_KEYS } from '../../crypto/machine-proof.ts'
import { pastedKey } from '../../crypto/pasted-keys.ts'
import { addressRanges, objectsFixed, PRESETS, rateProfile, risk } from '../../crypto/restrictions.ts'

const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/)
const seconds = z.int().positive()
const clientId = z.string().min(1).max(512)

/** The last second of a grant that has none: the end of the year 9999. */
export const NEVER_S = 253_402_300_799

/**
 * What the portal's journal holds, by entry type. Bearer values appear only as keyed hashes or sealed under a key that
 * is derived from a value the portal does not keep. Times in seconds since the Unix epoch; the entry has its own, in ms.
 */
export const portalEntries = {
  /** A client that an owner said yes to, as it registered (RFC 7591) or as its metadata document stood. */
  'client.registered': z.strictObject({
    cid: clientId,
    name: z.string().max(60),
    redirectUris: z.array(z.string().max(2048)).min(1).max(30),
    authMethod: z.enum(['none', 'client_secret_basic', 'client_secret_post', 'private_key_jwt']),
    /** Its document lists `none` beside the method above. */
    publicToo: z.literal(true).optional(),
    /** Keyed hash of the secret of a confidential client. */
    secretHash: digest.optional(),
    /** Public keys by value (RFC 7517), as published. */
    jwks: z.record(z.string(), z.unknown()).optional(),
    jwksUri: z.url().max(512).optional(),
    grantTypes: z.array(z.enum(['authorization_code', 'refresh_token'])),
    /** Last second for which it is remembered without another use; 90 days after the entry where it is missing. */
    untilS: seconds.optional(),
  }),
  /** An owner's consent that the MCP server attested. */
  'connection.made': z.strictObject({
    gid: id,
    sub: z.string().max(100),
    cid: clientId,
    clientName: z.string().max(60),
    redirectHost: z.string().max(255),
    env: id,
    envLabel: z.string().max(60),
    scp: z.string().max(400),
    /** Last second of the grant, from the receipt; {@link NEVER_S} for an automation token without expiry. */
    maxS: seconds,
    /** An automation token: its one token id, and what it was narrowed to. `replaces`: the grant it followed. */
    ci: z
      .strictObject({
        rid: id,
        prf: rateProfile,
        rsk: risk,
        obj: objectsFixed.optional(),
        net: addressRanges.optional(),
        replaces: id.optional(),
      })
      .optional(),
  }),
  /** An automation token was replaced and ends at `maxS`, earlier than it was made for. */
  'connection.limited': z.strictObject({ gid: id, maxS: seconds }),
  /** Nothing is issued for the grant any more. Whether the MCP server knows it yet: `revocation.*`. */
  'connection.ended': z.strictObject({
    gid: id,
    by: z.enum(['owner', 'client', 'portal', 'mcp']),
    reason: z.enum([
      'revoked',
      'code_reused',
      'refresh_reused',
      'ended_elsewhere',
      'owner_gone',
      'reported',
      'not_delivered',
      'replaced',
    ]),
    /** Until when the end has to be remembered: the grant's last second. */
    maxS: seconds,
  }),
  /** First refresh token of a grant. */
  'refresh.issued': z.strictObject({
    gid: id,
    cid: clientId,
    hash: digest,
    scp: z.string().max(400),
    /** Receipt, sealed under a key derived from this refresh token. */
    receipt: z.string().max(4096),
    /** The refresh token's own end; it slides at every rotation, up to `maxS`. */
    expS: seconds,
    maxS: seconds,
  }),
  'refresh.rotated': z.strictObject({
    gid: id,
    cid: clientId,
    from: digest,
    to: digest,
    /** The successor, sealed under a key derived from the token it replaces. */
    successor: z.string().max(512),
    scp: z.string().max(400),
    receipt: z.string().max(4096),
    expS: seconds,
    maxS: seconds,
  }),
  /**
   * A machine client, or other keys for one: its root receipt, which is worth nothing to whoever lacks the proof. Its
   * connection stands in an entry of its own.
   */
  'machine.registered': z.strictObject({
    cid: machineClientId,
    gid: id,
    sub: z.string().max(100),
    env: id,
    scp: z.string().max(400),
    root: z.string().max(4096),
    proof: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('keys'), keys: z.array(pastedKey).min(1).max(MAX_MACHINE_KEYS) }),
      /** Keyed hash. */
      z.strictObject({ kind: z.literal('secret'), secretHash: digest }),
      z.strictObject({
        kind: z.literal('workload'),
        issuer: z.string().max(255),
        audience: z.string().max(255),
        rules: claimRules,
      }),
    ]),
    /** As its owner asked for it, to ask the same again with other keys. */
    asked: z.strictObject({
      prf: rateProfile,
      rsk: risk,
      obj: z.enum(PRESETS).optional(),
      net: addressRanges.optional(),
    }),
  }),
  'token.issued': z.strictObject({ rid: id, gid: id, cid: clientId, sha256: digest, expS: seconds }),
  /** The MCP server has been, or is about to be, asked to revoke; asked again until `revocation.settled`. */
  'revocation.pending': z.strictObject({
    id,
    target: z.discriminatedUnion('kind', [
      z.strictObject({ kind: z.literal('grant'), gid: id }),
      z.strictObject({ kind: z.literal('token'), rid: id, until: seconds.nullable() }),
      /** Everything of a person, known to this portal or not. */
      z.strictObject({ kind: z.literal('user'), sub: z.string().min(1).max(100) }),
    ]),
    reason: z.string().max(60),
    by: z.string().max(100),
  }),
  'revocation.settled': z.strictObject({ id, state: z.enum(['recorded', 'enforced']) }),
  /** The owner has read a notice and does not want to see it again. */
  'notice.dismissed': z.strictObject({ sub: z.string().min(1).max(100), notice: z.string().min(1).max(100) }),
  /** What was noticed about somebody's clients, and how much more of it there was. */
  'detection.raised': detection,
  'detection.settled': detectionSettled,
  /** Every owner of a live connection was looked up at Clerk; those who are gone had theirs ended before this entry. */
  'owners.checked': z.strictObject({ owners: z.int().nonnegative(), startedMs: z.int().positive() }),
} as const

export type PortalEntryType = keyof typeof portalEntries
export type PortalEntryData<T extends PortalEntryType> = z.output<(typeof portalEntries)[T]>
/** One entry as folds and projections read it. `atMs`: this portal's clock when it was journaled. */
export type PortalEntry = {
  [T in PortalEntryType]: { readonly type: T; readonly data: PortalEntryData<T>; readonly atMs: number }
}[PortalEntryType]

/**
 * Reads a journal entry.
 *
 * @throws Error on an unknown type or a malformed entry: a journal that this version cannot read whole must stop the
 *   start, or the end of a connection in it would be skipped silently.
 */
export function readPortalEntry(entry: {
  readonly type: string
  readonly data: unknown
  readonly atMs: number
}): PortalEntry {
  const { type, data, atMs } = entry
  if (!isPortalEntryType(type))
    throw new Error(`journal: unknown entry type ${JSON.stringify(type.slice(0, 60))}`)
  const read = portalEntries[type].safeParse(data)
  if (!read.success) throw new Error(`journal: malformed entry of type ${type}`)
  // The schema was picked by the type, so the pair is one member of the union.
  return { type, data: read.data, atMs } as PortalEntry
}

const isPortalEntryType = (type: string): type is PortalEntryType => Object.hasOwn(portalEntries, type)
