import type { FastifyInstance } from 'fastify'

/**
 * Lets browser-based clients of the named origins read the answers of `urls`, refusals included (Fetch standard, CORS
 * protocol). No credential of a browser counts there, so none is allowed along.
 */
export function answerBrowsers(
  scope: FastifyInstance,
  urls: readonly string[],
  allowedOrigins: readonly string[],
): void {
  scope.addHook('onRequest', (request, reply, done) => {
    const { origin } = request.headers
    if (origin !== undefined && allowedOrigins.includes(origin))
      reply.headers({ 'access-control-allow-origin': origin, vary: 'Origin', ...EXPOSED })
    done()
  })
  for (const url of urls) {
    scope.options(url, async (request, reply) => {
      const isAllowed = allowedOrigins.includes(request.headers.origin ?? '')
      return isAllowed ? reply.code(204).headers(PREFLIGHT).send() : reply.code(403).send()
    })
  }
}

const EXPOSED = {
  'access-control-expose-headers':
    'WWW-Authenticate, Retry-After, RateLimit, RateLimit-Policy, X-Correlation-Id',
}
const PREFLIGHT = {
  'access-control-allow-methods': 'POST, OPTIONS',
  'access-control-allow-headers':
    'Authorization, Content-Type, Accept, Last-Event-ID, MCP-Protocol-Version, MCP-Session-Id, Mcp-Method, Mcp-Name',
  'access-control-max-age': '600',
}
