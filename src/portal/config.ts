import { join, resolve } from 'node:path'
import { z } from 'zod'
import { retention, type RetentionPreset } from '../audit/retention/policy.ts'
import {
  filePath,
  httpUrl,
  instanceId,
  type InternalServer,
  internalServers,
  isLoopbackHost,
  isLoopbackUrl,
  isSafeRedis,
  logLevel,
  networks,
  origin,
  port,
  redisUrl,
  wholeNumber,
} from '../kernel/env-fields.ts'
import { parseEnv } from '../kernel/env.ts'
import { type TrafficConfig, trafficConfig, trafficVariables } from '../kernel/load/traffic.ts'
import { Secret } from '../kernel/secret.ts'
import { clerkProblems, type ClerkSettings } from './clerk/clerk-config.ts'

export interface PortalConfig {
  readonly production: boolean
  readonly instanceId: string
  readonly host: string
  readonly port: number
  /** Origin of the portal, without a trailing slash; also the OAuth issuer. */
  readonly portalUrl: string
  /** Origin of the MCP server, without a trailing slash. */
  readonly mcpUrl: string
  readonly internalServers: readonly InternalServer[]
  /** PEM file of the authority that signed the internal listeners' certificates; the system's authorities without it. */
  readonly internalCaFile: string | undefined
  /** The other portals of this deployment, with which journals are shared, and where they reach this one. */
  readonly peers: {
    readonly servers: readonly InternalServer[]
    readonly host: string
    readonly port: number
    /** PEM files; both or none. */
    readonly tls: { readonly keyFile: string; readonly certFile: string } | undefined
  }
  readonly redis: { readonly url: Secret<string>; readonly caFile: string | undefined } | undefined
  readonly folders: {
    readonly keys: string
    readonly journal: string
    readonly audit: string
    /** Keys of persons in the audit log. */
    readonly subjects: string
    readonly traces: string
  }
  readonly clerk: ClerkSettings
  /** Of Clerk's webhooks; without it none are taken. */
  readonly webhookSecret: Secret<string> | undefined
  readonly trustedProxies: readonly string[]
  readonly metricsAllow: readonly string[]
  readonly traffic: TrafficConfig
  readonly failedAuth: { readonly max: number; readonly windowMs: number }
  /** JSON file of clients that the operator registered by hand. */
  readonly clientsFile: string | undefined
  /** JSON file of the operator, the same that the MCP server reads. */
  readonly workloadIssuersFile: string | undefined
  /** Folder elsewhere in which the heads of the audit log are kept, too. */
  readonly auditHeadsFolder: string | undefined
  /** For how long audit records are kept; with `gdpr`, persons stand in them by pseudonyms. Empty: for ever. */
  readonly auditRetention: readonly RetentionPreset[]
  /** JSON file of the operator: where audit records go beside the disk. */
  readonly auditSinksFile: string | undefined
  /** JSON file of the operator, the same that the MCP server reads. */
  readonly detectionFile: string | undefined
  readonly logLevel: string
}

/**
 * Reads the portal's variables.
 *
 * @throws ConfigError with every problem by variable name, never by value.
 */
export function loadPortalConfig(env: Environment): PortalConfig {
  return parseEnv(portalEnv, env)
}

/** Every variable the portal reads. The README's table is checked against these names. */
export const portalVariables = z.object({
  NODE_ENV: z.string().optional(),
  INSTANCE_ID: instanceId.default('portal-1'),
  PORTAL_HOST: z.string().min(1).default('127.0.0.1'),
  PORTAL_PORT: port.default(8080),
  PUBLIC_PORTAL_URL: origin,
  PUBLIC_MCP_URL: origin,
  MCP_INTERNAL_URLS: z.string().pipe(internalServers),
  MCP_INTERNAL_TLS_CA: filePath.optional(),
  PORTAL_INTERNAL_URLS: z.string().pipe(internalServers).optional(),
  PORTAL_INTERNAL_HOST: z.string().min(1).default('127.0.0.1'),
  PORTAL_INTERNAL_PORT: port.default(8090),
  PORTAL_INTERNAL_TLS_KEY: filePath.optional(),
  PORTAL_INTERNAL_TLS_CERT: filePath.optional(),
  REDIS_URL: redisUrl.optional(),
  REDIS_TLS_CA: filePath.optional(),
  DATA_DIR: filePath.default('./data'),
  CLERK_PUBLISHABLE_KEY: z.string().regex(/^pk_(test|live)_[A-Za-z0-9+/=]+$/),
  CLERK_SECRET_KEY: z.string().min(1),
  CLERK_JWT_KEY: z.string().min(1).optional(),
  CLERK_API_URL: httpUrl.optional(),
  CLERK_PROXY_URL: httpUrl.optional(),
  CLERK_SIGN_IN_URL: httpUrl.optional(),
  CLERK_WEBHOOK_SIGNING_SECRET: z
    .string()
    .regex(/^whsec_[A-Za-z0-9+/]{32,}={0,2}$/, 'is not the signing secret of a webhook (whsec_…)')
    .optional(),
  TRUSTED_PROXIES: networks,
  METRICS_ALLOW: networks,
  ...trafficVariables,
  FAILED_AUTH_MAX: wholeNumber.min(1).max(10_000).default(20),
  FAILED_AUTH_WINDOW_S: wholeNumber.min(1).max(3_600).default(60),
  CLIENTS_FILE: filePath.optional(),
  WORKLOAD_ISSUERS_FILE: filePath.optional(),
  AUDIT_HEADS_DIR: filePath.optional(),
  AUDIT_RETENTION: retention,
  AUDIT_SINKS_FILE: filePath.optional(),
  DETECTION_FILE: filePath.optional(),
  LOG_LEVEL: logLevel.default('info'),
})
type Variables = z.output<typeof portalVariables>

