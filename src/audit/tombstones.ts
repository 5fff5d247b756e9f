import { z } from 'zod'
import { openSigned, type VerifyHead } from './heads.ts'

/** Up to which record a log was removed because its time was over. Signed, as a head is: nobody else can excuse a gap. */
export interface Tombstone {
  /** `<service>/<instance>`. */
  readonly origin: string
  /** Number and hash of the last record that was removed. */
  readonly n: number
  readonly hash: string
  /** Clock of the signer, milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** What is signed: a small JSON object, unlike that of a head. */
export const tombstoneContent = ({ origin, n, hash, atMs }: Tombstone): Uint8Array =>
  Buffer.from(JSON.stringify({ v: 1, origin, removed: n, h: hash, t: atMs }))

/** The tombstone that a known key of the log's own service signed, else `null`. */
export async function openTombstone(text: string, verify: VerifyHead): Promise<Tombstone | null> {
  const read = await openSigned(text, contentSchema, verify)
  if (read === null) return null
  const { origin, removed: n, h: hash, t: atMs } = read
  return { origin, n, hash, atMs }
}

const contentSchema = z.strictObject({
  v: z.literal(1),
  origin: z.string().max(100),
  removed: z.int().positive(),
  h: z.string().length(43),
  t: z.int(),
})
