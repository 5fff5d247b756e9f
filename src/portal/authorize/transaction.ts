import { z } from 'zod'
import { storedClient } from '../records/projection.ts'

/** An authorization request that was found valid and waits for the owner's decision: ten minutes, answered once. */
export const transaction = z.strictObject({
  /** As it stood when the request was validated: what the owner is shown, and says yes to. */
  client: storedClient.extend({ source: z.enum(['file', 'document', 'registration']) }),
  /** As requested, byte for byte. */
  redirectUri: z.string().max(1024),
  state: z.string().max(4096).nullable(),
  challenge: z.string().length(43),
  /** As `joinOffline` writes it. */
  scp: z.string().max(400),
  /** The client can and will get a refresh token. */
  staysConnected: z.boolean(),
  audience: z.url(),
  /** Environment that the client's address names. */
  env: z.string().nullable(),
  /** Trace of this login. */
  trace: z.string().length(22),
  /** Digest of the browser's mark. */
  browser: z.string().length(43),
})
export type Transaction = z.output<typeof transaction>

export const TRANSACTION_LIFE_MS = 600_000

export const isTransactionId = (id: string | undefined): id is string =>
  id !== undefined && /^[A-Za-z0-9_-]{22}$/.test(id)

export const readTransaction = (text: string | null): Transaction | null =>
  text === null ? null : transaction.parse(JSON.parse(text))

export const consentPath = (transactionId: string): string => `/oauth/consent?txn=${transactionId}`
