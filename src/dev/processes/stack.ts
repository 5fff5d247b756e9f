import { join } from 'node:path'
import { initKeys } from '../../crypto/keys/ceremony.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Simulator } from '../simulator/contract.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import { seedAccounts } from '../up/seed.ts'
import { waitUntilReady } from '../up/ready.ts'
import { clerkVariables } from '../up/up.ts'
import { freePort } from './free-port.ts'
import { startService, type ServiceProcess } from './service-process.ts'

type Env = Readonly<Record<string, string | undefined>>

export interface StackOptions {
  readonly dataDir: string
  /** Both services on Redis, each with its own user; in-process stores without it. */
  readonly redis?: { readonly portalUrl: string; readonly mcpUrl: string }
  readonly portalEnv?: Env
  readonly mcpEnv?: Env
}

/** Portal and MCP server as two processes, as in production; stand-in and simulator in this one. */
export interface Stack {
  readonly dataDir: string
  readonly portalUrl: string
  readonly mcpUrl: string
  readonly internalUrl: string
  readonly portalEnv: Env
  readonly mcpEnv: Env
  readonly standin: Standin
  readonly simulator: Simulator
  readonly services: { portal: ServiceProcess; mcp: ServiceProcess }
  /** Stops one service and starts it again with the same environment. */
  restart(service: 'portal' | 'mcp'): Promise<void>
  close(): Promise<void>
}

/** Starts everything on free ports, with keys made once in `dataDir`, and gives the stand-in's accounts their environments. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const [portalPort, mcpPort, internalPort] = [await freePort(), await freePort(), await freePort()]
  const portalUrl = `http://localhost:${portalPort}`
  const mcpUrl = `http://localhost:${mcpPort}`
  const internalUrl = `http://127.0.0.1:${internalPort}`
  await initKeys(options.dataDir, systemClock)
  const simulator = await startSimulator({
    port: 0,
    dataDir: join(options.dataDir, 'simulator'),
    clock: systemClock,
  })
  const standin = await startStandin({
    port: await freePort(),
    dataDir: join(options.dataDir, 'standin'),
    clock: systemClock,
    portalOrigins: [portalUrl],
  })
  const shared: Env = {
    DATA_DIR: options.dataDir,
    PUBLIC_PORTAL_URL: portalUrl,
    PUBLIC_MCP_URL: mcpUrl,
    MCP_INTERNAL_URLS: `mcp-1=${internalUrl}`,
    LOG_LEVEL: 'info',
  }
  const clerk = clerkVariables(standin)
  const portalEnv: Env = {
    ...shared,
    ...clerk,
    PORTAL_PORT: String(portalPort),
    REDIS_URL: options.redis?.portalUrl,
    ...options.portalEnv,
  }
  const mcpEnv: Env = {
    ...shared,
    ...clerk,
    // The MCP server never sees the secret key of Clerk, and refuses to start with it.
    CLERK_SECRET_KEY: undefined,
    MCP_PORT: String(mcpPort),
    MCP_INTERNAL_PORT: String(internalPort),
    REDIS_URL: options.redis?.mcpUrl,
    ...options.mcpEnv,
  }
  const services = { mcp: await startService('mcp', mcpEnv), portal: await startService('portal', portalEnv) }
  await waitUntilReady([`${mcpUrl}/readyz`, `${portalUrl}/readyz`])
  const emails = new Set(standin.accounts.map(({ email }) => email))
  const keys = simulator.accounts.all().filter(({ account }) => emails.has(account))
  await seedAccounts({
    portalUrl,
    maximoUrl: simulator.baseUrl,
    apiKeys: new Map(keys.map(({ account, apiKey }) => [account, apiKey])),
  })
  return {
    dataDir: options.dataDir,
    portalUrl,
    mcpUrl,
    internalUrl,
    portalEnv,
    mcpEnv,
    standin,
    simulator,
    services,
    restart: async (service) => {
      await services[service].stop()
      services[service] = await startService(service, service === 'portal' ? portalEnv : mcpEnv)
    },
    close: async () => {
      await services.portal.stop()
      await services.mcp.stop()
      await standin.close()
      await simulator.close()
    },
  }
}
