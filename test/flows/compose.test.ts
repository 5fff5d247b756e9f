import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { request } from 'undici'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { runKeys } from '../../src/cli/keys.ts'
import { freePort } from '../../src/dev/processes/free-port.ts'
import { startService, type ServiceProcess } from '../../src/dev/processes/service-process.ts'
import { waitUntilReady } from '../../src/dev/up/ready.ts'
import { ANY, composeFile, wordsOf, type ComposeService } from '../support/compose.ts'
import { redisMissing } from '../support/store/redis.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const file = composeFile(ANY)
const { redis, mcp, portal } = file.services

describe('the compose file', () => {
  test.each(Object.entries(file.services))(
    '%s runs read-only, without capabilities, with a health check',
    (_name, service) => {
      expect(service.read_only).toBe(true)
      expect(service.cap_drop).toEqual(['ALL'])
      expect(service.security_opt).toEqual(['no-new-privileges:true'])
      expect(service.healthcheck?.test.length).toBeGreaterThan(1)
    },
  )

  test('mounts the private keys into mcp alone', () => {
    const mountsOf = (service: ComposeService): string => service.volumes.join(' ')
    expect(mountsOf(mcp)).toContain('/mcp/keys:/data/mcp/keys:ro')
    expect(mountsOf(portal)).not.toContain('/mcp/')
    expect(mountsOf(redis)).not.toContain('keys')
  })

  test('gives mcp nothing of Clerk that could sign in as anybody', () => {
    expect(mcp.environment).not.toHaveProperty('CLERK_SECRET_KEY')
    expect(portal.environment).toHaveProperty('CLERK_SECRET_KEY')
  })

  test('publishes no port but on loopback, and neither Redis nor the internal listener', () => {
    expect([...(portal.ports ?? []), ...(mcp.ports ?? []), ...(redis.ports ?? [])]).toEqual([
      '127.0.0.1:8080:8080',
      '127.0.0.1:8081:8081',
    ])
  })
})

describe('the Dockerfile', () => {
  const dockerfile = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')

  test('builds with npm ci without scripts, runs as node with the built command', () => {
    expect(dockerfile).toContain('RUN npm ci --ignore-scripts')
    expect(dockerfile).toMatch(/^USER node$/m)
    const entry = /^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]'
    const command = JSON.parse(entry) as string[]
    expect(command).toEqual(['node', expect.stringMatching(/\.js$/)])
    expect(existsSync(join(ROOT, command[1] ?? ''))).toBe(true)
    // A developer runs what the image does.
    const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      scripts: Record<string, string>
    }
    expect(scripts['start']).toContain(`exec ${command.join(' ')} up`)
  })

  test('copies only what exists', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.+)$/gm)].flatMap((copy) =>
      (copy[1] ?? '').split(' ').slice(0, -1),
    )
    for (const source of sources) expect(existsSync(join(ROOT, source)), source).toBe(true)
  })
})

describe.skipIf(redisMissing !== null)(
  'the services start by their commands with the environment of the file',
  () => {
    let folder = ''
    let server: ChildProcess | undefined
    const services: ServiceProcess[] = []
    const ports = { redis: 0, mcp: 0, internal: 0, portal: 0 }

    /** Puts a path inside a container where its mount would put it: each service has a root of its own. */
    const inRoot = (service: string, text: string): string =>
      text.replaceAll('/data', join(folder, service, 'data'))

    /** Host names become loopback, published ports free ones, and no balancer is waited for: nothing else changes. */
    const here = (service: string, environment: ComposeService['environment']): Record<string, string> => ({
      ...Object.fromEntries(
        Object.entries(environment).map(([name, value]) => [
          name,
          inRoot(service, value ?? '')
            .replace('@redis:6379', `@localhost:${ports.redis}`)
            .replace('https://mcp:8091', `https://localhost:${ports.internal}`),
        ]),
      ),
      PORTAL_PORT: String(ports.portal),
      MCP_PORT: String(ports.mcp),
      MCP_INTERNAL_PORT: String(ports.internal),
      DRAIN_S: '0',
    })

    /** Bind mounts are copied, named volumes are empty folders: a service sees what the file gives it and no more. */
    async function mount(name: string, service: ComposeService): Promise<void> {
      for (const volume of service.volumes) {
        const [from = '', to = ''] = volume.split(':')
        const target = join(folder, name, to)
        await mkdir(join(target, '..'), { recursive: true })
        if (from.startsWith('./deploy/data')) await cp(join(folder, from), target, { recursive: true })
        else await mkdir(target, { recursive: true })
      }
    }

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-compose-'))
      for (const name of ['redis', 'mcp', 'internal', 'portal'] as const) ports[name] = await freePort()
      const env = { DATA_DIR: join(folder, 'deploy/data') }
      const problems: string[] = []
      const out = { line: () => undefined, problem: (text: string) => void problems.push(text) }
      expect(
        await runKeys(['init', '--tls', '--host', 'mcp', '--redis-host', 'redis'], env, out),
        problems.join('\n'),
      ).toBe(0)
      for (const [name, service] of Object.entries(file.services)) await mount(name, service)

      const [program = '', ...args] = wordsOf(redis).map((word) =>
        word === '6379' ? String(ports.redis) : word,
      )
      const placed = args.map((word) => word.replace(/^\/(tls|data)/, join(folder, 'redis', '$1')))
      server = spawn(program, placed, { stdio: ['ignore', 'pipe', 'inherit'] })
      await once(server.stdout!, 'data')
      services.push(await startService(wordsOf(mcp)[0] ?? '', here('mcp', mcp.environment)))
      services.push(await startService(wordsOf(portal)[0] ?? '', here('portal', portal.environment)))
    }, 60_000)

    afterAll(async () => {
      for (const service of services) await service.stop()
      server?.kill('SIGKILL')
      await rm(folder, { recursive: true, force: true })
    })

    test('and become ready, over TLS to Redis and between them', async () => {
      await waitUntilReady([
        `http://127.0.0.1:${ports.mcp}/readyz`,
        `http://127.0.0.1:${ports.portal}/readyz`,
      ])
      const metadata = await request(
        `http://127.0.0.1:${ports.portal}/.well-known/oauth-authorization-server`,
      )
      expect(await metadata.body.json()).toHaveProperty('issuer', ANY.PUBLIC_PORTAL_URL)
    })

    test('the portal’s root holds no private key of the MCP server', async () => {
      const keys = await readdir(join(folder, 'portal/data/portal/keys'))
      const texts = keys.map((name) => readFileSync(join(folder, 'portal/data/portal/keys', name), 'utf8'))
      expect(texts.length).toBeGreaterThan(3)
      expect(texts.filter((text) => /"kty":\s*"RSA"/.test(text) && /"d":/.test(text))).toEqual([])
    })

    test('what they print holds no secret', () => {
      const printed = services.map((service) => service.output()).join('\n')
      for (const secret of [ANY.CLERK_SECRET_KEY, ANY.REDIS_MCP_PASSWORD, ANY.REDIS_PORTAL_PASSWORD]) {
        expect(printed).not.toContain(secret)
      }
    })
  },
)