/** What the shape of each variable cannot say: pairs of variable and problem. */
function furtherProblems(env: Variables): [keyof Variables, string][] {
  const production = env.NODE_ENV === 'production'
  return [
    ...clerkProblems(clerkSettings(env), { production }),
    ...peerProblems(env),
    ...(production ? productionProblems(env) : []),
  ]
}

function peerProblems(env: Variables): [keyof Variables, string][] {
  const { PORTAL_INTERNAL_URLS: urls, PORTAL_INTERNAL_TLS_KEY: key, PORTAL_INTERNAL_TLS_CERT: cert } = env
  const problems: [keyof Variables, string][] = []
  if ((key === undefined) !== (cert === undefined))
    problems.push(['PORTAL_INTERNAL_TLS_CERT', 'and PORTAL_INTERNAL_TLS_KEY go together'])
  if (urls === undefined) return problems
  if (!urls.some(({ id }) => id === env.INSTANCE_ID))
    problems.push(['PORTAL_INTERNAL_URLS', 'must name this portal, too: <INSTANCE_ID>=<url>'])
  if (key === undefined && !isLoopbackHost(env.PORTAL_INTERNAL_HOST))
    problems.push(['PORTAL_INTERNAL_HOST', 'needs PORTAL_INTERNAL_TLS_KEY and …_CERT off loopback'])
  if (env.NODE_ENV === 'production' && urls.some(({ url }) => !isSafeUrl(url)))
    problems.push(['PORTAL_INTERNAL_URLS', 'must be https off loopback in production'])
  return problems
}

const isSafeUrl = (url: string): boolean => url.startsWith('https:') || isLoopbackUrl(url)

function peerTls(env: Variables): PortalConfig['peers']['tls'] {
  const { PORTAL_INTERNAL_TLS_KEY: keyFile, PORTAL_INTERNAL_TLS_CERT: certFile } = env
  return keyFile === undefined || certFile === undefined ? undefined : { keyFile, certFile }
}

function clerkSettings(env: Variables): Omit<PortalConfig['clerk'], 'secretKey'> {
  return {
    publishableKey: env.CLERK_PUBLISHABLE_KEY,
    jwtKey: env.CLERK_JWT_KEY,
    apiUrl: env.CLERK_API_URL,
    proxyUrl: env.CLERK_PROXY_URL,
    signInUrl: env.CLERK_SIGN_IN_URL,
  }
}

function productionProblems(env: Variables): [keyof Variables, string][] {
  const problems: [keyof Variables, string][] = []
  const demand = (met: boolean, name: keyof Variables, problem: string): void => {
    if (!met) problems.push([name, problem])
  }
  const hosts = [env.PUBLIC_PORTAL_URL, env.PUBLIC_MCP_URL].map((url) => new URL(url).hostname)
  demand(env.PUBLIC_PORTAL_URL.startsWith('https:'), 'PUBLIC_PORTAL_URL', 'must be https in production')
  demand(env.PUBLIC_MCP_URL.startsWith('https:'), 'PUBLIC_MCP_URL', 'must be https in production')
  demand(
    hosts[0] !== hosts[1],
    'PUBLIC_MCP_URL',
    'must have another host than PUBLIC_PORTAL_URL in production',
  )
  demand(env.REDIS_URL !== undefined, 'REDIS_URL', 'is required in production')
  demand(isSafeRedis(env.REDIS_URL), 'REDIS_URL', 'must be rediss off loopback in production')
  demand(
    env.MCP_INTERNAL_URLS.every(({ url }) => isSafeUrl(url)),
    'MCP_INTERNAL_URLS',
    'must be https off loopback in production',
  )
  return problems
}

