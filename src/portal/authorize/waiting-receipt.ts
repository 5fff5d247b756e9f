import { z } from 'zod'

/**
 * A receipt between consent and code exchange. It waits in the store under a key that travels in the code alone, so the
 * store by itself holds nothing of use.
 */
export const waitingReceipt = z.strictObject({
  receipt: z.string().max(2500),
  /** Last second of the grant. */
  maxS: z.int().positive(),
})
export type WaitingReceipt = z.output<typeof waitingReceipt>

/** An automation token between the form and the exchange of its code, kept in the same way. */
export const waitingToken = z.strictObject({
  token: z.string().max(4_000),
  rid: z.string().length(22),
  /** Null: no expiry. */
  expS: z.int().positive().nullable(),
  scope: z.string().max(400),
})
export type WaitingToken = z.output<typeof waitingToken>

export const WAITING_TOKEN_TYP = 'mx-waiting-token+jwe'
export const WAITING_RECEIPT_TYP = 'mx-waiting-receipt+jwe'
export const CODE_LIFE_S = 300
