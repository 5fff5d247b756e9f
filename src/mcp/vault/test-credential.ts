import type { Clock } from '../../kernel/clock.ts'
import { err, ok, type Result } from '../../kernel/result.ts'
import { Secret } from '../../kernel/secret.ts'
import type { Store } from '../../kernel/store/contract.ts'
import { createMaximoClient } from '../../maximo/client.ts'
import type { MaximoClient } from '../../maximo/contract.ts'
import type { Egress } from '../../maximo/egress/egress.ts'
import { MaximoFault } from '../../maximo/fault.ts'
import type { NewCredential } from './keep-credential.ts'

/**
 * Why a credential was not taken. `not_reached` is one word for refused addresses, closed ports, wrong certificates,
 * slow hosts and answers that are not Maximo's: more would make the vault a port scanner.
 */
export type TestRefusal = 'too_many_tests' | 'credential_rejected' | 'not_reached'

/** What Maximo said of the user behind the credential. */
export interface Found {
  /** As it may be kept: a refresh token may have been replaced by the test itself. */
  readonly credential: NewCredential
  /** It may do everything, or see who may do what. Only what Maximo said is told: false is no promise. */
  readonly isAdministrator: boolean
}

export interface TestDeps {
  readonly store: Store
  readonly egress: Egress
  readonly clock: Clock
}

interface Tested {
  readonly subject: string
  readonly environment: NewCredential
  readonly correlationId: string
}

/**
 * Asks Maximo who the credential is. Limited per user, and per host by the tests that failed: however many people show
 * keys that work on one day, none of them keeps out the next.
 *
 * @returns the credential to keep: an identity provider may have replaced the refresh token that was tried
 */
export async function testCredential(
  { subject, environment, correlationId }: Tested,
  deps: TestDeps,
): Promise<Result<Found, TestRefusal>> {
  const { host } = new URL(environment.baseUrl)
  const byUser = await deps.store.count(`vault:n:u:${subject}`, WINDOW_MS)
  // Not counted for the host as well: one person would use up what all have together.
  if (byUser.count > MAX_PER_USER) return err('too_many_tests')
  const failures = `vault:n:h:${host}`
  if (Number((await deps.store.get(failures)) ?? 0) >= MAX_PER_HOST) return err('too_many_tests')
  // Those that are under way have not failed yet.
  const begun = await deps.store.count(`vault:n:b:${host}`, TEST_TIMEOUT_MS + PROBE_TIMEOUT_MS)
  if (begun.count > MAX_PER_HOST) return err('too_many_tests')
  const found = await askMaximo(environment, correlationId, deps)
  if (!found.ok) await deps.store.count(failures, WINDOW_MS)
  return found
}

async function askMaximo(
  environment: NewCredential,
  correlationId: string,
  { egress, clock }: TestDeps,
): Promise<Result<Found, TestRefusal>> {
  let { credential } = environment
  const onReplaced = (replaced: string): Promise<void> => {
    credential = new Secret(replaced)
    return Promise.resolve()
  }
  try {
    const client = createMaximoClient({ environment: { ...environment, onReplaced }, egress, clock })
    try {
      const { userName } = await client.whoAmI({
        signal: AbortSignal.timeout(TEST_TIMEOUT_MS),
        correlationId,
      })
      const isAdministrator =
        ADMINISTRATORS.has(userName.toUpperCase()) || (await administers(client, correlationId))
      return ok({ credential: { ...environment, credential }, isAdministrator })
    } finally {
      client.close()
    }
  } catch (error) {
    if (error instanceof MaximoFault) {
      return err(error.kind === 'credentials_rejected' ? 'credential_rejected' : 'not_reached')
    }
    if (isTimeout(error)) return err('not_reached')
    throw error
  }
}

/**
 * Whoever may read the security groups sees who may do what, which Maximo grants with its administration alone; a user of
 * any name can. Where Maximo does not say, the credential works all the same, and nothing is said of it.
 */
async function administers(client: MaximoClient, correlationId: string): Promise<boolean> {
  try {
    const call = { signal: AbortSignal.timeout(PROBE_TIMEOUT_MS), correlationId }
    const [groups] = await client.rights([SECURITY_GROUPS], call)
    return groups?.read === 'granted'
  } catch (error) {
    if (error instanceof MaximoFault || isTimeout(error)) return false
    throw error
  }
}

const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError'

const SECURITY_GROUPS = 'MXAPIGROUP'
const WINDOW_MS = 10 * 60_000
const MAX_PER_USER = 10
const MAX_PER_HOST = 60
/** As a browser is told of it: when there is room again is said for the whole window, not to the second. */
export const TESTS = { name: 'credential_tests', quota: MAX_PER_USER, windowS: WINDOW_MS / 1000 }
const TEST_TIMEOUT_MS = 10_000
/** Nobody is to wait long for what is not needed. */
const PROBE_TIMEOUT_MS = 2_500
/** Made at installation (maxadmin, the integration user, the self-registration user); no person should share them. */
const ADMINISTRATORS: ReadonlySet<string> = new Set(['MAXADMIN', 'MXINTADM', 'MAXREG'])
