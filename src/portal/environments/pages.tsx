import type { FastifyRequest } from 'fastify'
import type { JSX } from 'preact'
import { messagePage, ToStart } from '../ui/message-page.tsx'

export const accountGonePage = (request: FastifyRequest): string =>
  messagePage({
    status: 403,
    heading: 'This account is gone',
    what: 'The account of your sign-in was closed or locked, so nothing can be allowed with it.',
    next: <ToStart />,
    correlationId: request.id,
  })

const BackToEnvironments = ({ words }: { readonly words: string }): JSX.Element => (
  <>
    <a href="/environments">{words}</a>
  </>
)

export const unknownEnvironmentPage = (request: FastifyRequest): string =>
  messagePage({
    status: 404,
    heading: 'There is no such environment',
    what: 'It may have been removed in another window.',
    next: <BackToEnvironments words="See your environments" />,
    correlationId: request.id,
  })

export const vaultSilentPage = (request: FastifyRequest): string =>
  messagePage({
    status: 503,
    heading: 'The MCP server does not answer',
    what: 'Keys are typed on its own page, and that cannot be opened at the moment. Nothing was changed.',
    next: <BackToEnvironments words="Go back and try again in a moment" />,
    correlationId: request.id,
  })

export const vaultRefusedPage = (request: FastifyRequest): string =>
  messagePage({
    status: 422,
    heading: 'The MCP server did not open its vault',
    what: 'It checks your sign-in by itself and did not accept it, or does not know this environment any more.',
    next: <BackToEnvironments words="Go back and try again" />,
    correlationId: request.id,
  })
