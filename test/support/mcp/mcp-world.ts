import { createSign, generateKeyPairSync } from 'node:crypto'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { request } from 'undici'
import { segmentsOf } from '../../../src/audit/log-files.ts'
import type { AccessClaims } from '../../../src/crypto/claims.ts'
import { grantAttest, revocationAsk, type RevocationTarget } from '../../../src/crypto/internal-api.ts'
import { signCall } from '../../../src/crypto/internal-call.ts'
import { initKeys, keyFolder } from '../../../src/crypto/keys/ceremony.ts'
import type { Key } from '../../../src/crypto/keys/key.ts'
import {
  loadMcpKeys,
  loadOperatorKey,
  loadPortalKeys,
  type McpKeys,
  type PortalKeys,
} from '../../../src/crypto/keys/key-ring.ts'
import { formatCiToken, sealAccessToken } from '../../../src/crypto/token-seal.ts'
import { wrapCredential } from '../../../src/crypto/wrapped.ts'
import { startSimulator } from '../../../src/dev/simulator/simulator.ts'
import type { Simulator } from '../../../src/dev/simulator/contract.ts'
import { systemClock } from '../../../src/kernel/clock.ts'
import { randomId } from '../../../src/kernel/random.ts'
import { Secret } from '../../../src/kernel/secret.ts'
import { MemoryStore } from '../../../src/kernel/store/memory-store.ts'
import { startMcp, type RunningMcp } from '../../../src/mcp/start.ts'
import { manualClock, type ManualClock } from '../clock.ts'
import { captureLog, type CapturedLog } from '../log.ts'
import { freePort } from '../ports.ts'

export const ALICE = { sub: 'user_alice', sid: 'sess_alice' }
export const BOB = { sub: 'user_bob', sid: 'sess_bob' }
export type Person = typeof ALICE

const PORTAL_URL = 'http://localhost:8080'
const ISSUER = 'https://clerk.example.test'
const clerkKeys = generateKeyPairSync('rsa', { modulusLength: 2048 })

export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Record<string, unknown>
}

/** What is wrong with an internal call, or who else signs it. */
interface CallBend {
  readonly path?: string
  readonly audience?: string
  readonly signer?: Parameters<typeof signCall>[0]['signer']
}

export interface Grant {
  readonly gid: string
  readonly env: string
  readonly receipt: string
  readonly at: number
  readonly jti: string | undefined
}

type WorldParts = Pick<
  McpWorld,
  'dataDir' | 'clock' | 'portalKeys' | 'mcpKeys' | 'operatorKey' | 'simulator' | 'mcpUrl' | 'env' | 'serve'
>

/** A server in this process or another. */
export type Served = Omit<RunningMcp, 'load'>

export interface WorldOptions {
  /** With a Redis, whose clock cannot be held. */
  readonly realTime?: true
  /** Starts the server somewhere else than in this process. */
  readonly serve?: (env: Record<string, string>) => Promise<Served>
}

/** A real MCP server on its own keys, with a simulator behind it; the test plays portal, Clerk and client. */
export class McpWorld {
  readonly dataDir: string
  readonly clock: ManualClock
  readonly portalKeys: PortalKeys
  readonly mcpKeys: McpKeys
  readonly operatorKey: Key<'ops'>
  readonly simulator: Simulator
  readonly log: CapturedLog = captureLog()
  readonly mcpUrl: string
  readonly env: Record<string, string>
  readonly serve: WorldOptions['serve']
  store: MemoryStore
  running: Served | undefined

  private constructor(parts: WorldParts) {
    this.dataDir = parts.dataDir
    this.clock = parts.clock
    this.portalKeys = parts.portalKeys
    this.mcpKeys = parts.mcpKeys
    this.operatorKey = parts.operatorKey
    this.simulator = parts.simulator
    this.mcpUrl = parts.mcpUrl
    this.env = parts.env
    this.serve = parts.serve
    this.store = new MemoryStore(parts.clock)
  }

