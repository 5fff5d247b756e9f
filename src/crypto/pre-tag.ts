import { createHmac, type KeyObject } from 'node:crypto'
import type { Key } from './keys/key.ts'

/**
 * The tag `rt` in the header of an access token: HMAC-SHA-256 over kind, kid and token id, cut to 128 bits. It tells
 * tokens of ours from garbage for a few microseconds; who knows the key can waste our RSA time and nothing else.
 */
export function preTag(key: Key<'pre-tag'>, kid: string, rid: string): string {
  const secret = key.material as KeyObject // pre-tag secrets are always loaded as KeyObject
  return createHmac('sha256', secret)
    .update(`at1|${kid}|${rid}`)
    .digest()
    .subarray(0, TAG_BYTES)
    .toString('base64url')
}

const TAG_BYTES = 16
