import type { z } from 'zod'
import { Secret } from '../kernel/secret.ts'
import { err, ok, type Result } from '../kernel/result.ts'
import { receiptClaims } from './claims.ts'
import type { Credential } from './credential.ts'
import { ROOT_RECEIPT } from './formats.ts'
import { encrypt, openJwe } from './jose.ts'
import type { McpKeys } from './keys/key-ring.ts'
import { largestPart } from './largest-part.ts'
import { machineClientId, machineProof } from './machine-proof.ts'
import type { Reason, TooLong } from './reason.ts'
import { readPayload } from './strict-json.ts'

/**
 * What the MCP server fixes when an owner registers a machine client: all that a receipt says, and the proof. It is no
 * receipt: it has a `typ` of its own, so no token can carry it, and it makes children only for who shows the proof.
 */
export const rootClaims = receiptClaims.omit({ knd: true, max: true, jti: true, kids: true }).extend({
  /** Its id on the allow-list. */
  rid: receiptClaims.shape.gid,
  cid: machineClientId,
  proof: machineProof,
})

/** With the credential held in a `Secret`. */
export type RootReceipt = Omit<z.infer<typeof rootClaims>, 'c'> & { readonly c: Credential }

export interface OpenedRoot {
  readonly root: RootReceipt
  readonly kid: string
}

/** Makes a root receipt. @throws when it breaks its schema: the MCP server's own bug */
export async function sealRoot(
  root: RootReceipt,
  keys: Pick<McpKeys, 'receipt'>,
): Promise<Result<string, TooLong>> {
  const claims = rootClaims.parse({ ...root, c: { ...root.c, k: root.c.k.reveal() } })
  const jwe = await encrypt(ROOT_RECEIPT, keys.receipt.active, { plaintext: JSON.stringify(claims) })
  const { maxChars } = ROOT_RECEIPT
  if (jwe.length <= maxChars) return ok(jwe)
  return err({ reason: 'too_long', part: largestPart(claims), chars: jwe.length, maxChars })
}

/** Opens a root receipt of our own. Whether it is still listed, and who shows it, is the caller's to find out. */
export async function openRoot(
  jwe: string,
  keys: Pick<McpKeys, 'receipt'>,
): Promise<Result<OpenedRoot, Reason>> {
  const opened = await openJwe(ROOT_RECEIPT, jwe, keys.receipt)
  if (!opened.ok) return opened
  const claims = readPayload(opened.value.plaintext, rootClaims)
  if (!claims.ok) return claims
  const { c, ...rest } = claims.value
  return ok({ root: { ...rest, c: { ...c, k: new Secret(c.k) } }, kid: opened.value.key.kid })
}
