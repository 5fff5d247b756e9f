import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startStack, type Stack, type StackOptions } from '../../src/dev/processes/stack.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { authorize, CALLBACK, redeem, register, type Tokens } from '../../src/dev/walk/connect.ts'
import { discover, type Discovered } from '../../src/dev/walk/discover.ts'
import { redisUsers } from './compose.ts'
import type { RedisServer } from './store/redis.ts'

export const PLANNER = 'planner@example.com'
export const TECHNICIAN = 'technician@example.com'

/** Each service as its own user, with the rights that the compose file gives it. */
export const REDIS_USERS = redisUsers({ portal: 'portal-password', mcp: 'mcp-password' })

/** A stack on a scratch folder that goes with it. */
export async function aStack(
  redis: RedisServer | null,
  options: Omit<StackOptions, 'dataDir' | 'redis'> = {},
): Promise<Stack> {
  const dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-flow-'))
  const stack = await startStack({
    dataDir,
    ...(redis === null ? {} : { redis: { portalUrl: redis.urlOf('portal'), mcpUrl: redis.urlOf('mcp') } }),
    ...options,
  })
  return {
    ...stack,
    close: async () => {
      await stack.close()
      await rm(dataDir, { recursive: true, force: true })
    },
  }
}

export interface Connection {
  readonly address: string
  readonly browser: Browser
  readonly discovered: Discovered
  readonly clientId: string
  readonly tokens: Tokens
}

/** The whole way of a client: discovery, registration, sign-in, consent, tokens. */
export async function connect(
  stack: Stack,
  email = PLANNER,
  scope = 'maximo:read offline_access',
): Promise<Connection> {
  const address = `${stack.mcpUrl}/mcp`
  const discovered = await discover(address)
  const clientId = await register(discovered, 'A test client')
  const browser = new Browser({ stopAt: CALLBACK })
  const authorized = await authorize(browser, discovered, { clientId, scope, email })
  return { address, browser, discovered, clientId, tokens: await redeem(discovered, clientId, authorized) }
}
