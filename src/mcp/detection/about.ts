import type { About } from '../../audit/detection/observe.ts'
import type { Ledger } from '../records/ledger.ts'

/**
 * What the MCP server's records say of its events. Owners go by the grant: in a log that is read back, pseudonyms may stand
 * in the place of persons.
 */
export const aboutCalls = (ledger: Ledger): About => ({
  isFailedSignIn: ({ eventType, reason = '' }) => eventType === 'auth.attempt' && isGuess(reason),
  ownerOf: ({ grantId = '' }) => ledger.findGrant(grantId)?.sub ?? null,
  isProduction: ({ grantId = '' }) => {
    const grant = ledger.findGrant(grantId)
    return grant !== null && ledger.newestCredential(grant)?.about.cls === 'production'
  },
})

/**
 * What was shown is no token of ours, or one that somebody changed; or the limiter had seen so many of them that it did not
 * look. What was ours once, or is shown at another door, is nobody's guess.
 */
const isGuess = (reason: string): boolean =>
  reason === 'limited_failed_authentication' || (reason.startsWith('token_') && !NO_GUESSES.has(reason))

const NO_GUESSES: ReadonlySet<string> = new Set([
  'token_expired',
  'token_unlisted',
  'token_wrong_door',
  'token_wrong_environment',
])
