import { z } from 'zod'
import { base64urlChars, isCanonicalBase64url } from '../base64url.ts'
import { thumbprint } from '../jose.ts'
import { publicHalf } from './jwk.ts'
import type { AuditHeadVerifiers, ServiceName } from './key.ts'
import { readKeyFolder } from './key-folder.ts'
import { kindOf } from './kinds.ts'
import { importKey } from './material.ts'

/** A key that verifies audit heads, as it is given to others: a public JWK (RFC 8037 §2) with its kid. */
export const auditHeadPublic = z.strictObject({
  kid: z
    .string()
    .max(100)
    .refine((kid) => kindOf(kid)?.purpose === 'audit-head'),
  kty: z.literal('OKP'),
  crv: z.literal('Ed25519'),
  x: z.string().length(base64urlChars(32)).refine(isCanonicalBase64url),
})
export type AuditHeadPublic = z.infer<typeof auditHeadPublic>

/**
 * The public halves of the audit-head keys of both services, from one service's key folder.
 * @throws KeyFault
 */
export async function loadAuditHeadPublics(
  folder: string,
  owner: ServiceName,
): Promise<readonly AuditHeadPublic[]> {
  const { files } = await readKeyFolder(folder, owner)
  return files
    .filter(({ purpose }) => purpose === 'audit-head')
    .map(({ kid, jwk }) => auditHeadPublic.parse({ kid, ...publicHalf(jwk) }))
}

export async function auditHeadVerifiersFrom(
  publics: readonly AuditHeadPublic[],
): Promise<AuditHeadVerifiers> {
  const keys = await Promise.all(
    publics.map(async ({ kid, ...jwk }) =>
      importKey({ kid, purpose: 'audit-head' as const, state: 'accept' as const }, jwk),
    ),
  )
  const found = new Map(keys.map((key) => [key.kid, key]))
  return { find: (kid) => found.get(kid) }
}

/** RFC 7638, base64url: what people compare over another channel. */
export const thumbprintOf = ({ kty, crv, x }: AuditHeadPublic): Promise<string> => thumbprint({ kty, crv, x })
