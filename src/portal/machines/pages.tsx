import type { CallFailure } from '../../crypto/internal-client.ts'
import type { FastifyRequest } from 'fastify'
import { messagePage } from '../ui/message-page.tsx'
import { Hidden, Page, renderPage } from '../ui/page.tsx'

/** Where the form is, and where a fresh sign-in leads back to. */
export const NEW_MACHINE_PATH = '/machines/new'

/** What works without a person asks for one who signed in just now (design §4.6). */
export const signInAgainPage = (account: string, returnPath: string): string =>
  renderPage(
    <Page title="Please sign in again" account={account} current="connections">
      <h1>Please sign in again</h1>
      <form class="card" method="post" action="/sign-in/again">
        <Hidden fields={{ return: returnPath }} />
        <p>
          A machine client works without you, for as long as you let it. So the portal wants to be sure that
          it is you who makes one: your last sign-in has to be less than ten minutes old.
        </p>
        <button class="primary" type="submit">
          Sign in again
        </button>
      </form>
    </Page>,
  )

export const unknownMachinePage = (request: FastifyRequest): string =>
  messagePage({
    status: 404,
    heading: 'There is no such machine client',
    what: 'It was ended, or is not in this account.',
    next: <a href="/connections">See your connections</a>,
    correlationId: request.id,
  })

export const machineSilentPage = (request: FastifyRequest): string =>
  messagePage({
    status: 503,
    heading: 'The MCP server does not answer',
    what: 'Nothing was registered and nothing was changed.',
    next: 'Wait a moment, go back in your browser, and send the form again.',
    correlationId: request.id,
  })

/** The MCP server's word for a refusal, in a sentence for whoever filled in the form. */
export const refusalInWords = ({ refusal }: Extract<CallFailure, { reason: 'refused' }>): string =>
  REFUSALS[refusal] ??
  (refusal.startsWith('too_long')
    ? 'This is too much for one machine client: use fewer or shorter rules.'
    : 'The MCP server checks your sign-in and your environment by itself, and did not agree. Sign in again, then try once more.')

const REFUSALS: Readonly<Partial<Record<string, string>>> = {
  feature_missing:
    'Your plan does not include client secrets. Use a key or workload identity: both are safer.',
  sign_in_too_old: 'Your sign-in is older than ten minutes. Sign in again, then send the form once more.',
  issuer_unknown: 'The MCP server does not know this platform. Tell your operator.',
  rules_too_wide: 'The rules would let in workloads of others. Name the repository, project or subject.',
  credential_refused: 'The Maximo key of this environment cannot be used any more. Replace it first.',
  environment_removed: 'This environment was removed.',
}
