import type { FastifyInstance } from 'fastify'
import { DEFAULT_SCOPE } from '../admission/scopes.ts'

export interface ProtectedResource {
  /** `PUBLIC_MCP_URL`. */
  readonly mcpUrl: string
  /** `PUBLIC_PORTAL_URL`: the one authorization server. */
  readonly portalUrl: string
}

const ENVIRONMENT_ID = /^[A-Za-z0-9_-]{22}$/
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/**
 * Protected resource metadata (RFC 9728), path-aware: for `/mcp`, for `/mcp/<environment id>`, and at the root for
 * clients that look only there. Each names its own address as `resource`, which clients compare with what the user
 * typed; the portal maps them all to the one audience. Written once; nothing in them depends on the request.
 */
export function registerMetadata(app: FastifyInstance, resource: ProtectedResource): void {
  const root = document(resource, '/mcp')
  for (const url of [WELL_KNOWN, `${WELL_KNOWN}/mcp`, `${WELL_KNOWN}/mcp/:environment`])
    app.options(url, async (_request, reply) => reply.code(204).headers(PREFLIGHT).send())
  for (const url of [WELL_KNOWN, `${WELL_KNOWN}/mcp`]) {
    app.get(url, async (_request, reply) => reply.headers(HEADERS).send(root))
  }
  app.get<{ Params: { environment: string } }>(`${WELL_KNOWN}/mcp/:environment`, async (request, reply) => {
    const { environment } = request.params
    if (!ENVIRONMENT_ID.test(environment)) return reply.code(404).send()
    return reply.headers(HEADERS).send(document(resource, `/mcp/${environment}`))
  })
}

function document({ mcpUrl, portalUrl }: ProtectedResource, path: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      resource: `${mcpUrl}${path}`,
      authorization_servers: [portalUrl],
      // Clients ask for all that stands here at once; the rest is named by the challenge of a tool that needs it.
      scopes_supported: [DEFAULT_SCOPE],
      bearer_methods_supported: ['header'],
      resource_name: 'Maximo',
    }),
  )
}

/** Readable from any web page: browser-based clients look here before they have anything to send. */
const HEADERS = {
  'content-type': 'application/json',
  'cache-control': 'public, max-age=300',
  'access-control-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
}

/** Clients send the protocol's revision along, which makes a browser ask first. */
const PREFLIGHT = {
  'access-control-allow-origin': '*',
  'access-control-allow-methods': 'GET, OPTIONS',
  'access-control-allow-headers': 'MCP-Protocol-Version',
  'access-control-max-age': '600',
}
