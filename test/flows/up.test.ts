import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { request } from 'undici'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort, isFree } from '../../src/dev/processes/free-port.ts'
import { Browser } from '../../src/dev/walk/browser.ts'
import { authorize, CALLBACK, redeem, refresh, register } from '../../src/dev/walk/connect.ts'
import { discover } from '../../src/dev/walk/discover.ts'
import { rpc } from '../../src/dev/walk/rpc.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const PORTS = [
  'PORTAL_PORT',
  'MCP_PORT',
  'CLERK_STANDIN_PORT',
  'MAXIMO_SIM_PORT',
  'MCP_INTERNAL_PORT',
] as const

let dataDir = ''
let env: Record<string, string> = {}
const running: ChildProcess[] = []

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'maximo-mcp-up-'))
  const ports = await Promise.all(PORTS.map(() => freePort()))
  const wireLog = { MAXIMO_SIM_WIRE_LOG: join(dataDir, 'wire.jsonl') }
  env = {
    DATA_DIR: dataDir,
    ...wireLog,
    ...Object.fromEntries(PORTS.map((name, index) => [name, String(ports[index])])),
  }
})
afterAll(async () => {
  for (const child of running) child.kill('SIGKILL')
  await rm(dataDir, { recursive: true, force: true })
})

interface Started {
  readonly child: ChildProcess
  readonly lines: string[]
  readonly ended: Promise<unknown>
}

/** `npm start`, as the README says it. */
function npmStart(): Started {
  const child = spawn('npm', ['start'], { cwd: ROOT, env: { ...process.env, ...env } })
  running.push(child)
  const lines: string[] = []
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => lines.push(line))
  }
  return { child, lines, ended: once(child, 'close') }
}

async function ready({ lines, ended }: Started): Promise<void> {
  const over = ended.then(() => {
    throw new Error(lines.join('\n'))
  })
  over.catch(() => undefined)
  while (!lines.some((line) => line.startsWith('ready'))) {
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 50))])
  }
}

const healthOf = async (name: (typeof PORTS)[number]): Promise<number> =>
  (await request(`http://127.0.0.1:${env[name] ?? ''}/healthz`)).statusCode

test('npm start serves all four, survives a restart with its clients, and SIGTERM to npm frees every port', async () => {
  const first = npmStart()
  await ready(first)
  for (const name of PORTS.slice(0, 4)) expect(await healthOf(name)).toBe(200)
  const printed = first.lines.join('\n')
  expect(printed).toContain(
    `claude mcp add --transport http maximo http://localhost:${env['MCP_PORT'] ?? ''}/mcp`,
  )
  expect(printed).toContain('planner@example.com')

  const address = `http://localhost:${env['MCP_PORT'] ?? ''}/mcp`
  const discovered = await discover(address)
  const clientId = await register(discovered, 'A client that stays')
  const scope = 'maximo:read offline_access'
  const browser = new Browser({ stopAt: CALLBACK })
  const code = await authorize(browser, discovered, { clientId, scope, email: 'admin@example.com' })
  const tokens = await redeem(discovered, clientId, code)

  first.child.kill('SIGTERM')
  await first.ended
  for (const name of PORTS) expect(await isFree(Number(env[name]))).toBe(true)

  const second = npmStart()
  await ready(second)
  const call = { method: 'tools/call', params: { name: 'get_context', arguments: {} } }
  expect((await rpc(address, tokens.access_token, '2026-07-28', call)).status).toBe(200)
  expect((await refresh(discovered, clientId, tokens.refresh_token ?? '')).token_type).toBe('Bearer')

  const wireLog = join(dataDir, 'wire.jsonl')
  expect(existsSync(wireLog)).toBe(false)
  await request(`http://127.0.0.1:${env['MAXIMO_SIM_PORT'] ?? ''}/maximo/api/whoami`)
  expect(readFileSync(wireLog, 'utf8')).toContain('"rule":"host"')

  const third = npmStart()
  await third.ended
  expect(third.lines.join('\n')).toMatch(/Port \d+ is already in use.*PORTAL_PORT/)
  expect(third.child.exitCode).not.toBe(0)
  second.child.kill('SIGINT')
  await second.ended
}, 120_000)

test('up refuses production', async () => {
  const child = spawn(process.execPath, [join(ROOT, 'dist/cli/main.js'), 'up'], {
    env: { ...process.env, ...env, NODE_ENV: 'production' },
  })
  const lines: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line))
  await once(child, 'close')
  expect(child.exitCode).toBe(78)
  expect(lines.join('\n')).toContain('refuses NODE_ENV=production')
})
