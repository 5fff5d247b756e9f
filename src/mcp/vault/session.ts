import { z } from 'zod'

/** What the owner came to the vault for. */
const vaultPurpose = z.enum(['add', 'replace', 'remove', 'grants', 'change'])
export type VaultPurpose = z.infer<typeof vaultPurpose>

/** An environment as the vault shows it. `host` comes out of its wrapped credential, never from the portal. */
const shownEnvironment = z.strictObject({
  id: z.string(),
  label: z.string(),
  host: z.string(),
})
export type ShownEnvironment = z.infer<typeof shownEnvironment>

/** One visit of one owner. Sealed in the store; whoever holds the cookie's secret is its owner. */
export const vaultSession = z.strictObject({
  sub: z.string(),
  sid: z.string(),
  /** E-mail address; display only. */
  account: z.string(),
  purpose: vaultPurpose,
  environment: shownEnvironment.nullable(),
  /** The credential that the portal keeps for it; null for a new one. */
  blob: z.string().nullable(),
  /** Digest of the handle by which the portal takes the outcome. */
  take: z.string(),
  /** Something was saved or removed: the forms of this visit do not work twice. */
  isDone: z.boolean(),
  endsMs: z.number(),
  /** The planned change that it is about, in every letter. */
  change: z.strictObject({ id: z.string(), digest: z.string() }).optional(),
})
export type VaultSession = z.infer<typeof vaultSession>

/** What the portal finds under its `take` handle. */
export const vaultOutcome = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('pending') }),
  z.strictObject({
    state: z.literal('saved'),
    env: z.string(),
    ver: z.number(),
    label: z.string(),
    host: z.string(),
    blob: z.string(),
  }),
  z.strictObject({ state: z.literal('removed'), env: z.string() }),
])
export type VaultOutcome = z.infer<typeof vaultOutcome>
