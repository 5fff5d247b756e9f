import { join } from 'node:path'
import { initKeys } from '../../crypto/keys/ceremony.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Simulator } from '../simulator/contract.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import { seedAccounts } from '../up/seed.ts'
import { clerkVariables, type Env } from '../up/settings.ts'
import { waitUntilReady } from '../up/ready.ts'
import { freePort } from './free-port.ts'
import { startService, type ServiceProcess } from './service-process.ts'

export interface StackOptions {
  readonly dataDir: string
  /** Both services on Redis, each with its own user; in-process stores without it. */
  readonly redis?: { readonly portalUrl: string; readonly mcpUrl: string }
  readonly portalEnv?: Env
  readonly mcpEnv?: Env
}

/** Portal and MCP server as two processes, as in production; stand-in and simulator in this one. */
export interface Stack extends Addresses {
  readonly dataDir: string
  readonly portalEnv: Env
  readonly mcpEnv: Env
  readonly standin: Standin
  readonly simulator: Simulator
  readonly services: { portal: ServiceProcess; mcp: ServiceProcess }
  /** Stops one service and starts it again with the same environment. */
  restart(service: 'portal' | 'mcp'): Promise<void>
  close(): Promise<void>
}

interface Addresses {
  readonly portalUrl: string
  readonly mcpUrl: string
  readonly internalUrl: string
}

/** Starts everything on free ports, with keys made once in `dataDir`, and gives the stand-in's accounts their environments. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const addresses: Addresses = {
    portalUrl: `http://localhost:${await freePort()}`,
    mcpUrl: `http://localhost:${await freePort()}`,
    internalUrl: `http://127.0.0.1:${await freePort()}`,
  }
  await initKeys(options.dataDir, systemClock)
  const standIns = await startStandIns(options.dataDir, addresses.portalUrl)
  const env = environments(options, addresses, standIns.standin)
  const services = {
    mcp: await startService('mcp', env.mcpEnv),
    portal: await startService('portal', env.portalEnv),
  }
  await waitUntilReady([`${addresses.mcpUrl}/readyz`, `${addresses.portalUrl}/readyz`])
  await seedAccounts(addresses.portalUrl, standIns)
  return {
    ...{ dataDir: options.dataDir, ...addresses, ...env, ...standIns, services },
    restart: async (service) => {
      await services[service].stop()
      services[service] = await startService(service, service === 'portal' ? env.portalEnv : env.mcpEnv)
    },
    close: async () => {
      await services.portal.stop()
      await services.mcp.stop()
      await standIns.standin.close()
      await standIns.simulator.close()
    },
  }
}

async function startStandIns(
  dataDir: string,
  portalUrl: string,
): Promise<{ readonly simulator: Simulator; readonly standin: Standin }> {
  const simulator = await startSimulator({
    port: 0,
    dataDir: join(dataDir, 'simulator'),
    clock: systemClock,
  })
  const standin = await startStandin({
    port: await freePort(),
    dataDir: join(dataDir, 'standin'),
    clock: systemClock,
    portalOrigins: [portalUrl],
  })
  return { simulator, standin }
}

function environments(
  options: StackOptions,
  { portalUrl, mcpUrl, internalUrl }: Addresses,
  standin: Standin,
): { readonly portalEnv: Env; readonly mcpEnv: Env } {
  const shared: Env = {
    DATA_DIR: options.dataDir,
    PUBLIC_PORTAL_URL: portalUrl,
    PUBLIC_MCP_URL: mcpUrl,
    ...clerkVariables(standin),
  }
  const portalEnv: Env = {
    ...shared,
    PORTAL_PORT: new URL(portalUrl).port,
    MCP_INTERNAL_URLS: `mcp-1=${internalUrl}`,
    REDIS_URL: options.redis?.portalUrl,
    ...options.portalEnv,
  }
  const mcpEnv: Env = {
    ...shared,
    // The MCP server refuses to start with the secret key of Clerk.
    CLERK_SECRET_KEY: undefined,
    MCP_PORT: new URL(mcpUrl).port,
    MCP_INTERNAL_PORT: new URL(internalUrl).port,
    REDIS_URL: options.redis?.mcpUrl,
    ...options.mcpEnv,
  }
  return { portalEnv, mcpEnv }
}
