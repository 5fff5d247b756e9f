import { LRUCache } from 'lru-cache'
import { keyedHash } from '../crypto/digest.ts'
import type { HashValue } from './record.ts'

/** Hashes query values with a key; the few values that come again and again (sites, statuses) are hashed once. */
export function valueHasher(key: Uint8Array): HashValue {
  const known = new LRUCache<string, string>({ max: MAX_KNOWN })
  return (value) => {
    const found = known.get(value)
    if (found !== undefined) return found
    const hashed = keyedHash(key, value).slice(0, HASH_CHARS)
    if (value.length <= MAX_KNOWN_CHARS) known.set(value, hashed)
    return hashed
  }
}

/** 132 bits. */
const HASH_CHARS = 22
const MAX_KNOWN = 4096
/** A list of selected fields comes again as well. */
const MAX_KNOWN_CHARS = 256
