import type { FastifyInstance } from 'fastify'
import { addHealth } from '../kernel/health.ts'
import { createHttp } from '../kernel/http.ts'
import { workAs } from '../kernel/load/edge.ts'
import type { Traffic } from '../kernel/load/traffic.ts'
import type { Log } from '../kernel/log.ts'
import type { Metrics } from '../kernel/metrics.ts'
import { registerInternal } from './internal/listener.ts'
import { registerMetadata, type ProtectedResource } from './metadata/protected-resource.ts'
import { registerMcpRoutes, type McpRouteDeps } from './transport/routes.ts'
import type { VaultDeps } from './vault/deps.ts'
import { registerVault } from './vault/routes.ts'

export interface ListenerOptions {
  readonly log: Log
  readonly trustedProxies: readonly string[]
  readonly metricsAllow: readonly string[]
  /** What keeps this process from taking traffic, in words; empty when nothing does. */
  readonly reasons: () => readonly string[]
  /** What an operator should know although it takes traffic. */
  readonly notes: () => readonly string[]
  readonly metrics: Metrics
  readonly traffic: Traffic
}

export interface PublicApp extends ListenerOptions {
  readonly resource: ProtectedResource
  readonly vault: VaultDeps
  readonly mcp: McpRouteDeps
}

/** The listener that the world reaches: `/mcp`, `/vault`, metadata, health. */
export async function buildPublicApp(options: PublicApp): Promise<FastifyInstance> {
  const { log, trustedProxies, resource, traffic } = options
  const csp = {
    'form-action': ["'self'", resource.portalUrl],
    'style-src': ["'self'"],
    'img-src': ["'self'"],
  }
  const app = await createHttp({ log, trustedProxies, csp, traffic })
  addHealth(app, options)
  await app.register((scope, _options, done) => {
    workAs(scope, 'sign_in')
    registerMetadata(scope, resource)
    done()
  })
  await registerVault(app, options.vault)
  await registerMcpRoutes(app, options.mcp)
  return app
}

export interface InternalApp extends Omit<ListenerOptions, 'trustedProxies'> {
  readonly internal: Parameters<typeof registerInternal>[1]
  readonly tls: { readonly key: string; readonly cert: string } | undefined
}

/** The listener that portal, operator and other MCP servers reach. */
export async function buildInternalApp(options: InternalApp): Promise<FastifyInstance> {
  const { log, tls, traffic } = options
  const secured = tls === undefined ? {} : { tls }
  const app = await createHttp({ log, trustedProxies: [], csp: {}, traffic, ...secured })
  addHealth(app, options)
  registerInternal(app, options.internal)
  return app
}
