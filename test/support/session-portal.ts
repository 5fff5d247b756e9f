import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import formbody from '@fastify/formbody'
import fastify from 'fastify'
import { openState, type StandinData } from '../../src/dev/standin/state.ts'
import { createMint } from '../../src/dev/standin/tokens.ts'
import { type Standin, type StandinOptions, startStandin } from '../../src/dev/standin/standin.ts'
import { systemClock } from '../../src/kernel/clock.ts'
import { Secret } from '../../src/kernel/secret.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { createClerk } from '../../src/portal/clerk/clerk-client.ts'
import { clerkConfig } from '../../src/portal/clerk/clerk-config.ts'
import type { GuardDeps } from '../../src/portal/session/answers.ts'
import { findSession, requireFreshSession, requireSession } from '../../src/portal/session/guard.ts'
import { sessionRoutes } from '../../src/portal/session/session-routes.ts'
import type { SignedIn } from '../../src/portal/session/session-state.ts'
import { createSessions } from '../../src/portal/session/sessions.ts'
import { hiddenFields, type PageClient } from './browser/page-client.ts'
import { freePort } from './ports.ts'

export interface World {
  readonly portal: string
  standin: Standin
  readonly dataDir: string
  readonly clerk: ReturnType<typeof createClerk>
  /** What the guard's pages and the sessions logged. */
  readonly logged: string[]
  restartStandin(): Promise<void>
  close(): Promise<void>
}

interface WorldOptions extends Partial<StandinOptions> {
  readonly clockSkewMs?: number
  readonly timeoutMs?: number
  /** Verify with the pinned PEM and no network. */
  readonly pinned?: boolean
}

/** The smallest portal that has every kind of guarded route, before a real stand-in over HTTP. */
export async function startWorld(options: WorldOptions = {}): Promise<World> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'standin-')))
  const portal = `http://localhost:${await freePort()}`
  const start = (port: number) =>
    startStandin({ port, dataDir, clock: systemClock, portalOrigins: [portal], ...options })
  const standin = await start(0)
  const { config } = standin
  const clerk = createClerk(
    clerkConfig({
      ...config,
      jwtKey: options.pinned === true ? config.jwtKey : undefined,
      secretKey: new Secret(config.secretKey),
    }),
    { timeoutMs: options.timeoutMs ?? 5000 },
  )
  const logged: string[] = []
  const note = (fields: object, message: string) => logged.push(JSON.stringify({ ...fields, message }))
  const sessions = createSessions({
    clerk,
    publicOrigin: portal,
    clock: systemClock,
    log: { info: note, warn: note },
    ...(options.clockSkewMs === undefined ? {} : { clockSkewMs: options.clockSkewMs }),
  })
  const app = portalApp({ sessions, store: new MemoryStore(systemClock), pages: PAGES })
  await app.listen({ port: Number(new URL(portal).port), host: '127.0.0.1' })
  const world: World = {
    portal,
    standin,
    dataDir,
    clerk,
    logged,
    restartStandin: async () => {
      await world.standin.close()
      world.standin = await start(Number(new URL(standin.url).port))
    },
    close: async () => {
      await app.close()
      await world.standin.close()
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true })
    },
  }
  return world
}

/** Opens a page that needs a session and chooses an account on the way. */
export async function signIn(client: PageClient, world: World, email: string, path = '/page') {
  const page = await client.visit(world.portal + path)
  return client.submit(page.url, { ...hiddenFields(page.text), user: email })
}

/** Makes the session token in the browser's jar `ageS` seconds old, as if the page had been open that long. */
export async function ageSession(client: PageClient, world: World, ageS: number): Promise<string> {
  const state = await standinData(world)
  const { sid } = claimsOf((await client.cookie(world.portal, '__session')) ?? '')
  const session = state.sessions.find((one) => one.id === sid)
  const user = state.users.find((one) => one.id === session?.userId)
  if (session === undefined || user === undefined) throw new Error('this browser has no session')
  const mint = createMint({
    privateKeyPem: state.privateKeyPem,
    instanceId: state.instanceId,
    issuer: world.standin.config.issuer,
    lifeSeconds: 60,
    nowMs: () => Date.now() - ageS * 1000,
  })
  const token = mint.sessionToken(session, user, world.portal)
  const suffix = world.clerk.config.instance.cookieSuffix
  const uat = String(claimsOf(token).iat)
  for (const name of ['__session', `__session_${suffix}`]) await client.setCookie(world.portal, name, token)
  for (const name of ['__client_uat', `__client_uat_${suffix}`])
    await client.setCookie(world.portal, name, uat)
  return token
}

/** What the stand-in has on disk, its private key included. */
export const standinData = async (world: World): Promise<StandinData> =>
  (await openState(world.dataDir, 0)).data

interface Claims {
  readonly sid: string
  readonly iat: number
}

export function claimsOf(token: string): Claims {
  return JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Claims
}

/** What the test portal's routes show of a session. */
export interface Shown {
  readonly userId: string
  readonly ageS: number
}
export const shown = (text: string): Shown => JSON.parse(text) as Shown

function portalApp(deps: GuardDeps) {
  const app = fastify({ forceCloseConnections: true })
  void app.register(formbody)
  const show = (session: SignedIn, extra: object = {}) => ({
    userId: session.userId,
    ...session.claims,
    ageS: Math.floor(Date.now() / 1000) - session.issuedAtS,
    ...extra,
  })
  app.get('/', async (request, reply) => {
    const session = await findSession(request, reply, deps)
    if (session === null) return reply
    return session === 'anonymous' ? 'anonymous' : show(session)
  })
  app.get('/page', async (request, reply) => {
    const session = await requireSession(request, reply, deps)
    return session === null ? reply : show(session, { query: request.query })
  })
  app.post('/form', async (request, reply) => {
    const session = await requireSession(request, reply, deps)
    return session === null ? reply : show(session, { body: request.body })
  })
  app.post('/fresh', async (request, reply) => {
    const session = await requireFreshSession(request, reply, deps)
    return session === null ? reply : show(session, { body: request.body })
  })
  sessionRoutes(app, deps)
  return app
}

const PAGES: GuardDeps['pages'] = {
  unavailable: () => '<h1>unavailable</h1>',
  signInNeeded: ({ link, why }) =>
    `<h1>sign in: ${why}</h1><a href="${link.replaceAll('&', '&amp;')}">sign in</a>`,
  sendAgain: ({ action, fields }) =>
    `<h1>send again</h1><form method="post" action="${action}">${fields
      .map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
      .join('')}<button>Continue</button></form>`,
  formGone: () => '<h1>gone</h1>',
  foreignForm: () => '<h1>foreign</h1>',
}
