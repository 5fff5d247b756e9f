import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initKeys } from '../../src/crypto/keys/ceremony.ts'
import { startSimulator } from '../../src/dev/simulator/simulator.ts'
import { startStandin, type Standin } from '../../src/dev/standin/standin.ts'
import { seedAccounts } from '../../src/dev/up/seed.ts'
import { clerkVariables } from '../../src/dev/up/settings.ts'
import { ask, type JsonAnswer } from '../../src/dev/walk/json-http.ts'
import type { Clock } from '../../src/kernel/clock.ts'
import { MemoryStore } from '../../src/kernel/store/memory-store.ts'
import { type RunningMcp, startMcp } from '../../src/mcp/start.ts'
import type { RemoteOverrides } from '../../src/portal/clients/documents/remote-json.ts'
import { type RunningPortal, startPortal } from '../../src/portal/start.ts'
import { SwitchedStore } from './store/switched-store.ts'
import { captureLog, type CapturedLog } from './log.ts'
import { freePort } from './ports.ts'

export const PLANNER = 'planner@example.com'
export const TECHNICIAN = 'technician@example.com'

/** The machine's clock, ahead by as much as a test says. Clerk's tokens need real time; codes and grants do not mind. */
export interface MovableClock extends Clock {
  advance(ms: number): void
  /** Back to the machine's own time. */
  reset(): void
}

function movableClock(): MovableClock {
  let aheadMs = 0
  return {
    nowMs: () => Date.now() + aheadMs,
    monotonicMs: () => performance.now() + aheadMs,
    advance: (ms) => {
      aheadMs += ms
    },
    reset: () => {
      aheadMs = 0
    },
  }
}

export interface PortalWorld {
  readonly portalUrl: string
  readonly mcpUrl: string
  /** Base URL of the simulated Maximo. */
  readonly maximoUrl: string
  apiKeyOf(email: string): string
  /** Maximo makes a new key for the account, and refuses the old one from then on. */
  regenerateKey(email: string): Promise<string>
  readonly dataDir: string
  readonly clock: MovableClock
  /** The portal's. */
  readonly store: SwitchedStore
  readonly log: CapturedLog
  readonly standin: Standin
  readonly env: Readonly<Record<string, string | undefined>>
  portal: RunningPortal
  mcp: RunningMcp
  stopMcp(): Promise<void>
  startMcp(): Promise<void>
  restartPortal(): Promise<void>
  close(): Promise<void>
}

/** No name resolves, unless a test says so: no test asks the internet. */
const NO_NETWORK: RemoteOverrides = {
  lookup: (_hostname, _options, callback) => {
    callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '', 0)
  },
}

interface WorldOptions {
  readonly env?: Readonly<Record<string, string>>
  /** Environments for the accounts, as `up` makes them. */
  readonly seeded?: boolean
  /** Hosts of clients, as the portal reaches them. */
  readonly remote?: RemoteOverrides
}

/** Portal and MCP server, whole, on in-process stores in this process; stand-in and simulator beside them. */
export async function startPortalWorld(options: WorldOptions = {}): Promise<PortalWorld> {
  const { env = {}, seeded = true, remote = NO_NETWORK } = options
  const dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-portal-'))
  const clock = movableClock()
  await initKeys(dataDir, clock)
  const [portalPort, mcpPort, internalPort] = [await freePort(), await freePort(), await freePort()]
  const portalUrl = `http://localhost:${portalPort}`
  const mcpUrl = `http://localhost:${mcpPort}`
  const simulator = await startSimulator({ port: 0, dataDir: join(dataDir, 'simulator'), clock })
  const standin = await startStandin({
    port: await freePort(),
    dataDir: join(dataDir, 'standin'),
    clock,
    portalOrigins: [portalUrl],
    webhookUrl: `${portalUrl}/webhooks/clerk`,
  })
  const serviceEnv = {
    DATA_DIR: dataDir,
    PORTAL_PORT: String(portalPort),
    MCP_PORT: String(mcpPort),
    MCP_INTERNAL_PORT: String(internalPort),
    PUBLIC_PORTAL_URL: portalUrl,
    PUBLIC_MCP_URL: mcpUrl,
    MCP_INTERNAL_URLS: `mcp-1=http://127.0.0.1:${internalPort}`,
    ...clerkVariables(standin),
    ...env,
  }
  const log = captureLog()
  const [portalStore, mcpStore] = [new SwitchedStore(clock), new MemoryStore(clock)]
  const runMcp = () => startMcp(serviceEnv, { embedded: true, clock, log: log.log, store: mcpStore })
  const runPortal = () => startPortal(serviceEnv, { clock, log: log.log, store: portalStore, remote })
  const world: PortalWorld = {
    maximoUrl: simulator.baseUrl,
    apiKeyOf: (email) => simulator.accounts.of(email).apiKey,
    regenerateKey: (email) => simulator.accounts.regenerateKey(email),
    ...{ portalUrl, mcpUrl, dataDir, clock, log, standin, store: portalStore, env: serviceEnv },
    mcp: await runMcp(),
    portal: await runPortal(),
    stopMcp: () => world.mcp.close(),
    startMcp: async () => {
      world.mcp = await runMcp()
    },
    restartPortal: async () => {
      await world.portal.close()
      world.portal = await runPortal()
    },
    close: async () => {
      await world.portal.close()
      await world.mcp.close()
      await standin.close()
      await simulator.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
  if (seeded) await seedAccounts(portalUrl, { standin, simulator })
  return world
}

/** A request of a program to the portal. */
export const askPortal = (
  world: PortalWorld,
  path: string,
  asked: Parameters<typeof ask>[1] = {},
): Promise<JsonAnswer> => ask(`${world.portalUrl}${path}`, asked)
