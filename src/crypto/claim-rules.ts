import { z } from 'zod'

/**
 * What a workload's token must say to count, beside issuer and audience. `prefix` ends at a border of the claim's own
 * parts, so that `repo:org/app:` never means `repo:org/app-evil:`.
 */
const claimRule = z
  .strictObject({
    claim: z.string().regex(/^[A-Za-z0-9_]{1,60}$/),
    match: z.enum(['exact', 'prefix']),
    value: z.string().regex(/^[\x21-\x7E]{1,200}$/),
  })
  .refine(({ match, value }) => match === 'exact' || BORDER.test(value), { path: ['value'] })
export type ClaimRule = z.infer<typeof claimRule>

export const claimRules = z.array(claimRule).min(1).max(6)

/** Whether claims of a token meet every rule. Only a string claim of the token's own can. */
export const meetsRules = (claims: Readonly<Record<string, unknown>>, rules: readonly ClaimRule[]): boolean =>
  rules.length > 0 && rules.every((rule) => meets(claims, rule))

function meets(claims: Readonly<Record<string, unknown>>, { claim, match, value }: ClaimRule): boolean {
  const said = Object.hasOwn(claims, claim) ? claims[claim] : undefined
  if (typeof said !== 'string') return false
  return match === 'exact' ? said === value : said.startsWith(value)
}

/**
 * Whether the rules name somebody: one of them is about a claim that only its owner can get from the issuer. A rule about
 * a branch alone would let every repository in that has such a branch.
 *
 * @param identityClaims of the issuer, by the operator's file
 */
export const namesSomebody = (rules: readonly ClaimRule[], identityClaims: readonly string[]): boolean =>
  rules.some((rule) => identityClaims.includes(rule.claim) && isNarrow(rule))

/** `repo:` alone is everybody's subject; `repo:org/` is an owner's. */
function isNarrow({ claim, match, value }: ClaimRule): boolean {
  if (match === 'exact') return true
  const parts = value.split(/[/:]/).filter((part) => part !== '')
  return parts.length >= (claim === 'sub' ? 2 : 1)
}

const BORDER = /[/:]$/
