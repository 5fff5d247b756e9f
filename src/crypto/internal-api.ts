import { z } from 'zod'
import { addressRanges, objectsAsked, objectsFixed, rateProfile, risk } from './restrictions.ts'
import { machineClientId, machineProof } from './machine-proof.ts'

/**
 * What the portal may ask of the MCP server's internal listener (design §2). Each request body is a JWS
 * (`internal-call.ts`) whose `body` claim is the `ask` below; each `200` answer is the `answer` below, as JSON.
 * Refusals: `401` not a valid signed call, `409` used before, `422 {error}` refused on its merits, `503` cannot decide now.
 */
const id = z.string().regex(/^[A-Za-z0-9_-]{22}$/)
const keyId = z.string().regex(/^[a-z]{2}-[A-Za-z0-9_-]{8}$/)
const clerkToken = z.string().max(4096)
/** Single-use id of the portal's transaction; with it a 60-second Clerk token counts once per purpose. */
const transaction = id
const userId = z.string().min(1).max(100)

export const vaultOpen = {
  path: '/internal/vault/open',
  ask: z.strictObject({
    clerkToken,
    transaction,
    /** What the owner wants to do on the vault page. `replace`, `confirm` and `remove` name an environment and its blob. */
    purpose: z.enum(['add', 'replace', 'remove', 'grants', 'change']),
    /** The change that waits for this person, for `change` alone. */
    change: id.optional(),
    env: id.optional(),
    label: z.string().max(60).optional(),
    blob: z.string().max(2048).optional(),
    /** Account shown on the page, e.g. the e-mail address. Display only. */
    account: z.string().max(200),
  }),
  /** `handle` opens the page once within 60 s; `take` fetches the outcome within 15 min, by the same user and session. */
  answer: z.strictObject({ handle: z.string().max(100), take: z.string().max(100) }),
} as const

export const vaultTake = {
  path: '/internal/vault/take',
  ask: z.strictObject({ take: z.string().max(100), sub: userId, sid: userId }),
  answer: z.discriminatedUnion('state', [
    z.strictObject({ state: z.literal('pending') }),
    z.strictObject({ state: z.literal('gone') }),
    z.strictObject({
      state: z.literal('saved'),
      env: id,
      ver: z.int().positive(),
      label: z.string().max(60),
      host: z.string().max(255),
      blob: z.string().max(2048),
    }),
    z.strictObject({ state: z.literal('removed'), env: id }),
  ]),
} as const

export const grantAttest = {
  path: '/internal/grants',
  ask: z.strictObject({
    clerkToken,
    transaction,
    gid: id,
    env: id,
    blob: z.string().max(2048),
    cid: z.string().min(1).max(512),
    /** Host of the redirect URI and name of the client, for the owner's own list of grants. */
    clientName: z.string().max(200),
    redirectHost: z.string().max(255),
    scp: z.string().max(400),
    knd: z.enum(['at', 'ci']),
    prf: rateProfile,
    /** Longest life of the grant in seconds; null only for `ci`. */
    lifeS: z.int().positive().nullable(),
    /** Required for `ci`: the one token id the receipt will serve. */
    jti: id.optional(),
    /** Required for `ci`: kids of the portal's active token encryption and token signing key. The receipt fixes them. */
    kids: z.tuple([keyId, keyId]).optional(),
    /** Only for `ci`: objects, highest risk without a person, networks of the caller. Absent: all, low, any. */
    obj: objectsAsked.optional(),
    rsk: risk.optional(),
    net: addressRanges.optional(),
    /** Only for `ci`: a token of the same owner that this one follows, and the second at which that one ends. */
    replaces: z.strictObject({ gid: id, untilS: z.int().positive() }).optional(),
  }),
  answer: z.strictObject({
    receipt: z.string().max(2500),
    at: z.int().positive(),
    max: z.int().positive().nullable(),
    /** The object rules as fixed, with the version of their preset. */
    obj: objectsFixed.optional(),
  }),
} as const

