import type { FastifyInstance } from 'fastify'
import { addHealth } from '../kernel/health.ts'
import { createHttp } from '../kernel/http.ts'
import { workAs } from '../kernel/load/edge.ts'
import type { LoadClass } from '../kernel/load/shedding.ts'
import { changeRoutes } from './changes/route.ts'
import { authorizeRoute } from './authorize/authorize-route.ts'
import { consentRoute } from './authorize/consent-route.ts'
import { decisionRoute } from './authorize/decision-route.ts'
import { registrationRoute } from './clients/route.ts'
import { connectionRoutes } from './connections/route.ts'
import type { PortalDeps } from './deps.ts'
import { environmentRoutes } from './environments/route.ts'
import { homeRoute } from './home-route.ts'
import { machineRoutes } from './machines/route.ts'
import { metadataRoutes } from './metadata/route.ts'
import { noticeRoutes } from './notices/route.ts'
import { demandPrimed, notFoundPage, pageScope, sendHtml } from './page-scope.tsx'
import { pageGuard } from './page-session.ts'
import { revocationRoute } from './revoke/route.ts'
import { sessionRoutes } from './session/session-routes.ts'
import { signInAgainRoute } from './tokens/again-route.ts'
import { tokenListRoutes } from './tokens/list-route.ts'
import { newTokenRoutes } from './tokens/new-route.ts'
import { reportRoute } from './tokens/report-route.ts'
import { rotateTokenRoutes } from './tokens/rotate-route.ts'
import { tokenRoute } from './token/route.ts'
import { attemptRoutes } from './traces/route.ts'
import { assetRoutes } from './ui/assets.ts'
import { usageRoute } from './usage/route.ts'
import { webhookRoute } from './webhooks/route.ts'

/** The portal's listener: pages for people, endpoints for programs, each in a scope of its own. Not listening yet. */
export async function buildPortal(deps: PortalDeps): Promise<FastifyInstance> {
  const { config, log, metrics, records, sinks, storeHealth, traffic } = deps
  const app = await createHttp({
    ...{ log, traffic },
    trustedProxies: config.trustedProxies,
    csp: {
      'style-src': ["'self'"],
      'img-src': ["'self'"],
      // Clerk's handshake may follow a form of ours, and the vault takes one.
      'form-action': ["'self'", ...deps.formTargets, config.mcpUrl],
    },
  })
  app.setNotFoundHandler(async (request, reply) => sendHtml(reply, 404, notFoundPage(request)))
  const reasons = (): readonly string[] => [
    ...(traffic.leaving.isLeaving ? ['closing'] : []),
    ...[storeHealth.trouble()].filter((reason) => reason !== null),
    ...[...records.recorder.unprimedReasons(), ...sinks.reasons()],
  ]
  const notes = () => [...storeHealth.remarks(), ...records.recorder.notes(), ...sinks.notes()]
  metrics.describeReadiness(reasons)
  addHealth(app, { metricsAllow: config.metricsAllow, reasons, metrics, notes })
  assetRoutes(app)
  await app.register((scope, _options, done) => {
    workAs(scope, 'sign_in')
    metadataRoutes(scope, deps)
    done()
  })
  await registerPrograms(app, deps)
  await registerPages(app, deps)
  return app
}

async function registerPrograms(app: FastifyInstance, deps: PortalDeps): Promise<void> {
  await app.register((scope, _options, done) => {
    workAs(scope, 'sign_in')
    registrationRoute(scope, deps)
    demandPrimed(scope, deps)
    done()
  })
  await app.register((scope, _options, done) => {
    // Whom Clerk banned is ended by it.
    workAs(scope, 'revocation')
    webhookRoute(scope, deps)
    done()
  })
  for (const [route, load] of [
    [tokenRoute, 'sign_in'],
    [revocationRoute, 'revocation'],
    [reportRoute, 'revocation'],
  ] as const)
    await app.register(async (scope) => {
      workAs(scope, load)
      await route(scope, deps)
      demandPrimed(scope, deps)
    })
}

/** Routes of one class, in a scope of their own. */
function registerAs(app: FastifyInstance, load: LoadClass, route: (scope: FastifyInstance) => void): void {
  void app.register((scope, _options, done) => {
    workAs(scope, load)
    route(scope)
    done()
  })
}

async function registerPages(app: FastifyInstance, deps: PortalDeps): Promise<void> {
  await app.register(async (scope) => {
    await pageScope(scope)
    const guarded = { ...deps, guard: pageGuard(deps) }
    registerAs(scope, 'sign_in', (signIn) => sessionRoutes(signIn, guarded.guard))
    // What an owner ended stands in our own journal: it can be shown, and more can be ended, while the store is away.
    for (const route of [connectionRoutes, tokenListRoutes])
      registerAs(scope, 'revocation', (ending) => route(ending, guarded))
    noticeRoutes(scope, guarded)
    usageRoute(scope, guarded)
    attemptRoutes(scope, guarded)
    await scope.register((primed, _options, done) => {
      demandPrimed(primed, deps)
      for (const route of [authorizeRoute, consentRoute, decisionRoute])
        registerAs(primed, 'sign_in', (signIn) => route(signIn, guarded))
      for (const route of [homeRoute, environmentRoutes, changeRoutes, machineRoutes]) route(primed, guarded)
      for (const route of [newTokenRoutes, rotateTokenRoutes, signInAgainRoute]) route(primed, guarded)
      done()
    })
  })
}
