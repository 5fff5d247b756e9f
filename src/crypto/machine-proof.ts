import { z } from 'zod'
import { claimRules } from './claim-rules.ts'

/** Ids of machine clients. No other client has such a one, so an id says by which rules its tokens were made. */
const MACHINE_CLIENT = /^mxm_[A-Za-z0-9_-]{22}$/
export const machineClientId = z.string().regex(MACHINE_CLIENT)

export const isMachineClient = (cid: string): boolean => MACHINE_CLIENT.test(cid)

/** The feature of a plan that a machine client with a secret needs, as Clerk signs it. Keys and workloads need none. */
export const CLIENT_SECRET_FEATURE = 'client_secrets'

/** Enough for a rotation of two, with overlap. */
export const MAX_MACHINE_KEYS = 4

const digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/)

/** What a machine client proves itself by (design §4.9). A root receipt fixes it for good. */
export const machineProof = z.discriminatedUnion('kind', [
  /** RFC 7638 thumbprints of the public keys that may sign its assertions. */
  z.strictObject({ kind: z.literal('keys'), thumbprints: z.array(digest).min(1).max(MAX_MACHINE_KEYS) }),
  /** SHA-256 of a secret of 256 random bits. */
  z.strictObject({ kind: z.literal('secret'), sha256: digest }),
  /** An OpenID provider of the operator's file, the audience asked for, and what its tokens must say. */
  z.strictObject({
    kind: z.literal('workload'),
    issuer: z.string().min(1).max(255),
    audience: z.url().max(255),
    rules: claimRules,
  }),
])
export type MachineProof = z.infer<typeof machineProof>
