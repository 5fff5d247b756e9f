import { setTimeout as pause } from 'node:timers/promises'
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, vi } from 'vitest'
import { revocationAsk, type RevocationTarget } from '../../../src/crypto/internal-api.ts'
import { signCall } from '../../../src/crypto/internal-call.ts'
import { startMcp } from '../../../src/mcp/start.ts'
import { captureLog, type CapturedLog } from '../log.ts'
import { type Answer, McpWorld, send, type Served } from './mcp-world.ts'
import { freePort } from '../ports.ts'

export const PATIENCE = { interval: 50, timeout: 20_000 }

export type Signer = Parameters<typeof signCall>[0]['signer']

/** One of two real MCP servers that share keys, Redis and Maximo, and copy each other's journals. */
export class Twin {
  readonly world: McpWorld
  readonly id: string
  readonly dataDir: string
  readonly url: string
  readonly internalUrl: string
  readonly log: CapturedLog = captureLog()
  readonly #env: Record<string, string>
  readonly #serve: Serve | undefined
  running: Served | undefined

  constructor(
    world: McpWorld,
    twin: { id: string; dataDir: string; port: number; env: Record<string, string>; serve?: Serve },
  ) {
    this.world = world
    this.id = twin.id
    this.#serve = twin.serve
    this.dataDir = twin.dataDir
    this.url = `http://localhost:${twin.port}`
    this.internalUrl = twin.env['MCP_INTERNAL_URLS']?.split(`${twin.id}=`)[1]?.split(',')[0] ?? ''
    this.#env = {
      ...world.env,
      ...twin.env,
      INSTANCE_ID: twin.id,
      DATA_DIR: twin.dataDir,
      MCP_PORT: String(twin.port),
      MCP_INTERNAL_PORT: new URL(this.internalUrl).port,
    }
  }

  async start(bend: Record<string, string> = {}): Promise<void> {
    const env = { ...this.#env, ...bend }
    this.running =
      (await this.#serve?.(env)) ?? (await startMcp(env, { clock: this.world.clock, log: this.log.log }))
  }

  async stop(): Promise<void> {
    await this.running?.close()
    this.running = undefined
  }

  journal(writer: string): string {
    return join(this.dataDir, 'mcp', 'journal', `${writer}.jsonl`)
  }

  /** Detections in its audit log that are about this. */
  async raised(subject: string): Promise<readonly { readonly id: string; readonly limit: number }[]> {
    const log = await readFile(join(this.dataDir, 'mcp', 'audit', `${this.id}.jsonl`), 'utf8')
    return log
      .split('\n')
      .filter((line) => line.includes('"detection.raised"') && line.includes(`"${subject}"`))
      .map((line) => (JSON.parse(line) as { detection: { id: string; limit: number } }).detection)
  }

  readiness(): Promise<Answer> {
    return send(`${this.url}/readyz`, { method: 'GET' })
  }

  /** Its figures, which loopback may read. */
  async metrics(): Promise<string> {
    return (await send(`${this.internalUrl}/metrics`, { method: 'GET' })).text
  }

  ready(): Promise<void> {
    return vi.waitFor(async () => expect((await this.readiness()).json).toMatchObject(READY), PATIENCE)
  }

  async call(
    path: string,
    body: unknown,
    { signer, issuer = 'portal-1' }: { readonly signer?: Signer; readonly issuer?: string } = {},
  ): Promise<Answer> {
    const { clock, portalKeys } = this.world
    const jws = await signCall({
      ...{ path, audience: this.id, issuer, body, clock },
      signer: signer ?? portalKeys.internalSigning.active,
    })
    const headers = { 'content-type': 'application/jose' }
    return send(`${this.internalUrl}${path}`, { method: 'POST', headers, body: jws })
  }

  async revoke(target: RevocationTarget): Promise<Record<string, unknown>> {
    const ask = { target, reason: 'test', by: 'test' }
    return (await this.call(revocationAsk.path, ask, { signer: this.world.operatorKey })).json
  }

  rpc(token: string, method: string, params: object = {}): Promise<Answer> {
    return send(`${this.url}${token.startsWith('mxci_') ? '/ci/mcp' : '/mcp'}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
        authorization: `Bearer ${token}`,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    })
  }

  async status(token: string): Promise<number> {
    return (await this.rpc(token, 'tools/list')).status
  }

  /** What it decides. A store that a busy machine kept waiting for a moment decides nothing (`503`): it is asked again. */
  async decides(token: string, method = 'tools/list', params: object = {}): Promise<number> {
    for (let tries = 1; ; tries += 1) {
      const { status } = await this.rpc(token, method, params)
      if (status !== 503 || tries === MOST_TRIES) return status
      await pause(TRY_EVERY_MS)
    }
  }
}

/** About as long as the breaker stays open. */
const MOST_TRIES = 12
const TRY_EVERY_MS = 200

const READY = { status: 'ready', reasons: [] }

export interface McpPair {
  readonly world: McpWorld
  readonly first: Twin
  readonly second: Twin
  close(): Promise<void>
}

/** Starts a server somewhere else than in this process. */
type Serve = (env: Record<string, string>) => Promise<Served>

/** Both started and ready; `world` is their keys, Maximo and people, and runs no server itself. */
export async function startPair(env: Record<string, string>, serve?: Serve): Promise<McpPair> {
  const world = await McpWorld.start({}, { realTime: true })
  await world.running?.close()
  const [port1, port2, internal1, internal2] = await Promise.all([
    freePort(),
    freePort(),
    freePort(),
    freePort(),
  ])
  const urls = `mcp-1=http://127.0.0.1:${internal1},mcp-2=http://127.0.0.1:${internal2}`
  const folders = await Promise.all(['1', '2'].map(() => mkdtemp(join(tmpdir(), 'maximo-mcp-twin-'))))
  const twins = await Promise.all(
    [port1, port2].map(async (port, at) => {
      const dataDir = folders[at] ?? ''
      await cp(join(world.dataDir, 'mcp', 'keys'), join(dataDir, 'mcp', 'keys'), { recursive: true })
      return new Twin(world, {
        id: `mcp-${at + 1}`,
        dataDir,
        port,
        env: { ...env, MCP_INTERNAL_URLS: urls },
        ...(serve !== undefined && { serve }),
      })
    }),
  )
  const [first, second] = twins
  if (first === undefined || second === undefined) throw new Error('a pair is two')
  await Promise.all(twins.map((twin) => twin.start()))
  await Promise.all(twins.map((twin) => twin.ready()))
  return {
    ...{ world, first, second },
    close: async () => {
      await Promise.all(twins.map((twin) => twin.stop()))
      await world.simulator.close()
      for (const folder of [...folders, world.dataDir]) await rm(folder, { recursive: true, force: true })
    },
  }
}
