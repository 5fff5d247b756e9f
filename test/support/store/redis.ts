import { type ChildProcess, execFile, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, vi } from 'vitest'
import { freePort } from '../ports.ts'

export interface RedisUser {
  readonly name: string
  readonly password: string
  /** Rules of Redis ACL, e.g. `~{mx}:* +get`. */
  readonly rules: string
}

export interface RedisServerOptions {
  /** With users, the default user is off and `url` names the first of them. */
  readonly acl?: readonly RedisUser[]
  /** Folder with a certificate, its key and its authority, as `keys init --tls` makes it for Redis: TLS alone. */
  readonly tls?: string
  /** Further arguments of `redis-server`, e.g. `['--maxmemory-policy', 'allkeys-lru']`. */
  readonly args?: readonly string[]
  /** A Sentinel with these lines of configuration instead. */
  readonly sentinel?: readonly string[]
}

export interface RedisServer {
  readonly url: string
  readonly port: number
  urlOf(user: string): string
  isUp(): boolean
  /** Kills the server; it keeps its port and folder. */
  stop(): Promise<void>
  /** Starts it again after `stop`: on the same port, empty unless it was told to `SAVE`. */
  start(): Promise<void>
  /** Freezes it: connections stay open and nobody answers. */
  pause(): void
  resume(): void
  /** Runs one command as the first user (the default user without `acl`). */
  cli(...command: string[]): Promise<string>
  /** Kills the server and removes its folder. */
  end(): Promise<void>
}

function reasonWithoutRedis(): string | null {
  try {
    execFileSync('redis-server', ['--version'])
    return null
  } catch {
    return 'redis-server is not on PATH'
  }
}

/** Why tests with a real Redis cannot run here; `null` when they can. With CI=true they must be able to. */
export const redisMissing = reasonWithoutRedis()
if (redisMissing !== null) {
  if (process.env['CI'] === 'true') throw new Error(redisMissing)
  console.warn(`skipped: ${redisMissing}`)
}

const running = new Set<ChildProcess>()
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')))

/** Starts a real redis-server, without persistence, on a free port and in a folder of its own. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const server = new LocalRedis(await freePort(), options)
  await server.start()
  return server
}

/** Asks until the answer is as expected. */
export async function untilSays(
  server: RedisServer,
  command: readonly string[],
  pattern: RegExp,
): Promise<void> {
  const look = async (): Promise<void> => expect(await server.cli(...command)).toMatch(pattern)
  await vi.waitFor(look, { interval: 20, timeout: 20_000 })
}

class LocalRedis implements RedisServer {
  readonly port: number
  readonly #folder = mkdtempSync(join(tmpdir(), 'maximo-mcp-redis-'))
  readonly #options: RedisServerOptions
  #child: ChildProcess | undefined

  constructor(port: number, options: RedisServerOptions) {
    this.port = port
    this.#options = options
  }

  get url(): string {
    const first = this.#options.acl?.[0]
    return first === undefined ? `${this.#scheme}://127.0.0.1:${this.port}` : this.urlOf(first.name)
  }

  get #scheme(): string {
    return this.#options.tls === undefined ? 'redis' : 'rediss'
  }

  urlOf(user: string): string {
    const found = this.#options.acl?.find(({ name }) => name === user)
    if (found === undefined) throw new Error(`no user ${user}`)
    return `${this.#scheme}://${found.name}:${encodeURIComponent(found.password)}@127.0.0.1:${this.port}`
  }

  isUp(): boolean {
    return this.#child?.exitCode === null && this.#child.signalCode === null
  }

  async start(): Promise<void> {
    const child = spawn('redis-server', this.#arguments(), { cwd: this.#folder, stdio: 'ignore' })
    running.add(child)
    child.once('exit', () => running.delete(child))
    this.#child = child
    await this.#untilItListens()
  }

  async stop(): Promise<void> {
    const child = this.#child
    if (child === undefined || !this.isUp()) return
    child.kill('SIGCONT')
    child.kill('SIGKILL')
    await once(child, 'exit')
  }

  pause(): void {
    this.#child?.kill('SIGSTOP')
  }

  resume(): void {
    this.#child?.kill('SIGCONT')
  }

  async cli(...command: string[]): Promise<string> {
    const user = this.#options.acl?.[0]
    const login =
      user === undefined ? [] : ['--user', user.name, '--pass', user.password, '--no-auth-warning']
    const { tls: certificates } = this.#options
    const tls = certificates === undefined ? [] : ['--tls', '--cacert', join(certificates, 'ca.pem')]
    const base = ['-h', '127.0.0.1', '-p', String(this.port)]
    const { stdout } = await promisify(execFile)('redis-cli', [...base, ...login, ...tls, ...command])
    return stdout.trim()
  }

  async end(): Promise<void> {
    await this.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }

  #arguments(): string[] {
    const network = networkOf(this.port, this.#options.tls)
    const users = this.#options.acl ?? []
    if (users.length > 0) {
      const lines = users.map(({ name, password, rules }) => `user ${name} on >${password} ${rules}`)
      writeFileSync(join(this.#folder, 'users.acl'), ['user default off', ...lines, ''].join('\n'))
    }
    if (this.#options.sentinel !== undefined) {
      const file = join(this.#folder, 'sentinel.conf')
      if (!existsSync(file))
        writeFileSync(file, [`bind ${this.#bound().join(' ')}`, ...this.#options.sentinel, ''].join('\n'))
      return [file, '--sentinel', ...network]
    }
    const acl = users.length > 0 ? ['--aclfile', join(this.#folder, 'users.acl')] : []
    const fixed = ['--bind', ...this.#bound(), '--save', '', '--appendonly', 'no', '--dir', this.#folder]
    return [...network, ...fixed, ...acl, ...(this.#options.args ?? [])]
  }

  /** With TLS also at an address for which its certificate is not, where the system has one. */
  #bound(): readonly string[] {
    return this.#options.tls === undefined ? ['127.0.0.1'] : ['127.0.0.1', '-127.0.0.2']
  }

  async #untilItListens(): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt += 1) {
      if (await accepts(this.port)) return
      if (this.#child?.exitCode !== null) break
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
    throw new Error('redis-server did not start')
  }
}

/** With TLS, servers speak it to each other as well. */
function networkOf(port: number, certificates: string | undefined): string[] {
  if (certificates === undefined) return ['--port', String(port)]
  const files = [
    ...['--tls-cert-file', join(certificates, 'server.pem')],
    ...['--tls-key-file', join(certificates, 'server-key.pem')],
    ...['--tls-ca-cert-file', join(certificates, 'ca.pem')],
  ]
  const among = ['--tls-auth-clients', 'no', '--tls-replication', 'yes', '--tls-cluster', 'yes']
  return ['--port', '0', '--tls-port', String(port), ...files, ...among]
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
