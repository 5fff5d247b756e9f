import type { FastifyRequest } from 'fastify'
import { messagePage, StartAgainInClient } from '../ui/message-page.tsx'
import type { PageProblem } from './read-authorization.ts'
import { consentPath } from './transaction.ts'

/**
 * What the client did wrong, for a person whose client lives on the web. Anybody can register an address there, so nobody
 * is sent to it by himself: the portal would lend its name to any link (RFC 9700 §4.11.2).
 */
export const clientProblemPage = (
  problem: { readonly description: string; readonly host: string; readonly address: string },
  request: FastifyRequest,
): string =>
  messagePage({
    status: 400,
    heading: 'This connection cannot be made',
    what: `Your client asked for something that is not offered here: ${problem.description} Nothing was granted.`,
    next: (
      <>
        If you came from <strong>{problem.host}</strong>, you can <a href={problem.address}>go back there</a>:
        it is told what was wrong.
      </>
    ),
    correlationId: request.id,
  })

export const tooManyRequestsPage = (request: FastifyRequest): string =>
  messagePage({
    status: 429,
    heading: 'Too many requests',
    what: 'You began too many connections within a minute.',
    next: 'Wait a minute, then connect again in your client.',
    correlationId: request.id,
  })

/** What a problem with the client itself means to the person in front of the page. */
const PROBLEMS: Readonly<Record<PageProblem, string>> = {
  parameter_repeated: 'Your client sent something twice, so it is not clear what it wants.',
  parameter_malformed: 'Your client sent something that cannot be read.',
  client_missing: 'Your client did not say who it is.',
  client_unknown:
    'Your client is not registered here, or no longer. Most clients register again when you reconnect.',
  client_document_refused:
    'Your client names itself by an address that is not allowed here: it must be a plain https address of a public host.',
  client_document_malformed:
    'Your client names itself by an address, but what is published there does not describe a client that can connect here.',
  client_document_unavailable:
    'Your client names itself by an address, and its description could not be fetched from there just now. Try again in a minute.',
  client_document_too_often:
    'Too many clients that are not known here were tried from your network. Try again in a minute.',
  redirect_uri_missing: 'Your client did not say where the answer should go.',
  redirect_uri_not_registered: 'The answer would go to an address that your client never registered.',
}

export const problemPage = (problem: PageProblem, request: FastifyRequest): string =>
  messagePage({
    status: 400,
    heading: 'This connection cannot be made',
    what: PROBLEMS[problem],
    next: <StartAgainInClient />,
    correlationId: request.id,
  })

export const clientChangedPage = (request: FastifyRequest): string =>
  messagePage({
    status: 409,
    heading: 'The client has changed',
    what: 'It describes itself otherwise than when you were asked. Nothing was granted.',
    next: <StartAgainInClient />,
    correlationId: request.id,
  })

export const transactionGonePage = (request: FastifyRequest): string =>
  messagePage({
    status: 410,
    heading: 'This request is over',
    what: 'It was answered already, or is older than ten minutes.',
    next: <StartAgainInClient />,
    correlationId: request.id,
  })

export const otherBrowserPage = (request: FastifyRequest): string =>
  messagePage({
    status: 403,
    heading: 'This request was begun elsewhere',
    what: 'It can be answered only in the browser, and by the person, it was opened for.',
    next: <StartAgainInClient />,
    correlationId: request.id,
  })

export const chooseEnvironmentPage = (transactionId: string, request: FastifyRequest): string =>
  messagePage({
    status: 422,
    heading: 'Choose an environment',
    what: 'The environment of your answer is not in your account, or not the one your client’s address names.',
    next: (
      <>
        <a href={consentPath(transactionId)}>Go back and choose again</a>. Nothing was granted.
      </>
    ),
    correlationId: request.id,
  })

export const mcpSilentPage = (transactionId: string, request: FastifyRequest): string =>
  messagePage({
    status: 503,
    heading: 'The MCP server does not answer',
    what: 'Nothing was granted, and your request is still open.',
    next: (
      <>
        Wait a moment, then <a href={consentPath(transactionId)}>try again</a>.
      </>
    ),
    correlationId: request.id,
  })

export const mcpRefusedPage = (request: FastifyRequest): string =>
  messagePage({
    status: 422,
    heading: 'The MCP server did not agree',
    what: 'It checks your sign-in and your environment by itself, and one of them was not valid there. Nothing was granted.',
    next: (
      <>
        Look at <a href="/environments">your environments</a>: one that was saved long ago may have to be
        added again. Then connect again in your client.
      </>
    ),
    correlationId: request.id,
  })
