import { join } from 'node:path'
import { initKeys } from '../../crypto/keys/ceremony.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Simulator } from '../simulator/contract.ts'
import { CLERK_WEBHOOK_PATH } from '../../portal/webhooks/route.ts'
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
  /** Where fronts stand before services and Clerk, and the local ports that they forward to; their own addresses without. */
  readonly front?: Readonly<Record<'portal' | 'mcp' | 'clerk', Place>>
  readonly portalEnv?: Env
  readonly mcpEnv?: Env
}

/** An address, and the local port on which what has that address listens. */
interface Place {
  readonly url: string
  readonly port: number
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
  const places = options.front ?? {
    portal: await ownPlace(),
    mcp: await ownPlace(),
    clerk: await ownPlace(),
  }
  const { portal, mcp, clerk } = places
  const addresses: Addresses = {
    portalUrl: portal.url,
    mcpUrl: mcp.url,
    internalUrl: `http://127.0.0.1:${await freePort()}`,
  }
  await initKeys(options.dataDir, systemClock)
  const standIns = await startStandIns(options.dataDir, { portalUrl: portal.url, clerk })
  const env = environments(options, { ...places, ...addresses }, standIns.standin)
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

async function ownPlace(): Promise<Place> {
  const port = await freePort()
  return { url: `http://localhost:${port}`, port }
}

async function startStandIns(
  dataDir: string,
  { portalUrl, clerk }: { readonly portalUrl: string; readonly clerk: Place },
): Promise<{ readonly simulator: Simulator; readonly standin: Standin }> {
  const simulator = await startSimulator({
    port: 0,
    dataDir: join(dataDir, 'simulator'),
    clock: systemClock,
  })
  const standin = await startStandin({
    port: clerk.port,
    publicUrl: clerk.url,
    dataDir: join(dataDir, 'standin'),
    clock: systemClock,
    portalOrigins: [portalUrl],
    webhookUrl: `${portalUrl}${CLERK_WEBHOOK_PATH}`,
  })
  return { simulator, standin }
}

function environments(
  options: StackOptions,
  { portal, mcp, internalUrl }: NonNullable<StackOptions['front']> & Addresses,
  standin: Standin,
): { readonly portalEnv: Env; readonly mcpEnv: Env } {
  const shared: Env = {
    DATA_DIR: options.dataDir,
    PUBLIC_PORTAL_URL: portal.url,
    PUBLIC_MCP_URL: mcp.url,
    ...clerkVariables(standin),
  }
  const portalEnv: Env = {
    ...shared,
    PORTAL_PORT: String(portal.port),
    MCP_INTERNAL_URLS: `mcp-1=${internalUrl}`,
    REDIS_URL: options.redis?.portalUrl,
    ...options.portalEnv,
  }
  const mcpEnv: Env = {
    ...shared,
    // The MCP server refuses to start with the secret key of Clerk.
    CLERK_SECRET_KEY: undefined,
    MCP_PORT: String(mcp.port),
    MCP_INTERNAL_PORT: new URL(internalUrl).port,
    REDIS_URL: options.redis?.mcpUrl,
    ...options.mcpEnv,
  }
  return { portalEnv, mcpEnv }
}
