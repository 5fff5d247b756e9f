import type { AccessClaims } from '../../../src/crypto/claims.ts'
import type { Receipt } from '../../../src/crypto/credential.ts'
import { formatCiToken, sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { nowSeconds } from '../../../src/kernel/clock.ts'
import { FailureLimiter } from '../../../src/kernel/failure-limiter.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { DecryptGate } from '../../../src/mcp/admission/decrypt-gate.ts'
import { DEFAULT_LIMITS } from '../../../src/mcp/admission/limits.ts'
import { MemoryAdmissionStore } from '../../../src/mcp/admission/memory-admission-store.ts'
import { objectRightsUnder } from '../../../src/mcp/admission/object-rights.ts'
import type { AdmissionDeps } from '../../../src/mcp/admission/open-admission.ts'
import { DEFAULT_PLANS, readPlans } from '../../../src/mcp/admission/plans.ts'
import { readPresets } from '../../../src/mcp/admission/presets.ts'
import { TokenCache } from '../../../src/mcp/admission/token-cache.ts'
import { aReceipt, AUDIENCE, ISSUER, someClaims, without, type Workshop } from '../crypto/token-workshop.ts'

/** What stands behind admission in a server without peers: real keys, an in-process store, nothing ended. */
export function admissionParts(
  { clock, mcp }: Workshop,
  bend: Partial<AdmissionDeps> & Pick<AdmissionDeps, 'audit' | 'log'>,
): AdmissionDeps {
  return {
    keys: () => mcp,
    tokens: { issuer: ISSUER, audience: AUDIENCE },
    cache: new TokenCache(clock),
    gate: new DecryptGate(clock),
    failures: new FailureLimiter({ max: 1_000, windowMs: 60_000 }, clock),
    strangers: new FailureLimiter({ max: 1_000, windowMs: 60_000 }, clock),
    clock,
    origins: { publicUrl: new URL(AUDIENCE).origin, allowedOrigins: [] },
    planOf: ({ pla, fea }) => ({ plan: pla, features: new Set(fea.split(',')) }),
    objectRights: objectRightsUnder(readPresets({})),
    findEnd: () => null,
    uses: { note: () => undefined },
    isPrimed: () => true,
    store: new MemoryAdmissionStore(new MemoryStore(clock), clock),
    requiredMarks: () => [],
    limits: DEFAULT_LIMITS,
    plans: readPlans(DEFAULT_PLANS),
    openNewer: () => Promise.reject(new Error('no newer credentials here')),
    ...bend,
  }
}

/** An access token as the portal would make it now, of a grant of its own. */
export async function aBearer(
  shop: Workshop,
  bend: Partial<Receipt> = {},
  claims: Partial<AccessClaims> = {},
): Promise<string> {
  const nowS = nowSeconds(shop.clock)
  const receipt = aReceipt({ gid: randomId(), at: shop.clock.nowMs(), ...bend })
  return sealedFor(shop, await someClaims(shop, { iat: nowS, exp: nowS + 3_600, ...claims }, receipt))
}

/** The one automation token that its grant names; it has no end. */
export async function anAutomationToken(
  shop: Workshop,
  bend: Partial<Receipt> = {},
  claims: Partial<AccessClaims> = {},
): Promise<string> {
  const kids: [string, string] = [(await shop.file('mcp', 'mt')).kid, (await shop.file('mcp', 'ps')).kid]
  const own = { knd: 'ci' as const, jti: claims.jti ?? randomId(), gid: randomId(), kids }
  const receipt = without(aReceipt({ ...own, at: shop.clock.nowMs(), ...bend }), 'max')
  const iat = nowSeconds(shop.clock)
  const endless = without(await someClaims(shop, { jti: own.jti, iat, ...claims }, receipt), 'exp')
  return formatCiToken(await sealedFor(shop, endless))
}

async function sealedFor({ portal }: Workshop, claims: AccessClaims): Promise<string> {
  const sealed = await sealAccessToken(claims, portal)
  if (!sealed.ok) throw new Error(`token too long: ${sealed.error.part}`)
  return sealed.value
}