/** An owner registers a machine client, or gives a registered one other keys (design §4.9). */
export const machineAttest = {
  path: '/internal/machines',
  ask: grantAttest.ask
    .pick({ clerkToken: true, transaction: true, gid: true, env: true, blob: true, scp: true, prf: true })
    .extend({
      cid: machineClientId,
      /** For the owner's own list of grants. */
      clientName: z.string().max(200),
      proof: machineProof,
      /** Objects, highest risk without a person, networks of the caller. Absent: all, low, any. */
      obj: objectsAsked.optional(),
      rsk: risk.optional(),
      net: addressRanges.optional(),
    }),
  answer: z.strictObject({
    root: z.string().max(4096),
    at: z.int().positive(),
    /** The object rules as fixed, with the version of their preset. */
    obj: objectsFixed.optional(),
  }),
} as const

/** A machine client wants a token: its root receipt and its proof, both verified by the MCP server itself. */
export const grantDerive = {
  path: '/internal/grants/derive',
  ask: z.strictObject({
    root: z.string().max(4096),
    proof: z.discriminatedUnion('kind', [
      /** `private_key_jwt` (RFC 7523 §2.2), and the public key that signed it: a JWK whose thumbprint the root names. */
      z.strictObject({
        kind: z.literal('keys'),
        assertion: z.string().max(4096),
        jwk: z.record(z.string(), z.string().max(1400)),
      }),
      z.strictObject({ kind: z.literal('secret'), secret: z.string().max(100) }),
      z.strictObject({ kind: z.literal('workload'), assertion: z.string().max(6144) }),
    ]),
    /** What the child may do: not more than its root. */
    scp: z.string().min(1).max(400),
  }),
  answer: z.strictObject({
    receipt: z.string().max(2500),
    at: z.int().positive(),
    max: z.int().positive(),
  }),
} as const

/** RFC 7662 §2, for the operator alone: what a token is, as the MCP server would judge it now, without its credential. */
export const introspection = {
  path: '/internal/introspect',
  ask: z.strictObject({ token: z.string().min(1).max(4000) }),
  answer: z.discriminatedUnion('active', [
    z.strictObject({ active: z.literal(false) }),
    z.strictObject({
      active: z.literal(true),
      token_type: z.literal('Bearer'),
      scope: z.string(),
      client_id: z.string(),
      sub: z.string(),
      iss: z.string(),
      aud: z.string(),
      jti: id,
      iat: z.int(),
      exp: z.int().optional(),
      kind: z.enum(['connection', 'automation', 'machine']),
      grant_id: id,
      environment: id,
      maximo_host: z.string(),
      /** Milliseconds of the MCP server's clock: what `revoke before` and `revoke window` compare. */
      attested_at_ms: z.int(),
      profile: rateProfile,
      risk,
      objects: objectsFixed.optional(),
      networks: addressRanges.optional(),
      /** Of the encryption, the signature and the receipt: what `revoke key` names. */
      kids: z.tuple([keyId, keyId, keyId]),
    }),
  ]),
} as const

export const grantStatus = {
  path: '/internal/grants/status',
  ask: z.strictObject({ gid: id }),
  answer: z.strictObject({ state: z.enum(['live', 'ended', 'unknown']) }),
} as const

/** When each of a user's automation grants was last used, as far as the asked server knows. Exact while it runs. */
export const lastUses = {
  path: '/internal/grants/last-use',
  ask: z.strictObject({ sub: userId, gids: z.array(id).min(1).max(100) }),
  answer: z.strictObject({
    uses: z.array(
      z.strictObject({
        gid: id,
        atMs: z.int().positive(),
        address: z.string().max(64),
        /** `User-Agent`, cut. */
        client: z.string().max(120),
        tool: z.string().max(64),
      }),
    ),
  }),
} as const

/** How long a credential may serve depends on what it opens. */
export const environmentClass = z.enum(['production', 'test'])
export type EnvironmentClass = z.infer<typeof environmentClass>

/** The age of an owner's Maximo credentials, out of the MCP server's own records. */
export const credentialAges = {
  path: '/internal/credentials',
  ask: z.strictObject({ sub: userId }),
  answer: z.strictObject({
    credentials: z
      .array(
        z.strictObject({
          env: id,
          ver: z.int().positive(),
          cls: environmentClass,
          state: z.enum(['fresh', 'due', 'overdue']),
          ageDays: z.int().nonnegative(),
          /** Days until it should be replaced; negative when that is over. */
          leftDays: z.int(),
          /** Whether the Maximo user is an administrator; null: not known. */
          admin: z.boolean().nullable(),
          /** When Maximo first refused it, with no answer to it since; null: as far as this server saw it does not. */
          refusedSinceMs: z.int().positive().nullable(),
        }),
      )
      .max(100),
  }),
} as const