const PRIVATE_PEM = /-----BEGIN (?:RSA |ENCRYPTED )?PRIVATE KEY-----/
const PRIVATE_RSA_JWK = /"kty"\s*:\s*"RSA"[\s\S]*"d"\s*:|"d"\s*:[\s\S]*"kty"\s*:\s*"RSA"/

/**
 * Variables of the whole environment that hold an RSA private key. The portal refuses to start with one: that it can
 * read no token is then a checked fact and no promise.
 */
export function privateKeyVariables(env: Environment): string[] {
  return Object.entries(env)
    .filter(([, value]) => value !== undefined && (PRIVATE_PEM.test(value) || PRIVATE_RSA_JWK.test(value)))
    .map(([name]) => name)
}

type Environment = Readonly<Record<string, string | undefined>>

/** Addresses that follow from ports, so that moving a port alone is enough on one machine. */
const withAddresses = (env: Environment): Environment => ({
  ...env,
  PUBLIC_PORTAL_URL: env.PUBLIC_PORTAL_URL ?? `http://localhost:${portOr(env.PORTAL_PORT, 8080)}`,
  PUBLIC_MCP_URL: env.PUBLIC_MCP_URL ?? `http://localhost:${portOr(env.MCP_PORT, 8081)}`,
  MCP_INTERNAL_URLS: env.MCP_INTERNAL_URLS ?? `mcp-1=http://127.0.0.1:${portOr(env.MCP_INTERNAL_PORT, 8091)}`,
})

const portOr = (value: string | undefined, standard: number): number =>
  value !== undefined && port.safeParse(value).success ? Number(value) : standard

/** Schema over the whole environment: {@link portalVariables}, the production rules, and the ban on private keys. */
export const portalEnv = z
  .record(z.string(), z.string().optional())
  .superRefine((env, context) => {
    for (const name of privateKeyVariables(env)) {
      context.addIssue({
        code: 'custom',
        path: [name],
        message: 'holds a private key; the portal must not have one',
      })
    }
  })
  .transform(withAddresses)
  .pipe(
    portalVariables.superRefine((env, context) => {
      for (const [name, message] of furtherProblems(env)) {
        context.addIssue({ code: 'custom', path: [name], message })
      }
    }),
  )
  .transform(toConfig)

function toConfig(env: Variables): PortalConfig {
  const folder = resolve(env.DATA_DIR, 'portal')
  return {
    production: env.NODE_ENV === 'production',
    instanceId: env.INSTANCE_ID,
    host: env.PORTAL_HOST,
    port: env.PORTAL_PORT,
    portalUrl: env.PUBLIC_PORTAL_URL,
    mcpUrl: env.PUBLIC_MCP_URL,
    internalServers: env.MCP_INTERNAL_URLS,
    internalCaFile: env.MCP_INTERNAL_TLS_CA,
    peers: {
      servers: (env.PORTAL_INTERNAL_URLS ?? []).filter(({ id }) => id !== env.INSTANCE_ID),
      host: env.PORTAL_INTERNAL_HOST,
      port: env.PORTAL_INTERNAL_PORT,
      tls: peerTls(env),
    },
    redis:
      env.REDIS_URL === undefined ? undefined : { url: new Secret(env.REDIS_URL), caFile: env.REDIS_TLS_CA },
    folders: {
      keys: join(folder, 'keys'),
      journal: join(folder, 'journal'),
      audit: join(folder, 'audit'),
      subjects: join(folder, 'audit-subjects'),
      traces: join(folder, 'traces'),
    },
    clerk: { ...clerkSettings(env), secretKey: new Secret(env.CLERK_SECRET_KEY) },
    webhookSecret:
      env.CLERK_WEBHOOK_SIGNING_SECRET === undefined
        ? undefined
        : new Secret(env.CLERK_WEBHOOK_SIGNING_SECRET),
    trustedProxies: env.TRUSTED_PROXIES,
    metricsAllow: env.METRICS_ALLOW,
    traffic: trafficConfig(env),
    failedAuth: { max: env.FAILED_AUTH_MAX, windowMs: env.FAILED_AUTH_WINDOW_S * 1000 },
    clientsFile: env.CLIENTS_FILE,
    workloadIssuersFile: env.WORKLOAD_ISSUERS_FILE,
    auditHeadsFolder: env.AUDIT_HEADS_DIR,
    auditRetention: env.AUDIT_RETENTION,
    auditSinksFile: env.AUDIT_SINKS_FILE,
    detectionFile: env.DETECTION_FILE,
    logLevel: env.LOG_LEVEL,
  }
}
