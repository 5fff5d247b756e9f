import { join, resolve } from 'node:path'
import { z } from 'zod'
import { retention, type RetentionPreset } from '../audit/retention/policy.ts'
import {
  commaList,
  filePath,
  httpUrl,
  instanceId,
  internalServers,
  type InternalServer,
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
import type { AgePolicy } from './vault/credential-age.ts'

export interface McpConfig {
  readonly production: boolean
  readonly instanceId: string
  readonly host: string
  readonly port: number
  /** Origin of the portal, without a trailing slash; also the OAuth issuer. */
  readonly portalUrl: string
  /** Origin of the MCP server, without a trailing slash. */
  readonly mcpUrl: string
  readonly internal: {
    readonly host: string
    readonly port: number
    /** PEM files; both or none. */
    readonly tls: { readonly keyFile: string; readonly certFile: string } | undefined
  }
  /** The other MCP servers of this deployment, with which journals are shared. */
  readonly peers: {
    readonly servers: readonly InternalServer[]
    /** PEM file of the authority behind their certificates. */
    readonly caFile: string | undefined
  }
  readonly redis: { readonly url: Secret<string>; readonly caFile: string | undefined } | undefined
  readonly folders: {
    readonly keys: string
    readonly journal: string
    readonly audit: string
    /** Keys of persons in the audit log. */
    readonly subjects: string
  }
  readonly clerk: {
    readonly issuer: string
    /** PEM of the one key that signs; else the keys are fetched from {@link jwksUrl}. */
    readonly jwtKey: string | undefined
    readonly jwksUrl: string
  }
  readonly egress: { readonly allowCidrs: readonly string[]; readonly allowLoopbackHttp: boolean }
  /** How long an answer of Maximo may be given again; 0: not at all. */
  readonly readCacheMs: number
  readonly allowedOrigins: readonly string[]
  /** Client ids that put a question to their person as it stands, so that a change of medium risk may be agreed to there. */
  readonly elicitationClients: readonly string[]
  readonly trustedProxies: readonly string[]
  readonly metricsAllow: readonly string[]
  readonly traffic: TrafficConfig
  readonly failedAuth: { readonly max: number; readonly windowMs: number }
  /** After how many days a Maximo credential should be replaced, and how long before that is said. */
  readonly agePolicy: AgePolicy
  /** JSON files of the operator; the built-in tables without them. */
  readonly plansFile: string | undefined
  readonly limitsFile: string | undefined
  readonly maximoTlsFile: string | undefined
  readonly presetsFile: string | undefined
  /** JSON file of the operator: fields that callers do not see. */
  readonly fieldPolicyFile: string | undefined
  /** JSON file of the operator: OpenID providers whose workloads may be machine clients. */
  readonly workloadIssuersFile: string | undefined
  /** Folder elsewhere in which the heads of the audit log are kept, too. */
  readonly auditHeadsFolder: string | undefined
  /** For how long audit records are kept; with `gdpr`, persons stand in them by pseudonyms. Empty: for ever. */
  readonly auditRetention: readonly RetentionPreset[]
  /** JSON file of the operator: where audit records go beside the disk. */
  readonly auditSinksFile: string | undefined
  /** JSON file of the operator: what counts as suspicious. */
  readonly detectionFile: string | undefined
  readonly logLevel: string
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * Reads the MCP server's variables. `embedded`: it shares its process, and so its environment, with the portal.
 *
 * @throws ConfigError with every problem by variable name, never by value.
 */
export function loadMcpConfig(env: Env, options: { readonly embedded?: boolean } = {}): McpConfig {
  return options.embedded === true ? parseEnv(embeddedEnv, env) : parseEnv(mcpEnv, env)
}

/** Host of the frontend API inside a publishable key: `pk_<kind>_` + base64 of `<host>$`. */
const publishableKey = z.string().transform((key, context) => {
  const encoded = /^pk_(?:test|live)_([A-Za-z0-9+/]+={0,2})$/.exec(key)?.[1] ?? ''
  const host = /^([a-z0-9.-]+\.[a-z0-9-]+(?::\d{1,5})?)\$$/.exec(
    Buffer.from(encoded, 'base64').toString(),
  )?.[1]
  if (host !== undefined) return { issuer: `https://${host}` }
  context.addIssue({ code: 'custom', message: 'is not a publishable key of Clerk' })
  return z.NEVER
})

/** Every variable the MCP server reads. The README's table is checked against these names. */
export const mcpVariables = z.object({
  NODE_ENV: z.string().optional(),
  INSTANCE_ID: instanceId.default('mcp-1'),
  MCP_HOST: z.string().min(1).default('127.0.0.1'),
  MCP_PORT: port.default(8081),
  PUBLIC_PORTAL_URL: origin.default('http://localhost:8080'),
  PUBLIC_MCP_URL: origin.default('http://localhost:8081'),
  MCP_INTERNAL_HOST: z.string().min(1).default('127.0.0.1'),
  MCP_INTERNAL_PORT: port.default(8091),
  MCP_INTERNAL_TLS_KEY: filePath.optional(),
  MCP_INTERNAL_TLS_CERT: filePath.optional(),
  MCP_INTERNAL_URLS: z.string().pipe(internalServers).optional(),
  MCP_INTERNAL_TLS_CA: filePath.optional(),
  REDIS_URL: redisUrl.optional(),
  REDIS_TLS_CA: filePath.optional(),
  DATA_DIR: filePath.default('./data'),
  CLERK_PUBLISHABLE_KEY: publishableKey,
  CLERK_JWT_KEY: z.string().min(1).optional(),
  CLERK_PROXY_URL: httpUrl.optional(),
  MAXIMO_ALLOW_CIDRS: networks,
  MAXIMO_READ_CACHE_S: wholeNumber.min(0).max(60).default(0),
  MCP_ALLOWED_ORIGINS: z.string().default('').pipe(commaList).pipe(z.array(origin)),
  ELICITATION_CLIENTS: z.string().default('').pipe(commaList),
  TRUSTED_PROXIES: networks,
  METRICS_ALLOW: networks,
  ...trafficVariables,
  FAILED_AUTH_MAX: wholeNumber.min(1).max(10_000).default(20),
  FAILED_AUTH_WINDOW_S: wholeNumber.min(1).max(3_600).default(60),
  CREDENTIAL_DAYS_PRODUCTION: wholeNumber.min(1).max(3_650).default(90),
  CREDENTIAL_DAYS_TEST: wholeNumber.min(1).max(3_650).default(30),
  CREDENTIAL_WARN_DAYS: wholeNumber.min(0).max(365).default(14),
  PLANS_FILE: filePath.optional(),
  LIMITS_FILE: filePath.optional(),
  MAXIMO_TLS_FILE: filePath.optional(),
  PRESETS_FILE: filePath.optional(),
  FIELD_POLICY_FILE: filePath.optional(),
  WORKLOAD_ISSUERS_FILE: filePath.optional(),
  AUDIT_HEADS_DIR: filePath.optional(),
  AUDIT_RETENTION: retention,
  AUDIT_SINKS_FILE: filePath.optional(),
  DETECTION_FILE: filePath.optional(),
  LOG_LEVEL: logLevel.default('info'),
})
type Variables = z.output<typeof mcpVariables>
type Problem = readonly [name: keyof Variables, problem: string]

/** What must hold between variables, and what production demands. */
function problemsOf(env: Variables): Problem[] {
  const hasTls = env.MCP_INTERNAL_TLS_KEY !== undefined
  const rules: (readonly [met: boolean, ...Problem])[] = [
    [
      hasTls === (env.MCP_INTERNAL_TLS_CERT !== undefined),
      'MCP_INTERNAL_TLS_CERT',
      'and MCP_INTERNAL_TLS_KEY go together',
    ],
    [
      hasTls || isLoopbackHost(env.MCP_INTERNAL_HOST),
      'MCP_INTERNAL_HOST',
      'needs MCP_INTERNAL_TLS_KEY and MCP_INTERNAL_TLS_CERT off loopback',
    ],
  ]
  rules.push([
    env.MCP_INTERNAL_URLS?.some(({ id }) => id === env.INSTANCE_ID) ?? true,
    'MCP_INTERNAL_URLS',
    'must name this server, too: <INSTANCE_ID>=<url>',
  ])
  const production = env.NODE_ENV === 'production' ? productionRules(env) : []
  return [...rules, ...production].filter(([met]) => !met).map(([, name, problem]) => [name, problem])
}

function productionRules(env: Variables): (readonly [met: boolean, ...Problem])[] {
  const hosts = [env.PUBLIC_PORTAL_URL, env.PUBLIC_MCP_URL].map((url) => new URL(url).hostname)
  return [
    [env.PUBLIC_PORTAL_URL.startsWith('https:'), 'PUBLIC_PORTAL_URL', 'must be https in production'],
    [env.PUBLIC_MCP_URL.startsWith('https:'), 'PUBLIC_MCP_URL', 'must be https in production'],
    [hosts[0] !== hosts[1], 'PUBLIC_MCP_URL', 'must have another host than PUBLIC_PORTAL_URL in production'],
    [env.REDIS_URL !== undefined, 'REDIS_URL', 'is required in production'],
    [isSafeRedis(env.REDIS_URL), 'REDIS_URL', 'must be rediss off loopback in production'],
    [
      env.MCP_INTERNAL_URLS?.every(({ url }) => url.startsWith('https:') || isLoopbackUrl(url)) ?? true,
      'MCP_INTERNAL_URLS',
      'must be https off loopback in production',
    ],
    [
      env.CLERK_PROXY_URL === undefined || env.CLERK_PROXY_URL.startsWith('https:'),
      'CLERK_PROXY_URL',
      'must be https in production',
    ],
  ]
}

const addProblems = (env: Variables, context: z.RefinementCtx): void => {
  for (const [name, message] of problemsOf(env)) context.addIssue({ code: 'custom', path: [name], message })
}

const embeddedEnv = mcpVariables.superRefine(addProblems).transform(toConfig)

/**
 * {@link mcpVariables}, and nothing that would let this server act as Clerk. Whoever holds Clerk's secret key can sign in
 * as anybody; beside the credentials it would make one break-in a whole one.
 */
export const mcpEnv = mcpVariables
  .extend({
    CLERK_SECRET_KEY: z
      .undefined({ error: 'must not be set for the MCP server, only for the portal' })
      .optional(),
  })
  .superRefine(addProblems)
  .transform(toConfig)

function toConfig(env: Variables): McpConfig {
  const folder = resolve(env.DATA_DIR, 'mcp')
  const { issuer } = env.CLERK_PUBLISHABLE_KEY
  const frontendApi = (env.CLERK_PROXY_URL ?? issuer).replace(/\/+$/, '')
  return {
    production: env.NODE_ENV === 'production',
    instanceId: env.INSTANCE_ID,
    host: env.MCP_HOST,
    port: env.MCP_PORT,
    portalUrl: env.PUBLIC_PORTAL_URL,
    mcpUrl: env.PUBLIC_MCP_URL,
    internal: { host: env.MCP_INTERNAL_HOST, port: env.MCP_INTERNAL_PORT, tls: tlsOf(env) },
    peers: {
      servers: (env.MCP_INTERNAL_URLS ?? []).filter(({ id }) => id !== env.INSTANCE_ID),
      caFile: env.MCP_INTERNAL_TLS_CA,
    },
    redis:
      env.REDIS_URL === undefined ? undefined : { url: new Secret(env.REDIS_URL), caFile: env.REDIS_TLS_CA },
    folders: {
      ...{ keys: join(folder, 'keys'), journal: join(folder, 'journal'), audit: join(folder, 'audit') },
      subjects: join(folder, 'audit-subjects'),
    },
    clerk: { issuer, jwtKey: env.CLERK_JWT_KEY, jwksUrl: `${frontendApi}/.well-known/jwks.json` },
    egress: { allowCidrs: env.MAXIMO_ALLOW_CIDRS, allowLoopbackHttp: env.NODE_ENV !== 'production' },
    readCacheMs: env.MAXIMO_READ_CACHE_S * 1000,
    allowedOrigins: env.MCP_ALLOWED_ORIGINS,
    elicitationClients: env.ELICITATION_CLIENTS,
    trustedProxies: env.TRUSTED_PROXIES,
    metricsAllow: env.METRICS_ALLOW,
    traffic: trafficConfig(env),
    failedAuth: { max: env.FAILED_AUTH_MAX, windowMs: env.FAILED_AUTH_WINDOW_S * 1000 },
    agePolicy: {
      days: { production: env.CREDENTIAL_DAYS_PRODUCTION, test: env.CREDENTIAL_DAYS_TEST },
      warnDays: env.CREDENTIAL_WARN_DAYS,
    },
    plansFile: env.PLANS_FILE,
    limitsFile: env.LIMITS_FILE,
    maximoTlsFile: env.MAXIMO_TLS_FILE,
    presetsFile: env.PRESETS_FILE,
    fieldPolicyFile: env.FIELD_POLICY_FILE,
    workloadIssuersFile: env.WORKLOAD_ISSUERS_FILE,
    auditHeadsFolder: env.AUDIT_HEADS_DIR,
    auditRetention: env.AUDIT_RETENTION,
    auditSinksFile: env.AUDIT_SINKS_FILE,
    detectionFile: env.DETECTION_FILE,
    logLevel: env.LOG_LEVEL,
  }
}

function tlsOf(env: Variables): McpConfig['internal']['tls'] {
  const { MCP_INTERNAL_TLS_KEY: keyFile, MCP_INTERNAL_TLS_CERT: certFile } = env
  return keyFile === undefined || certFile === undefined ? undefined : { keyFile, certFile }
}
