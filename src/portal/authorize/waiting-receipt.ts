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

export const WAITING_RECEIPT_TYP = 'mx-waiting-receipt+jwe'
export const CODE_LIFE_S = 300
