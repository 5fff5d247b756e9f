import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { initTls, type TlsFiles } from '../../../src/crypto/keys/tls-ceremony.ts'

const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'])
    return true
  } catch {
    return false
  }
}
const newFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'mx-tls-'))

describe.skipIf(!hasOpenssl() && process.env['CI'] !== 'true')('keys init --tls makes', () => {
  let folder: string
  let made: TlsFiles
  beforeAll(async () => {
    folder = await newFolder()
    // As `keys init` leaves it.
    await mkdir(join(folder, 'data', 'mcp', 'keys'), { recursive: true, mode: 0o700 })
    const files = await initTls(join(folder, 'data'), {
      hosts: ['mcp.internal', '10.1.2.3', 'localhost', 'mcp.internal'],
      redisHosts: ['redis.internal'],
    })
    if (!files.ok) throw new Error(files.error)
    made = files.value
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))
  const at = (...names: string[]): string => join(folder, 'data', ...names)
  const certificate = async (path: string) => new X509Certificate(await readFile(path))
  const daysOf = ({ validFrom, validTo }: X509Certificate): number =>
    Math.round((Date.parse(validTo) - Date.parse(validFrom)) / 86_400_000)

  test('one folder for each who needs one, readable by its owner alone, and leaves nothing else', async () => {
    expect(made).toEqual({
      ...{ certificate: at('mcp', 'tls', 'server.pem'), key: at('mcp', 'tls', 'server-key.pem') },
      ...{ authority: at('portal', 'tls', 'ca.pem'), redisAuthority: at('portal', 'tls', 'redis-ca.pem') },
      redis: at('redis', 'tls'),
    })
    expect((await readdir(at())).sort()).toEqual(['mcp', 'portal', 'redis'])
    const files = {
      mcp: ['ca.pem', 'redis-ca.pem', 'server-key.pem', 'server.pem'],
      portal: ['ca.pem', 'redis-ca.pem'],
      redis: ['ca.pem', 'server-key.pem', 'server.pem'],
    }
    for (const [owner, names] of Object.entries(files)) {
      expect((await readdir(at(owner, 'tls'))).sort()).toEqual(names)
      for (const name of names) expect((await stat(at(owner, 'tls', name))).mode & 0o777).toBe(0o600)
      expect((await stat(at(owner))).mode & 0o077).toBe(0)
    }
    expect((await stat(at())).mode & 0o077).toBe(0)
  })

  test.each([
    ['internal', 'ca.pem', ['mcp', 'ca.pem']],
    ['Redis', 'redis-ca.pem', ['redis', 'ca.pem']],
  ])(
    'an authority of %s that signs servers and no further authority, for ten years',
    async (name, file, [owner = '', own = '']) => {
      const authority = await certificate(at('portal', 'tls', file))
      expect(authority.subject).toBe(`CN=maximo-mcp ${name} authority`)
      expect([authority.ca, authority.checkIssued(authority), daysOf(authority)]).toEqual([true, true, 3650])
      for (const copy of [at('mcp', 'tls', file), at(owner, 'tls', own)])
        expect((await certificate(copy)).toString()).toBe(authority.toString())
      const text = execFileSync('openssl', ['x509', '-in', at('portal', 'tls', file), '-noout', '-text'])
      expect(text.toString()).toMatch(/Basic Constraints: critical\s+CA:TRUE, pathlen:0/)
      expect(text.toString()).toMatch(/Key Usage: critical\s+Certificate Sign\n/)
      expect(text.toString()).toContain('Subject Key Identifier')
    },
  )

  const LOOPBACK = 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1'
  const SERVER = 'TLS Web Server Authentication'
  test.each([
    ['mcp', 'internal', 'DNS:mcp.internal, IP Address:10.1.2.3', SERVER],
    ['redis', 'Redis', 'DNS:redis.internal', `${SERVER}, TLS Web Client Authentication`],
  ])(
    'a certificate for %s: under its own names, of its own authority alone, for its own use, for 825 days',
    async (owner, name, names, usage) => {
      const path = at(owner, 'tls', 'server.pem')
      const server = await certificate(path)
      expect(server.subject).toBe(`CN=maximo-mcp ${name} server`)
      expect(server.subjectAltName).toBe(`${LOOPBACK}, ${names}`)
      const files = ['ca.pem', 'redis-ca.pem'].map((file) => certificate(at('portal', 'tls', file)))
      const signers = (await Promise.all(files)).filter(({ publicKey }) => server.verify(publicKey))
      expect(signers.map(({ subject }) => subject)).toEqual([`CN=maximo-mcp ${name} authority`])
      expect([server.ca, daysOf(server)]).toEqual([false, 825])
      const text = execFileSync('openssl', ['x509', '-in', path, '-noout', '-text']).toString()
      expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
      expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/)
      expect(text).toMatch(new RegExp(`Extended Key Usage:\\s+${usage}\\n`))
      expect(text).toContain('Subject Key Identifier')
      expect(text).toContain('Authority Key Identifier')
      expect(text).toContain('NIST CURVE: P-256')
    },
  )

  test('two keys, not one twice', async () => {
    const [mcp, redis] = [
      await certificate(made.certificate),
      await certificate(join(made.redis, 'server.pem')),
    ]
    expect(mcp.publicKey.equals(redis.publicKey)).toBe(false)
  })

  test('where Redis has no names of its own, it has those of the others', async () => {
    await initTls(join(folder, 'shared'), { hosts: ['one.internal'] })
    const redis = await certificate(join(folder, 'shared', 'redis', 'tls', 'server.pem'))
    expect(redis.subjectAltName).toBe(`${LOOPBACK}, DNS:one.internal`)
  })

  test('what the portal trusts and a stranger does not', async () => {
    const server = createServer({ cert: await readFile(made.certificate), key: await readFile(made.key) })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const reach = (ca: string | undefined, servername: string): Promise<string> =>
      new Promise((resolve) => {
        const socket = connect({ host: '127.0.0.1', port, servername, ...(ca === undefined ? {} : { ca }) })
        socket.once('secureConnect', () => {
          resolve('trusted')
          socket.destroy()
        })
        socket.once('error', () => resolve('refused'))
        socket.once('close', () => resolve('refused'))
      })
    const ca = await readFile(made.authority, 'utf8')
    expect(await reach(ca, 'mcp.internal')).toBe('trusted')
    expect(await reach(ca, 'other.internal')).toBe('refused')
    expect(await reach(undefined, 'mcp.internal')).toBe('refused')
    await new Promise((resolve) => server.close(resolve))
  })
})

