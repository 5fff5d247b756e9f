import { resolve } from 'node:path'
import type { Standin } from '../standin/standin.ts'

export type Env = Readonly<Record<string, string | undefined>>

/** The embedded default's own reading of the fixed variables: ports, addresses, folder. */
export interface UpSettings {
  readonly dataDir: string
  readonly ports: Readonly<
    Record<
      'PORTAL_PORT' | 'MCP_PORT' | 'CLERK_STANDIN_PORT' | 'MAXIMO_SIM_PORT' | 'MCP_INTERNAL_PORT',
      number
    >
  >
  readonly portalUrl: string
  readonly mcpUrl: string
  /** Someone brought a real Clerk: no stand-in, no accounts made. */
  readonly hasClerk: boolean
}

const DEFAULT_PORTS = {
  PORTAL_PORT: 8080,
  MCP_PORT: 8081,
  CLERK_STANDIN_PORT: 8082,
  MAXIMO_SIM_PORT: 8083,
  MCP_INTERNAL_PORT: 8091,
} as const

/** A setting of `up` that cannot be used, in words. */
export class BadSetting extends Error {
  override readonly name = 'BadSetting'
}

/** @throws BadSetting */
export function readSettings(env: Env): UpSettings {
  if (env['NODE_ENV'] === 'production') {
    throw new BadSetting('`up` runs stand-ins and keeps its store in memory; it refuses NODE_ENV=production.')
  }
  const ports = Object.fromEntries(
    Object.entries(DEFAULT_PORTS).map(([name, fallback]) => [name, readPort(env, name, fallback)]),
  ) as UpSettings['ports']
  return {
    dataDir: resolve(env['DATA_DIR'] ?? './data'),
    ports,
    portalUrl: env['PUBLIC_PORTAL_URL'] ?? `http://localhost:${ports.PORTAL_PORT}`,
    mcpUrl: env['PUBLIC_MCP_URL'] ?? `http://localhost:${ports.MCP_PORT}`,
    hasClerk: (env['CLERK_SECRET_KEY'] ?? '') !== '',
  }
}

function readPort(env: Env, name: string, fallback: number): number {
  const text = env[name] ?? ''
  const port = text === '' ? fallback : Number(text)
  if (Number.isInteger(port) && port > 0 && port <= 65_535) return port
  throw new BadSetting(`${name} must be a port number between 1 and 65535.`)
}

/** Empty for a real Clerk, whose variables are in the environment already. */
export function clerkVariables(standin: Pick<Standin, 'config'> | null): Env {
  if (standin === null) return {}
  const { config } = standin
  return {
    CLERK_PUBLISHABLE_KEY: config.publishableKey,
    CLERK_SECRET_KEY: config.secretKey,
    CLERK_WEBHOOK_SIGNING_SECRET: config.webhookSecret,
    CLERK_JWT_KEY: config.jwtKey,
    CLERK_API_URL: config.apiUrl,
    CLERK_PROXY_URL: config.proxyUrl,
    CLERK_SIGN_IN_URL: config.signInUrl,
  }
}