/** Changes of Maximo that wait for a person's yes: their own, and those that take theirs as a second. Nothing of what they say. */
export const changesWaiting = {
  path: '/internal/changes',
  ask: z.strictObject({ sub: userId }),
  answer: z.strictObject({
    changes: z.array(z.strictObject({ id, risk, madeMs: z.int().positive(), isOwn: z.boolean() })).max(100),
  }),
} as const

export const planRecord = {
  path: '/internal/plan',
  ask: z.strictObject({ clerkToken, transaction }),
  answer: z.strictObject({ state: z.literal('recorded') }),
} as const

/**
 * A user's plan and features as the portal read them at Clerk after an event there. Nobody signed them, so they can only
 * lower what Clerk signed (design §4.5), until a token that was issued later says otherwise.
 */
export const planCap = {
  path: '/internal/plan/cap',
  ask: z.strictObject({ sub: userId, pla: z.string().max(100), fea: z.string().max(300) }),
  answer: z.strictObject({ state: z.literal('recorded') }),
} as const

export const revocationTarget = z.discriminatedUnion('kind', [
  /** `until`: seconds since the epoch when the token expires by itself; null for a token without expiry. */
  z.strictObject({ kind: z.literal('token'), rid: id, until: z.int().positive().nullable() }),
  z.strictObject({ kind: z.literal('grant'), gid: id }),
  z.strictObject({ kind: z.literal('user'), sub: userId }),
  z.strictObject({ kind: z.literal('client'), cid: z.string().min(1).max(512) }),
  z.strictObject({ kind: z.literal('env'), env: id }),
  z.strictObject({ kind: z.literal('key'), kid: z.string().min(1).max(40) }),
  /** Everything attested earlier; milliseconds of the MCP server's clock, by which alone receipts are dated. */
  z.strictObject({ kind: z.literal('before'), beforeMs: z.int().positive() }),
  /** Everything attested from one millisecond to another, both included. */
  z.strictObject({ kind: z.literal('window'), fromMs: z.int().positive(), toMs: z.int().positive() }),
])
export type RevocationTarget = z.infer<typeof revocationTarget>

export const revocationAsk = {
  path: '/internal/revocations',
  ask: z.strictObject({ target: revocationTarget, reason: z.string().max(60), by: z.string().max(100) }),
  /**
   * `recorded`: durable in the journal. `enforced`: the store has it, and so has every MCP server on its own disk, so the
   * very next call is refused whatever fails. `servers`: on how many of several it is durable.
   */
  answer: z.strictObject({
    state: z.enum(['recorded', 'enforced']),
    servers: z.strictObject({ have: z.int().positive(), of: z.int().positive() }).optional(),
  }),
} as const

/** Number and hash of a journal's last record; 0 and its writer for none. */
const tip = z.strictObject({ n: z.int().nonnegative(), hash: z.string().min(1).max(100) })
const journalLines = z.array(z.string().max(400_000)).max(256)

/** Among servers of one service, with their peer key: the asking one sends what its journal holds behind `after`. */
export const journalCopy = {
  path: '/internal/journals',
  ask: z.strictObject({ writer: z.string().max(64), after: tip, lines: journalLines }),
  answer: z.strictObject({ state: z.enum(['kept', 'elsewhere', 'forked', 'unreadable']), tip }),
} as const

/** The same, for a server whose own journal was lost or restored from a backup: what the asked one holds of it. */
export const journalFetch = {
  path: '/internal/journals/fetch',
  ask: z.strictObject({ writer: z.string().max(64), after: tip }),
  answer: z.strictObject({ state: z.enum(['lines', 'forked']), lines: journalLines, more: z.boolean() }),
} as const

export const headExchange = {
  path: '/internal/heads',
  ask: z.strictObject({ head: z.string().max(2048) }),
  answer: z.strictObject({ head: z.string().max(2048) }),
} as const
