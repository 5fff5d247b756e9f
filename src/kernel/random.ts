import { randomBytes, randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096
const ID_BYTES = 16

/** Random bytes drawn ahead: one call of the generator serves 256 ids. Each byte is handed out once. */
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/** 128 random bits as 22 characters of base64url: ids of requests, tokens, grants, transactions, environments. */
export function randomId(): string {
  if (used === POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  used += ID_BYTES
  return pool.toString('base64url', used - ID_BYTES, used)
}

/** 256 random bits as 43 characters of base64url: bearer secrets (refresh tokens, client secrets). */
export const randomSecret = (): string => randomBytes(32).toString('base64url')
