import type { z } from 'zod'
import type { ClerkSession } from '../../crypto/clerk-token.ts'
import type { grantAttest } from '../../crypto/internal-api.ts'
import type { McpKeys } from '../../crypto/keys/key-ring.ts'
import {
  AUTOMATION_FEATURE,
  fixedPreset,
  PRESETS,
  RISK_CODES,
  type ObjectsAsked,
} from '../../crypto/restrictions.ts'
import type { ReceiptClaims } from '../../crypto/claims.ts'
import { canonicalNetwork } from '../../kernel/address.ts'
import { nowSeconds, type Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import type { Presets } from '../admission/presets.ts'
import type { Grant } from '../records/ledger.ts'
import type { Records } from '../records/records.ts'
import { refused, type CallRefusal } from './call-refusal.ts'
import { checkFreshSignIn } from './fresh-sign-in.ts'

type Ask = z.output<typeof grantAttest.ask>

/** What a receipt says of the owner's own limits. */
export type Restrictions = Pick<ReceiptClaims, 'obj' | 'rsk' | 'net'>

/**
 * What can be refused of an automation token without knowing who asks. Its receipt fixes the token's id and keys, so both
 * must be known and stay known.
 */
export function checkAutomation(ask: Ask, keys: McpKeys): Result<void, CallRefusal> {
  if (ask.jti === undefined || ask.kids === undefined) return err(refused('kind_mismatch'))
  const [encryption, signing] = [keys.tokenEncryption.find(ask.kids[0]), keys.tokenSigning.find(ask.kids[1])]
  const bothUsable = [encryption, signing].every((key) => key !== undefined && key.state !== 'ci-only')
  if (!bothUsable) return err(refused('key_unknown'))
  return checkNetworks(ask)
}

/** Networks are written in one way, so that what the owner sees is what is compared. */
export function checkNetworks({ net }: Pick<Ask, 'net'>): Result<void, CallRefusal> {
  const networks = net?.split(' ') ?? []
  return networks.every((network) => canonicalNetwork(network) === network)
    ? ok(undefined)
    : err(refused('network_malformed'))
}

/**
 * A token that never expires asks for a sign-in of the last ten minutes, for a plan that has it (design §4.6, §6), and for
 * the one it follows, if any, to be the same owner's.
 *
 * @returns the token that it follows
 */
export function checkOwner(
  ask: Ask,
  session: ClerkSession,
  { records }: { readonly records: Records },
): Result<Grant | null, CallRefusal> {
  if (ask.knd !== 'ci') return ok(null)
  const fresh = checkFreshSignIn(session)
  if (!fresh.ok) return fresh
  const { sub, fea } = session
  if (!fea.split(',').includes(AUTOMATION_FEATURE)) return err(refused('feature_missing'))
  return ask.replaces === undefined ? ok(null) : findReplaced(ask.replaces.gid, sub, records)
}

/** A live one of the same owner, whoever the portal says it is. */
function findReplaced(gid: string, sub: string, { ledger }: Records): Result<Grant, CallRefusal> {
  const grant = ledger.findGrant(gid)
  const isTheirs = grant?.knd === 'ci' && grant.sub === sub && !ledger.isEnded(grant)
  return isTheirs ? ok(grant) : err(refused('replaced_unknown'))
}

/** The asked restrictions as a receipt fixes them: a preset with the version that is the newest now. */
export const restrictionsOf = (
  { obj, rsk = 'low', net }: Pick<Ask, 'obj' | 'rsk' | 'net'>,
  presets: Presets,
): Restrictions => ({
  ...(obj === undefined ? {} : { obj: fixObjects(obj, presets) }),
  ...(RISK_CODES[rsk] === undefined ? {} : { rsk: RISK_CODES[rsk] }),
  ...(net === undefined ? {} : { net }),
})

function fixObjects(asked: ObjectsAsked, presets: Presets): string {
  const preset = PRESETS.find((name) => name === asked)
  return preset === undefined ? asked : fixedPreset(preset, presets.newest(preset))
}

/** Ends the replaced token at the time that was asked for, at once when that has passed. It never lives longer. */
export async function limitReplaced(
  { gid }: Grant,
  untilS: number,
  { records, clock }: { readonly records: Records; readonly clock: Clock },
): Promise<void> {
  const jti = records.ledger.findAllowed(gid)
  if (jti === null) return
  await records.record('grant.limited', { gid, jti, untilS: Math.max(untilS, nowSeconds(clock)) })
}
