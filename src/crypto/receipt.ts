import type { Result } from '../kernel/result.ts'
import type { Receipt } from './credential.ts'
import type { McpKeys } from './keys/key-ring.ts'
import type { Reason, TooLong } from './reason.ts'

export interface OpenedReceipt {
  readonly receipt: Receipt
  readonly kid: string
}

/** Makes a grant receipt. Only the MCP server holds the key, so only it can make or read one. */
export function sealReceipt(
  receipt: Receipt,
  keys: Pick<McpKeys, 'receipt'>,
): Promise<Result<string, TooLong>> {
  return Promise.reject(new Error(`not implemented ${receipt.gid} ${keys.receipt.purpose}`))
}

/** Opens a receipt of our own. Whose token carries it is the caller's to compare. */
export function openReceipt(
  jwe: string,
  keys: Pick<McpKeys, 'receipt'>,
): Promise<Result<OpenedReceipt, Reason>> {
  return Promise.reject(new Error(`not implemented ${String(jwe.length)} ${keys.receipt.purpose}`))
}