describe('keys init --tls refuses', () => {
  let folder: string
  beforeEach(async () => {
    folder = await newFolder()
  })
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })

  const label = 'a'.repeat(63)
  test.each([
    ...[
      'a b',
      'x,DNS:evil',
      '-host',
      'host-',
      'höst',
      '',
      'a..b',
      '.a',
      'a.',
      '10.0.0.1/8',
      '$(x)',
      'a.-b',
      'a.b-',
    ],
    ...[`${label}a`, `a.${label}a`, Array(5).fill(label).join('.'), 'a\n', 'a\nb'],
  ])('the host %j', async (host) => {
    for (const names of [{ hosts: ['good.internal', host] }, { hosts: [], redisHosts: [host] }])
      expect(await initTls(folder, names)).toEqual({
        ok: false,
        error: `“${host}” is no host name or address`,
      })
    expect(await readdir(folder)).toEqual([])
  })

  test.each(['mcp', 'portal', 'redis'])('to overwrite what %s has', async (owner) => {
    const path = join(folder, owner, 'tls')
    await mkdir(path, { recursive: true })
    expect(await initTls(folder, { hosts: [] })).toEqual({ ok: false, error: `${path} exists already` })
    expect(await readdir(folder)).toEqual([owner])
  })

  test('to begin without the openssl program, and says so', async () => {
    vi.stubEnv('PATH', folder)
    expect(await initTls(folder, { hosts: [label, `A.${label}.9`, '::1'] })).toEqual({
      ok: false,
      error: 'the openssl program is not installed',
    })
    expect(await readdir(folder)).toEqual([])
  })

  /** In the place of the program. */
  async function standIn(script: string): Promise<void> {
    const programs = join(folder, 'programs')
    await mkdir(programs)
    await writeFile(join(programs, 'openssl'), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
    vi.stubEnv('PATH', `${programs}:${process.env['PATH'] ?? ''}`)
  }

  test('to leave the key of an authority lying while it goes on', async () => {
    const program = execFileSync('sh', ['-c', 'command -v openssl']).toString().trim()
    const seen = join(folder, 'seen')
    await standIn(`ls .. ../internal >> ${seen}\nexec ${program} "$@"`)
    expect(await initTls(join(folder, 'data'), { hosts: [] })).toMatchObject({ ok: true })
    const each = (await readFile(seen, 'utf8')).split('..:\n').slice(1)
    const ofRedis = each.filter((at) => at.includes('redis\n'))
    expect([each.length, ofRedis.length]).toEqual([6, 3])
    for (const at of ofRedis) expect(at).not.toContain('ca-key.pem')
  })

  test('to go on where the program fails, and leaves nothing', async () => {
    await standIn('exit 3')
    await expect(initTls(join(folder, 'data'), { hosts: [] })).rejects.toMatchObject({ code: 3 })
    expect(await readdir(join(folder, 'data'))).toEqual([])
  })
})
