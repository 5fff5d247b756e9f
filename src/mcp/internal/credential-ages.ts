import type { z } from 'zod'
import type { credentialAges } from '../../crypto/internal-api.ts'
import type { Clock } from '../../kernel/clock.ts'
import { ok, type Result } from '../../kernel/result.ts'
import { credentialKey } from '../admission/admitted.ts'
import type { Records } from '../records/records.ts'
import { ageOf, type AgePolicy } from '../vault/credential-age.ts'
import type { RefusedCredentials } from '../vault/refused-credentials.ts'
import type { CallRefusal } from './call-refusal.ts'
import type { Act } from './signed-route.ts'

type Answer = z.input<typeof credentialAges.answer>

export interface AgesDeps {
  readonly records: Records
  readonly clock: Clock
  readonly agePolicy: AgePolicy
  readonly refused: RefusedCredentials
}

/** Of everything that this server has on record for the owner; nothing of what the portal says is looked at. */
export function findCredentialAges(
  { sub }: z.output<typeof credentialAges.ask>,
  { records, clock, agePolicy, refused }: AgesDeps,
): Result<Act<Answer>, CallRefusal> {
  const credentials = records.ledger.credentials.of(sub).map(({ env, saved }) => ({
    env,
    ver: saved.ver,
    admin: saved.about.admin,
    ...ageOf(saved, agePolicy, clock.nowMs()),
    refusedSinceMs: refused.sinceMs(credentialKey({ sub, env }, saved.ver)),
  }))
  return ok({ answer: { credentials: credentials.slice(0, 100) }, event: { principal: sub } })
}
