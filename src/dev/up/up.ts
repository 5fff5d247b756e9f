import { join } from 'node:path'
import { initKeys } from '../../crypto/keys/ceremony.ts'
import { systemClock } from '../../kernel/clock.ts'
import type { Running } from '../../kernel/running.ts'
import { startMcp } from '../../mcp/start.ts'
import { startPortal } from '../../portal/start.ts'
import { CLERK_WEBHOOK_PATH } from '../../portal/webhooks/route.ts'
import { startSimulator } from '../simulator/simulator.ts'
import { recordBreachesFor } from '../simulator/wire/wire-watch.ts'
import { startStandin, type Standin } from '../standin/standin.ts'
import { banner } from './banner.ts'
import { assertPortsFree } from './ports.ts'
import { waitUntilReady } from './ready.ts'
import { seedAccounts } from './seed.ts'
import { clerkVariables, readSettings, type Env, type UpSettings } from './settings.ts'

/**
 * The embedded default: stand-in, simulator, MCP server and portal in this process, on loopback, with nothing to
 * install. Prints the banner, then a line that starts with `ready` once all four answer.
 *
 * @throws BadSetting, PortTaken, ConfigError: each with a message for the person at the keyboard.
 */
export async function startUp(env: Env, print: (line: string) => void): Promise<Running> {
  const settings = readSettings(env)
  await assertPortsFree(settings.ports)
  await ensureKeys(settings.dataDir)
  recordBreachesFor(env)
  const started: Pick<Running, 'close'>[] = []
  try {
    const simulator = await startSimulator({
      port: settings.ports.MAXIMO_SIM_PORT,
      dataDir: join(settings.dataDir, 'simulator'),
      clock: systemClock,
      nodeEnv: env['NODE_ENV'] ?? '',
    })
    started.unshift(simulator)
    const standin = settings.hasClerk ? null : await startClerk(settings)
    if (standin !== null) started.unshift(standin)
    const serviceEnv = { LOG_LEVEL: 'warn', ...env, ...addresses(settings), ...clerkVariables(standin) }
    started.unshift(await startMcp(serviceEnv, { embedded: true }))
    started.unshift(await startPortal(serviceEnv))
    await waitUntilReady(healthAddresses(settings, standin))
    if (standin !== null) await seedAccounts(settings.portalUrl, { standin, simulator })
    print(banner(settings, standin?.accounts ?? [], (env['REDIS_URL'] ?? '') === '' ? 'memory' : 'redis'))
    print(`ready ${settings.portalUrl} ${settings.mcpUrl}/mcp`)
    return { url: settings.portalUrl, close: () => closeAll(started) }
  } catch (error) {
    await closeAll(started)
    throw error
  }
}

async function closeAll(started: readonly Pick<Running, 'close'>[]): Promise<void> {
  for (const service of started) await service.close()
}

async function ensureKeys(dataDir: string): Promise<void> {
  const made = await initKeys(dataDir, systemClock)
  if (!made.ok && made.error.reason !== 'keys_exist') throw new Error(made.error.message)
}

const startClerk = (settings: UpSettings): Promise<Standin> =>
  startStandin({
    port: settings.ports.CLERK_STANDIN_PORT,
    dataDir: join(settings.dataDir, 'standin'),
    clock: systemClock,
    portalOrigins: [settings.portalUrl],
    webhookUrl: `${settings.portalUrl}${CLERK_WEBHOOK_PATH}`,
  })

const addresses = (settings: UpSettings): Env => ({
  DATA_DIR: settings.dataDir,
  PORTAL_PORT: String(settings.ports.PORTAL_PORT),
  MCP_PORT: String(settings.ports.MCP_PORT),
  MCP_INTERNAL_PORT: String(settings.ports.MCP_INTERNAL_PORT),
  MCP_INTERNAL_URLS: `mcp-1=http://127.0.0.1:${settings.ports.MCP_INTERNAL_PORT}`,
  PUBLIC_PORTAL_URL: settings.portalUrl,
  PUBLIC_MCP_URL: settings.mcpUrl,
  // One process, two services: each must keep its own name.
  INSTANCE_ID: undefined,
})

const healthAddresses = (settings: UpSettings, standin: Standin | null): string[] => [
  `http://127.0.0.1:${settings.ports.PORTAL_PORT}/readyz`,
  `http://127.0.0.1:${settings.ports.MCP_PORT}/readyz`,
  `http://127.0.0.1:${settings.ports.MAXIMO_SIM_PORT}/healthz`,
  ...(standin === null ? [] : [`http://127.0.0.1:${settings.ports.CLERK_STANDIN_PORT}/healthz`]),
]
