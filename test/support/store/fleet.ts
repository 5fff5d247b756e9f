import { cp, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { revocationAsk, type RevocationTarget } from '../../../src/crypto/internal-api.ts'
import { signCall } from '../../../src/crypto/internal-call.ts'
import { keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import { loadOperatorKey } from '../../../src/crypto/keys/key-ring.ts'
import type { Running } from '../../../src/kernel/running.ts'
import { type RunningMcp, startMcp } from '../../../src/mcp/start.ts'
import { startPortal } from '../../../src/portal/start.ts'
import { send } from '../mcp/mcp-world.ts'
import { freePort } from '../ports.ts'
import { type PortalWorld, startPortalWorld } from '../portal-world.ts'

export type Which = 0 | 1
export const BOTH: readonly Which[] = [0, 1]

/** `REDIS_URL` of each service, as its own user. */
export interface RedisAddresses {
  readonly portal: string
  readonly mcp: string
}

/** Two portals and two MCP servers, each with its own journals, over one Redis; stand-in and simulator beside them. */
export class Fleet {
  /** The world as it looks through each portal. All pages are at the first. */
  readonly portals: readonly [PortalWorld, PortalWorld]
  /** The same through each MCP server. */
  readonly servers: readonly [PortalWorld, PortalWorld]
  readonly #world: PortalWorld
  readonly #folders: readonly [string, string]
  readonly #env: readonly [Env, Env]
  readonly #redis: RedisAddresses
  readonly #running: { readonly portal: (Running | undefined)[]; readonly mcp: (RunningMcp | undefined)[] } =
    {
      portal: [],
      mcp: [],
    }

  private constructor(
    world: PortalWorld,
    folders: [string, string],
    { env, redis }: { readonly env: [Env, Env]; readonly redis: RedisAddresses },
  ) {
    this.#world = world
    this.#folders = folders
    this.#env = env
    this.#redis = redis
    const at = (port: string | undefined): string => `http://localhost:${port ?? ''}`
    this.portals = [world, { ...world, portalUrl: at(env[1]['PORTAL_PORT']) }]
    this.servers = [world, { ...world, mcpUrl: at(env[1]['MCP_PORT']) }]
  }

  static async start(redis: RedisAddresses): Promise<Fleet> {
    const world = await startPortalWorld({ env: { FAILED_AUTH_MAX: '10000' } })
    await world.portal.close()
    await world.mcp.close()
    const second = await mkdtemp(join(tmpdir(), 'maximo-mcp-fleet-'))
    for (const whose of ['portal', 'mcp'] as const)
      await cp(keyFolder(world.dataDir, whose), keyFolder(second, whose), { recursive: true })
    const ports = await Promise.all(Array.from({ length: 6 }, freePort))
    const [portal1 = 0, portal2 = 0, mcp1 = 0, mcp2 = 0, portalPort = 0, mcpPort = 0] = ports
    const urls = {
      PORTAL_INTERNAL_URLS: `portal-1=http://127.0.0.1:${portal1},portal-2=http://127.0.0.1:${portal2}`,
      MCP_INTERNAL_URLS: `mcp-1=http://127.0.0.1:${mcp1},mcp-2=http://127.0.0.1:${mcp2}`,
    }
    const first = { ...world.env, ...urls, PORTAL_INTERNAL_PORT: `${portal1}`, MCP_INTERNAL_PORT: `${mcp1}` }
    const other = {
      ...{ ...first, DATA_DIR: second, PORTAL_PORT: `${portalPort}`, MCP_PORT: `${mcpPort}` },
      ...{ PORTAL_INTERNAL_PORT: `${portal2}`, MCP_INTERNAL_PORT: `${mcp2}` },
    }
    const fleet = new Fleet(world, [world.dataDir, second], { env: [first, other], redis })
    for (const which of BOTH) await Promise.all([fleet.startMcp(which), fleet.startPortal(which)])
    await fleet.ready()
    return fleet
  }

  async startPortal(which: Which): Promise<void> {
    const env = { ...this.#env[which], INSTANCE_ID: `portal-${which + 1}`, REDIS_URL: this.#redis.portal }
    this.#running.portal[which] = await startPortal(env, {
      clock: this.#world.clock,
      log: this.#world.log.log,
    })
  }

  async startMcp(which: Which): Promise<void> {
    const env = { ...this.#env[which], INSTANCE_ID: `mcp-${which + 1}`, REDIS_URL: this.#redis.mcp }
    const own = { embedded: true, clock: this.#world.clock, log: this.#world.log.log }
    this.#running.mcp[which] = await startMcp(env, own)
  }

  async stop(what: 'portal' | 'mcp', which: Which): Promise<void> {
    await this.#running[what][which]?.close()
    this.#running[what][which] = undefined
  }

  /** Milliseconds until all four are. */
  async ready(): Promise<number> {
    const startMs = performance.now()
    const look = async (url: string): Promise<void> =>
      expect((await send(`${url}/readyz`, { method: 'GET' })).status).toBe(200)
    const urls = [...this.portals.map((one) => one.portalUrl), ...this.servers.map((one) => one.mcpUrl)]
    for (const url of urls) await vi.waitFor(() => look(url), { interval: 20, timeout: 60_000 })
    return performance.now() - startMs
  }

  /** With the operator's key. @returns the state that was answered, or null: no answer */
  async revoke(which: Which, target: RevocationTarget): Promise<unknown> {
    const { path } = revocationAsk
    const signer = await loadOperatorKey(keyFolder(this.#world.dataDir, 'ops'))
    const [audience, issuer] = [`mcp-${which + 1}`, 'ops']
    const body = await signCall({
      ...{ path, audience, issuer, signer, clock: this.#world.clock },
      body: { target, reason: 'test', by: 'test' },
    })
    const headers = { 'content-type': 'application/jose' }
    const url = this.#running.mcp[which]?.internalUrl ?? ''
    return (await send(`${url}${path}`, { method: 'POST', headers, body })).json['state'] ?? null
  }

  async close(): Promise<void> {
    for (const which of BOTH) {
      await this.stop('portal', which)
      await this.stop('mcp', which)
    }
    await this.#world.close()
    await rm(this.#folders[1], { recursive: true, force: true })
  }
}

type Env = Readonly<Record<string, string | undefined>>
