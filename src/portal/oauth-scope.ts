import formbody from '@fastify/formbody'
import type { FastifyInstance, FastifyReply } from 'fastify'
import { Overloaded } from '../kernel/load/load.ts'
import { exceededFields, type QuotaPolicy } from '../kernel/rate-limit-fields.ts'
import { clientErrorStatus, isOutage, logOutage, RETRY_AFTER_S, waitSeconds } from './outage.ts'

/** Endpoints that programs talk to: JSON errors (RFC 6749 §5.2), open to browser-based clients by CORS. */
export interface OAuthEndpoint {
  readonly method: 'GET' | 'POST'
  readonly path: string
}

/** `Cache-Control: no-store` belongs to every answer that carries or refuses a credential (RFC 6749 §5.1). */
export async function sendOAuthError(
  reply: FastifyReply,
  answer: {
    readonly status: number
    readonly error: string
    readonly description: string
    /** Of a 503; a few seconds where nobody knows better. */
    readonly retryAfterS?: number
    /** Of a 429: the limit, and seconds until it lets through again. */
    readonly limit?: { readonly policy: QuotaPolicy; readonly retryAfterS: number }
  },
): Promise<FastifyReply> {
  const { limit, retryAfterS = RETRY_AFTER_S } = answer
  if (limit !== undefined) reply.headers(exceededFields(limit.policy, limit.retryAfterS))
  else if (answer.status === 503) reply.header('retry-after', retryAfterS)
  return reply
    .code(answer.status)
    .header('cache-control', 'no-store')
    .send({ error: answer.error, error_description: answer.description })
}

/**
 * Errors, CORS and refused methods of the program-facing endpoints. No credential of a browser counts there, so any
 * origin may read the answers; consent and the pages are never part of it.
 */
export function oauthScope(app: FastifyInstance, endpoints: readonly OAuthEndpoint[]): void {
  app.addHook('onRequest', (_request, reply, done) => {
    reply.header('access-control-allow-origin', '*')
    reply.header(
      'access-control-expose-headers',
      'WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy, X-Correlation-Id',
    )
    done()
  })
  app.setErrorHandler(async (error, request, reply) => {
    if (isOutage(error)) {
      logOutage(request, error)
      return sendOAuthError(reply, {
        status: 503,
        error: 'temporarily_unavailable',
        description: error instanceof Overloaded ? error.message : 'Try again shortly.',
        retryAfterS: waitSeconds(error),
      })
    }
    const status = clientErrorStatus(error)
    if (status !== null) return sendOAuthError(reply, { status: status === 413 ? 413 : 400, ...UNREADABLE })
    request.log.error({ err: error }, 'unexpected failure')
    return sendOAuthError(reply, {
      status: 500,
      error: 'server_error',
      description: 'Something failed on our side.',
    })
  })
  for (const { method, path } of endpoints) refuseOtherMethods(app, method, path)
}

/** Bodies of this scope are forms and nothing else (RFC 6749 §3.2): JSON at a token endpoint is a mistake to be told. */
export async function formBodiesOnly(app: FastifyInstance): Promise<void> {
  app.removeContentTypeParser(['application/json', 'text/plain'])
  await app.register(formbody, { bodyLimit: MAX_FORM_BYTES })
}

const MAX_FORM_BYTES = 16 * 1024
const UNREADABLE = { error: 'invalid_request', description: 'The request could not be read.' }

function refuseOtherMethods(app: FastifyInstance, method: OAuthEndpoint['method'], path: string): void {
  app.options(path, async (_request, reply) =>
    reply
      .code(204)
      .header('access-control-allow-methods', `${method}, OPTIONS`)
      .header('access-control-allow-headers', 'Authorization, Content-Type, MCP-Protocol-Version')
      .header('access-control-max-age', 600)
      .send(),
  )
  const others = (['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const).filter((other) => other !== method)
  app.route({
    method: others,
    url: path,
    handler: async (_request, reply) => {
      reply.header('allow', `${method}, OPTIONS`)
      return sendOAuthError(reply, { status: 405, error: 'invalid_request', description: `Use ${method}.` })
    },
  })
}
