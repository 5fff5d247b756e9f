import type { FastifyInstance } from 'fastify'
import type { PortalDeps } from '../deps.ts'
import { oauthScope } from '../oauth-scope.ts'
import { PATHS, serverMetadata } from './documents.ts'

const WELL_KNOWN = ['/.well-known/oauth-authorization-server', '/.well-known/openid-configuration']

/** RFC 8414 metadata, the same under OpenID's name (clients try both), and the public signing keys. Serialised once (the keys, once per rotation). */
export function metadataRoutes(
  app: FastifyInstance,
  deps: Pick<PortalDeps, 'config' | 'keys' | 'workloadIssuers'>,
): void {
  const metadata = JSON.stringify(
    serverMetadata(deps.config.portalUrl, { workloads: deps.workloadIssuers.length > 0 }),
  )
  let jwks = { of: deps.keys.publicJwks, text: JSON.stringify(deps.keys.publicJwks) }
  const currentJwks = (): string => {
    const { publicJwks } = deps.keys
    if (publicJwks !== jwks.of) jwks = { of: publicJwks, text: JSON.stringify(publicJwks) }
    return jwks.text
  }
  oauthScope(
    app,
    [...WELL_KNOWN, PATHS.jwks].map((path) => ({ method: 'GET' as const, path })),
  )
  for (const path of WELL_KNOWN) serve(app, path, () => metadata)
  serve(app, PATHS.jwks, currentJwks)
}

function serve(app: FastifyInstance, path: string, body: () => string): void {
  app.get(path, async (_request, reply) =>
    reply
      .header('content-type', 'application/json; charset=utf-8')
      .header('cache-control', 'public, max-age=300')
      .send(body()),
  )
}
