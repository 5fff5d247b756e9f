import { randomFillSync } from 'node:crypto'

const POOL_BYTES = 4096
const ID_BYTES = 16
const SECRET_BYTES = 32

/** Random bytes drawn ahead: one call of the generator serves 256 ids. Each byte is handed out once, and not kept. */
const pool = Buffer.alloc(POOL_BYTES)
let used = POOL_BYTES

/** So many random bytes, for keys and initialisation vectors. At most 4,096. */
export function random(bytes: number): Buffer {
  if (used + bytes > POOL_BYTES) {
    randomFillSync(pool)
    used = 0
  }
  const drawn = Buffer.from(pool.subarray(used, used + bytes))
  pool.fill(0, used, used + bytes)
  used += bytes
  return drawn
}

/** 128 random bits as 22 characters of base64url: ids of requests, tokens, grants, transactions, environments. */
export const randomId = (): string => random(ID_BYTES).toString('base64url')

/** 256 random bits as 43 characters of base64url: bearer secrets (refresh tokens, client secrets). */
export const randomSecret = (): string => random(SECRET_BYTES).toString('base64url')
