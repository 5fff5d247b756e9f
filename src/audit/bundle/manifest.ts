import { z } from 'zod'

const digest = z.string().regex(/^[0-9a-f]{64}$/)
/** A name in the bundle's own folder: a bundle may come from anywhere. */
const fileName = z.string().regex(/^[A-Za-z0-9_-][A-Za-z0-9_.-]{0,99}$/)

/** What a bundle says about the records of one log. */
const bundledLog = z.strictObject({
  origin: z.string().max(100),
  file: fileName,
  sha256: digest,
  /** Number and hash of the record before the first one. */
  before: z.strictObject({ n: z.int().nonnegative(), hash: z.string().max(43) }),
  /** Number of the last record: behind the period, as far as the signed head goes that vouches for it. */
  last: z.int().positive(),
})
export type BundledLog = z.infer<typeof bundledLog>

/** `manifest.json`: what is in a bundle, and for which period it was made. */
export const manifest = z.strictObject({
  v: z.literal(1),
  made: z.string(),
  /** RFC 3339; absent: from the beginning, to the end. */
  from: z.string().optional(),
  to: z.string().optional(),
  logs: z.array(bundledLog),
  keys: z.strictObject({ file: fileName, sha256: digest }),
  /** The records of the period as a table. */
  table: z.strictObject({ file: fileName, sha256: digest, rows: z.int().nonnegative() }).optional(),
})
export type Manifest = z.infer<typeof manifest>

export const MANIFEST_FILE = 'manifest.json'
export const KEYS_FILE = 'keys.json'
export const TABLE_FILE = 'events.csv'
