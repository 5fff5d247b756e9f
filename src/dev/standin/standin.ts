import { createPublicKey } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import fastify, { type FastifyInstance } from 'fastify'
import { isLoopbackAddress } from '../../kernel/address.ts'
import type { Clock } from '../../kernel/clock.ts'
import { backendRoutes } from './backend-api.ts'
import { frontendRoutes, type Nonces } from './frontend-api.ts'
import { createHooks, type StandinHooks } from './hooks.ts'
import { type Instance, suffixOf } from './instance.ts'
import { sendError } from './json-answer.ts'
import { signInRoutes } from './sign-in-page.ts'
import { openState, type State } from './state.ts'
import { createMint } from './tokens.ts'
import { Webhooks } from './webhooks.ts'

export interface StandinOptions {
  /** 0 chooses a free one. */
  readonly port: number
  /** Loopback only; `127.0.0.1` by default. */
  readonly host?: string
  /** `DATA_DIR/standin`: key pair, secrets, users, sessions and metadata, so that a restart keeps everybody signed in. */
  readonly dataDir: string
  readonly clock: Clock
  /** Where browsers reach it, when that is a front before it; its own address without. */
  readonly publicUrl?: string
  /** Origins a browser may be sent back to; anything else would be an open redirect that hands out sessions. */
  readonly portalOrigins: readonly string[]
  /** Where events are sent, e.g. `<portal>/webhooks/clerk`; nowhere without it. */
  readonly webhookUrl?: string
  /** `pk_test_` (default) or `pk_live_` behaviour of Clerk's frontend API. */
  readonly kind?: 'development' | 'production'
  readonly tokenLifeSeconds?: number
  /** How the handshake answers: a nonce to be fetched (default), or a signed token. */
  readonly handshake?: 'nonce' | 'token'
  /** Value of `NODE_ENV`: the stand-in refuses `production`, because it has no passwords. */
  readonly nodeEnv?: string | undefined
}

/** What to set so that the portal and the MCP server use this stand-in as their Clerk. */
export interface StandinConfig {
  readonly publishableKey: string
  readonly secretKey: string
  /** For `CLERK_WEBHOOK_SIGNING_SECRET`. */
  readonly webhookSecret: string
  /** PEM for `CLERK_JWT_KEY`. */
  readonly jwtKey: string
  readonly apiUrl: string
  readonly proxyUrl: string
  readonly signInUrl: string
  /** `iss` of the session tokens: `https://` and the frontend API of the publishable key, as at real Clerk. */
  readonly issuer: string
  readonly jwksUrl: string
}

export interface Standin {
  readonly url: string
  readonly config: StandinConfig
  readonly accounts: readonly { readonly email: string; readonly userId: string; readonly plan: string }[]
  readonly hooks: StandinHooks
  close(): Promise<void>
}

/**
 * Starts a local stand-in for the part of Clerk's frontend and backend API that the portal uses.
 *
 * @throws when the host is not loopback or `nodeEnv` is `production`
 */
export async function startStandin(options: StandinOptions): Promise<Standin> {
  const host = options.host ?? '127.0.0.1'
  if (options.nodeEnv === 'production') throw new Error('The Clerk stand-in does not run in production.')
  if (!isLoopbackAddress(host)) throw new Error('The Clerk stand-in listens on loopback only.')

  const state = await openState(options.dataDir, options.clock.nowMs())
  const server = createServer()
  await listen(server, options.port, host)
  // The keys and addresses name the port, so the routes can only be built once it is known.
  const config = configOf(server.address() as AddressInfo, state, options)
  const instance = buildInstance(config, state, options)
  const app = await buildApp(instance)
  server.on('request', (request, response) => {
    app.routing(request, response)
  })
  return {
    url: config.proxyUrl,
    config,
    accounts: state.data.users.map(({ id, email, plan }) => ({ userId: id, email, plan })),
    hooks: createHooks(instance),
    close: async () => {
      await instance.webhooks.close()
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
      await app.close()
    },
  }
}

async function listen(server: Server, port: number, host: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
}

function configOf({ port }: AddressInfo, state: State, options: StandinOptions): StandinConfig {
  // A host without a dot would not be a valid key; the addresses below keep the browser on `localhost`.
  const frontendApi = `clerk.localhost:${port}`
  const prefix = options.kind === 'production' ? 'pk_live_' : 'pk_test_'
  const url = options.publicUrl ?? `http://localhost:${port}`
  return {
    publishableKey: prefix + Buffer.from(`${frontendApi}$`).toString('base64'),
    secretKey: state.data.secretKey,
    webhookSecret: state.data.webhookSecret,
    jwtKey: createPublicKey(state.data.privateKeyPem).export({ type: 'spki', format: 'pem' }).toString(),
    apiUrl: `http://127.0.0.1:${port}`,
    proxyUrl: url,
    signInUrl: `${url}/sign-in`,
    issuer: `https://${frontendApi}`,
    jwksUrl: `http://127.0.0.1:${port}/.well-known/jwks.json`,
  }
}

function buildInstance(config: StandinConfig, state: State, options: StandinOptions): Instance {
  return {
    kind: options.kind ?? 'development',
    state,
    mint: createMint({
      privateKeyPem: state.data.privateKeyPem,
      instanceId: state.data.instanceId,
      issuer: config.issuer,
      lifeSeconds: options.tokenLifeSeconds ?? 60,
      nowMs: () => options.clock.nowMs(),
    }),
    webhooks: new Webhooks({
      url: options.webhookUrl ?? null,
      secret: state.data.webhookSecret,
      instanceId: state.data.instanceId,
      clock: options.clock,
    }),
    clock: options.clock,
    portalOrigins: options.portalOrigins,
    ownOrigins: [config.proxyUrl, config.apiUrl],
    cookieSuffix: suffixOf(config.publishableKey),
    handshake: options.handshake ?? 'nonce',
    settings: {
      refreshDenied: false,
      trouble: null,
      pendingEmails: new Set(),
      factorAgeMin: new Map(),
      requests: [],
    },
  }
}

async function buildApp(instance: Instance): Promise<FastifyInstance> {
  const app = fastify()
  await app.register(cookie)
  await app.register(formbody)
  acceptEmptyJson(app)
  app.addHook('onRequest', (request, reply, done) => {
    const { settings } = instance
    settings.requests = [...settings.requests, `${request.method} ${request.url.split('?')[0] ?? ''}`].slice(
      -1000,
    )
    if (settings.trouble === null || request.url === '/healthz') done()
    else if (settings.trouble === 'hang') reply.hijack()
    else void reply.code(500).send('trouble')
  })
  app.setNotFoundHandler((_request, reply) => sendError(reply, 404, 'resource_not_found'))
  for (const path of ['/healthz', '/readyz']) app.get(path, () => ({ status: 'ok' }))
  const nonces: Nonces = new Map()
  signInRoutes(app, instance)
  frontendRoutes(app, instance, nonces)
  await backendRoutes(app, instance, nonces)
  await app.ready()
  return app
}

/** Clerk's library names JSON as the content type of every call, also of those without a body. */
function acceptEmptyJson(app: FastifyInstance): void {
  app.removeContentTypeParser('application/json')
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (_request, body, done) => {
    try {
      done(null, body === '' ? {} : JSON.parse(body.toString()))
    } catch (error) {
      done(Object.assign(error as SyntaxError, { statusCode: 400 }))
    }
  })
}
