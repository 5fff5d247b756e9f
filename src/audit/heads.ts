import { z } from 'zod'
import type { Result } from '../kernel/result.ts'
import { type AuditOwnEventType, OWN_EVENT_TYPES } from './event.ts'

/** How far a chain had come: whoever holds it signed can tell that a shorter or other log is not the whole one. */
export interface Head {
  /** `<service>/<instance>`. */
  readonly origin: string
  readonly n: number
  readonly hash: string
  /** Clock of the signer, milliseconds since the Unix epoch. */
  readonly atMs: number
}

/** Returns the signed head as text, at most 2,048 characters (`signHead` of src/crypto). */
export type SignHead = (content: Uint8Array) => Promise<string>

/** Returns the content when a known audit-head key signed it (`verifyHead` of src/crypto). */
export type VerifyHead = (
  head: string,
) => Promise<Result<{ readonly content: Uint8Array; readonly owner: string }, unknown>>

/** Why another service's head was not accepted. The last two are evidence of tampering and are in our own log. */
export type HeadRefusal = 'bad_signature' | 'own_head' | 'went_back' | 'forked'

/** What is signed: a small JSON object. */
export const headContent = (head: Head): Uint8Array =>
  Buffer.from(JSON.stringify({ v: 1, origin: head.origin, n: head.n, h: head.hash, t: head.atMs }))

/** The head that a known key of its own service signed, else `null`. */
export async function openHead(text: string, verify: VerifyHead): Promise<Head | null> {
  const read = await openSigned(text, contentSchema, verify)
  if (read === null) return null
  const { origin, n, h: hash, t: atMs } = read
  return { origin, n, hash, atMs }
}

/** What a known key of the service whose log it is about has signed, when it has this shape; else `null`. */
export async function openSigned<Content extends { readonly origin: string }>(
  text: string,
  shape: z.ZodType<Content>,
  verify: VerifyHead,
): Promise<Content | null> {
  const verified = await verify(text)
  if (!verified.ok) return null
  const { content, owner } = verified.value
  const read = shape.safeParse(jsonOf(Buffer.from(content).toString('utf8')))
  return read.success && read.data.origin.startsWith(`${owner}/`) ? read.data : null
}

const contentSchema = z.strictObject({
  v: z.literal(1),
  origin: z.string().max(100),
  n: z.int().positive(),
  h: z.string().length(43),
  t: z.int(),
})

/** Records of the log about itself, cheaply told from others; a value of an event cannot look like this inside JSON. */
export const OWN_MARK = '"eventType":"audit.'

/** A record of the log about itself; `null` for any other line. */
export interface OwnRecord {
  readonly timestamp: string
  readonly eventType: AuditOwnEventType
  /** The origin it speaks of. */
  readonly resource: string
  readonly head?: string | undefined
  readonly tombstone?: string | undefined
}

export function readOwnRecord(text: string): OwnRecord | null {
  const read = ownRecord.safeParse(jsonOf(text))
  return read.success ? read.data : null
}

const ownRecord = z.object({
  timestamp: z.string(),
  eventType: z.enum(OWN_EVENT_TYPES),
  resource: z.string(),
  head: z.string().optional(),
  tombstone: z.string().optional(),
})

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** What every audit chain begins with; the first record names its origin. */
export const AUDIT_GENESIS = 'audit'