  static async start(env: Record<string, string> = {}, options: WorldOptions = {}): Promise<McpWorld> {
    const dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-world-'))
    const clock = options.realTime === true ? { ...manualClock(), ...systemClock } : manualClock()
    const made = await initKeys(dataDir, clock)
    if (!made.ok) throw new Error(made.error.message)
    const port = await freePort()
    const mcpUrl = `http://localhost:${port}`
    const world = new McpWorld({
      dataDir,
      clock,
      mcpUrl,
      serve: options.serve,
      portalKeys: await loadPortalKeys(keyFolder(dataDir, 'portal')),
      mcpKeys: await loadMcpKeys(keyFolder(dataDir, 'mcp')),
      operatorKey: await loadOperatorKey(keyFolder(dataDir, 'ops')),
      simulator: await startSimulator({ port: 0, clock }),
      env: {
        DATA_DIR: dataDir,
        MCP_PORT: String(port),
        MCP_INTERNAL_PORT: '0',
        PUBLIC_PORTAL_URL: PORTAL_URL,
        PUBLIC_MCP_URL: mcpUrl,
        CLERK_PUBLISHABLE_KEY: `pk_test_${Buffer.from('clerk.example.test$').toString('base64')}`,
        CLERK_JWT_KEY: clerkKeys.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
        ...env,
      },
    })
    await world.startServer()
    return world
  }

  async startServer(): Promise<void> {
    this.running =
      (await this.serve?.(this.env)) ??
      (await startMcp(this.env, { clock: this.clock, log: this.log.log, store: this.store }))
  }

  /** As after a crash of the whole process: the journal stays, the in-process store is new. */
  async restart(): Promise<void> {
    await this.running?.close()
    this.store = new MemoryStore(this.clock)
    await this.startServer()
  }

  async close(): Promise<void> {
    await this.running?.close()
    await this.simulator.close()
    await rm(this.dataDir, { recursive: true, force: true })
  }

  /** A live session token as Clerk signs it; `bend` changes claims, `undefined` removes one. */
  clerkToken(person: Person, bend: Record<string, unknown> = {}): string {
    const nowS = Math.floor(this.clock.nowMs() / 1000)
    const claims = {
      ...{ azp: PORTAL_URL, iss: ISSUER, iat: nowS, nbf: nowS - 10, exp: nowS + 60, v: 2, sts: 'active' },
      ...{ ...person, fva: [0, -1], pla: 'u:pro', fea: 'u:audit,u:automation' },
      ...bend,
    }
    const input = [{ alg: 'RS256', typ: 'JWT', kid: 'ins_1' }, claims]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.')
    return `${input}.${createSign('sha256').update(input).sign(clerkKeys.privateKey, 'base64url')}`
  }

  /** A signed call to the internal listener. */
  async call(path: string, body: unknown, bend: CallBend = {}): Promise<Answer> {
    const jws = await signCall({
      path: bend.path ?? path,
      audience: bend.audience ?? 'mcp-1',
      issuer: 'portal-1',
      body,
      signer: bend.signer ?? this.portalKeys.internalSigning.active,
      clock: this.clock,
    })
    return this.callWith(path, jws)
  }

