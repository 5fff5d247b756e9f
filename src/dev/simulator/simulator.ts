import fastify, { type FastifyInstance } from 'fastify'
import { openAccounts, type AccountStore } from './auth/account-store.ts'
import type { Authenticator } from './auth/authenticate.ts'
import { createBearers } from './auth/bearers.ts'
import { createSessions } from './auth/sessions.ts'
import type { Simulator, SimulatorOptions, SimulatorTls } from './contract.ts'
import { createFaults } from './faults.ts'
import { addControlRoutes } from './http/control-routes.ts'
import type { Instance } from './http/exchange.ts'
import { addMaximoRoutes } from './http/maximo-routes.ts'
import { addTokenRoute } from './http/token-route.ts'
import { createRequestCounter } from './http/request-counter.ts'
import { buildPlant } from './plant/build-plant.ts'
import { createStableSets } from './query/stable-sets.ts'
import { DEFAULT_RULES } from './rules.ts'
import { createThrottle } from './throttle.ts'
import { BUILDS, profileOf } from './versions.ts'
import { announce } from './wire/wire-watch.ts'

const DEFAULT_SEED = 7
/** Room for an attachment over its limit, so that Maximo's own refusal is seen. */
const BODY_LIMIT_BYTES = 32 * 1024 * 1024

/**
 * Starts the Maximo simulator: a plant behind Maximo's API, on loopback unless told otherwise.
 *
 * @throws when `nodeEnv` is `production`, the port is taken, or the remembered accounts cannot be read.
 */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  if (options.nodeEnv === 'production') throw new Error('The Maximo simulator does not run in production.')
  const host = options.host ?? '127.0.0.1'
  const version = options.version ?? '9.1'
  const rules = { ...DEFAULT_RULES, build: BUILDS[version], ...profileOf(version), ...options.rules }
  const store = await openAccounts(options.dataDir ?? null)
  const certified = certifiedUsers(options.tls, store)
  const bearers = createBearers(store, options.clock)
  const refreshToken = (name: string): string => bearers.refreshTokenFor(store.userNamed(name))
  const accounts = { ...store, refreshToken }
  const sessions = createSessions(options.clock, rules.sessionIdleMs)
  const faults = createFaults()
  const throttle = createThrottle(options.clock)
  const counter = createRequestCounter()
  const app = createApp(options.tls)
  let origin = ''
  const instance: Instance = {
    plant: buildPlant(options.seed ?? DEFAULT_SEED, options.clock.nowMs(), options.size),
    clock: options.clock,
    rules,
    authenticator: { accounts: store, sessions, rules, bearers, certified },
    origin: () => origin,
    transactions: new Map(),
    files: new Map(),
    transients: new Map(),
    stableSets: createStableSets(options.clock, rules.stableIdleMs),
  }
  addMaximoRoutes(app, instance, { faults, counter, throttle })
  addTokenRoute(app, bearers)
  addControlRoutes(app, { faults, throttle, accounts, requests: counter })
  origin = originOf(await app.listen({ port: options.port, host }))
  announce(origin)
  options.log?.info({ origin }, 'simulator ready')
  return {
    url: origin,
    baseUrl: `${origin}/maximo`,
    plant: instance.plant,
    faults,
    throttle,
    accounts,
    requests: counter,
    close: () => app.close(),
  }
}

function createApp(tls: SimulatorTls | undefined): FastifyInstance {
  const app = fastify({
    ...listenerOf(tls),
    bodyLimit: BODY_LIMIT_BYTES,
    exposeHeadRoutes: false,
    // A test that leaves a request hanging must not hang the end of the run.
    forceCloseConnections: true,
  })
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.get('/healthz', () => ({ status: 'ok' }))
  app.get('/readyz', () => ({ status: 'ready' }))
  return app
}

/** Fastify types its listener by the protocol; the routes do not care. */
function listenerOf(tls: SimulatorTls | undefined): { http: object } {
  if (tls === undefined) return { http: {} }
  const { key, cert, clientCa, options } = tls
  const asked = clientCa === undefined ? {} : { requestCert: true, ca: [...clientCa] }
  return { https: { key, cert, ...asked, ...options } } as unknown as { http: object }
}

/** @throws when a certificate stands for nobody: a typo in a test */
function certifiedUsers(tls: SimulatorTls | undefined, accounts: AccountStore): Authenticator['certified'] {
  const named = [...(tls?.users ?? [])].map(
    ([thumbprint, user]) => [thumbprint, accounts.userNamed(user)] as const,
  )
  return new Map(named)
}

/** A wildcard bind is reached over loopback. */
const originOf = (address: string): string =>
  address.replace('//0.0.0.0:', '//127.0.0.1:').replace('//[::]:', '//[::1]:')