  async callWith(path: string, jws: string): Promise<Answer> {
    return send(`${this.running?.internalUrl ?? ''}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/jose' },
      body: jws,
    })
  }

  /** A wrapped credential of the simulator's planner, as the portal keeps it. */
  async wrapped(
    person: Person,
    env: string,
    bend: { ver?: number; key?: string; url?: string } = {},
  ): Promise<string> {
    const k = new Secret(bend.key ?? this.simulator.accounts.of('planner@example.com').apiKey)
    const c = { u: bend.url ?? this.simulator.baseUrl, a: 'apikey' as const, k }
    const made = await wrapCredential({ v: 1, sub: person.sub, env, ver: bend.ver ?? 1, c }, this.mcpKeys)
    if (!made.ok) throw new Error('too long')
    return made.value
  }

  async grantAsk(person: Person, bend: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    const env = (bend['env'] as string | undefined) ?? randomId()
    return {
      clerkToken: this.clerkToken(person),
      transaction: randomId(),
      gid: randomId(),
      env,
      blob: await this.wrapped(person, env),
      cid: 'https://client.example/metadata',
      clientName: 'A client',
      redirectHost: 'client.example',
      scp: 'maximo:read offline_access',
      knd: 'at',
      prf: 'interactive',
      lifeS: 30 * 86_400,
      ...bend,
    }
  }

  async attest(person: Person, bend: Record<string, unknown> = {}): Promise<Grant> {
    const ask = await this.grantAsk(person, bend)
    const answer = await this.call(grantAttest.path, ask)
    if (answer.status !== 200) throw new Error(`attest: ${answer.status} ${answer.text}`)
    const { gid, env, jti } = ask as { gid: string; env: string; jti?: string }
    return { gid, env, jti, ...(answer.json as { receipt: string; at: number }) }
  }

  attestCi(person: Person, bend: Record<string, unknown> = {}): Promise<Grant> {
    const kids = [this.portalKeys.tokenEncryption.active.kid, this.portalKeys.tokenSigning.active.kid]
    return this.attest(person, { knd: 'ci', scp: 'maximo:read', lifeS: null, jti: randomId(), kids, ...bend })
  }

  /** The token that the portal would make for a grant. */
  async token(grant: Grant, bend: Partial<AccessClaims> = {}): Promise<string> {
    const nowS = Math.floor(this.clock.nowMs() / 1000)
    const isCi = grant.jti !== undefined
    const claims: AccessClaims = {
      iss: PORTAL_URL,
      aud: `${this.mcpUrl}/mcp`,
      jti: grant.jti ?? randomId(),
      iat: nowS,
      ...(isCi ? {} : { exp: nowS + 3_600 }),
      gid: grant.gid,
      scope: 'maximo:read',
      knd: isCi ? 'ci' : 'at',
      gr: grant.receipt,
      ...bend,
    }
    const made = await sealAccessToken(claims, this.portalKeys)
    if (!made.ok) throw new Error(`token: ${made.error.part}`)
    return isCi ? formatCiToken(made.value) : made.value
  }

  /** With the operator's key, which may end anything. */
  revoke(target: RevocationTarget): Promise<Answer> {
    return this.call(revocationAsk.path, { target, reason: 'test', by: 'test' }, { signer: this.operatorKey })
  }

  /** One JSON-RPC message of the older era, by default a list of the tools. */
  rpc(token: string | null, options: RpcOptions = {}): Promise<Answer> {
    return send(`${this.mcpUrl}${options.path ?? '/mcp'}`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-06-18',
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...options.headers,
      },
      body: JSON.stringify(options.body ?? { jsonrpc: '2.0', id: 1, method: 'tools/list' }),
    })
  }

  whoAmI(token: string, options: RpcOptions = {}): Promise<Answer> {
    const params = { name: 'get_context', arguments: {} }
    return this.rpc(token, { body: { jsonrpc: '2.0', id: 1, method: 'tools/call', params }, ...options })
  }

  /** Everything in the audit log, as objects, but what is written of the log itself and of patterns in it, whenever that is. */
  async audited(): Promise<Record<string, unknown>[]> {
    return (await this.wholeLog()).filter(
      ({ eventType }) => !/^(?:audit|detection)\./.test(String(eventType)),
    )
  }

  /** Every record of the audit log. */
  async wholeLog(): Promise<Record<string, unknown>[]> {
    const segments = await segmentsOf(join(this.dataDir, 'mcp', 'audit'), 'mcp-1')
    const texts = await Promise.all(segments.map(({ path }) => readFile(path, 'utf8')))
    return texts
      .join('')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
  }
}

export interface RpcOptions {
  readonly path?: string
  readonly headers?: Record<string, string>
  readonly body?: unknown
}

interface Sending {
  readonly method: 'GET' | 'POST'
  readonly headers?: Record<string, string> | string[]
  readonly body?: string
}

export async function send(url: string, sending: Sending): Promise<Answer> {
  const answer = await request(url, sending)
  const text = await answer.body.text()
  let json: Record<string, unknown> = {}
  try {
    json = JSON.parse(text) as Record<string, unknown>
  } catch {
    // A page.
  }
  return { status: answer.statusCode, headers: answer.headers, text, json }
}
