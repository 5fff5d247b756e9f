import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rename, rm, stat, writeFile, copyFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { err, ok, type Result } from '../../kernel/result.ts'

export interface TlsFiles {
  /** For `MCP_INTERNAL_TLS_*` of the MCP server. */
  readonly certificate: string
  readonly key: string
  /** `MCP_INTERNAL_TLS_CA` of the portal. */
  readonly authority: string
  /** Folder for the servers of Redis, to be mounted into their containers. */
  readonly redis: string
  /** `REDIS_TLS_CA` of the portal. */
  readonly redisAuthority: string
}

export interface TlsNames {
  /** Names and addresses of the internal listeners. Loopback is always among them, and among those of Redis. */
  readonly hosts: readonly string[]
  /** Of the servers of Redis; `hosts` where there are none. */
  readonly redisHosts?: readonly string[]
}

/**
 * Makes two private authorities and a certificate of each with the openssl program. For the internal listeners into
 * `<dataDir>/mcp/tls`; for Redis into `<dataDir>/redis/tls`, good also for what its servers say to each other. The portal
 * gets the authorities alone. They are two since names may be shared: whoever holds the key of one kind of server is
 * trusted as none of the other kind. Their keys are thrown away: a new certificate means a new authority. Refuses to
 * overwrite.
 */
export async function initTls(
  dataDir: string,
  { hosts, redisHosts = [] }: TlsNames,
): Promise<Result<TlsFiles, string>> {
  const bad = [...hosts, ...redisHosts].find((host) => isIP(host) === 0 && !HOST_NAME.test(host))
  if (bad !== undefined) return err(`“${bad}” is no host name or address`)
  const [mcp, portal, redis] = OWNERS.map((owner) => join(dataDir, owner, 'tls')) as [string, string, string]
  for (const folder of [mcp, portal, redis]) if (await exists(folder)) return err(`${folder} exists already`)

  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(join(dataDir, '.tls-'))
  try {
    const [internal, ofRedis] = [join(draft, 'internal'), join(draft, 'redis')]
    await makeCertificate(internal, { ...INTERNAL, hosts })
    await makeCertificate(ofRedis, { ...REDIS, hosts: redisHosts.length > 0 ? redisHosts : hosts })
    const authorities = { 'ca.pem': join(internal, 'ca.pem'), 'redis-ca.pem': join(ofRedis, 'ca.pem') }
    await place(draft, mcp, { ...serverFiles(internal), ...authorities })
    await place(draft, redis, { ...serverFiles(ofRedis), 'ca.pem': join(ofRedis, 'ca.pem') })
    await place(draft, portal, authorities)
  } catch (error) {
    if (isMissingProgram(error)) return err('the openssl program is not installed')
    throw error
  } finally {
    await rm(draft, { recursive: true, force: true })
  }
  return ok({
    certificate: join(mcp, 'server.pem'),
    key: join(mcp, 'server-key.pem'),
    authority: join(portal, 'ca.pem'),
    redis,
    redisAuthority: join(portal, 'redis-ca.pem'),
  })
}

interface Kind {
  readonly authority: string
  readonly server: string
  /** `extendedKeyUsage` (RFC 5280 §4.2.1.12). */
  readonly usage: string
}

const INTERNAL: Kind = {
  authority: 'maximo-mcp internal authority',
  server: 'maximo-mcp internal server',
  usage: 'serverAuth',
}
/** Nodes of a cluster are clients of each other, and have to show a certificate. */
const REDIS: Kind = {
  authority: 'maximo-mcp Redis authority',
  server: 'maximo-mcp Redis server',
  usage: 'serverAuth, clientAuth',
}

async function makeCertificate(
  folder: string,
  { hosts, ...kind }: Kind & { readonly hosts: readonly string[] },
): Promise<void> {
  await mkdir(folder)
  // Our own files, so that the machine's openssl.cnf decides nothing.
  await writeFile(join(folder, 'ca.cnf'), authorityConfiguration(kind))
  await writeFile(
    join(folder, 'server.cnf'),
    serverConfiguration(kind, [...new Set([...LOOPBACK, ...hosts])]),
  )
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: folder, timeout: 30_000 })
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
  await openssl(`req -x509 ${newKey} -config ca.cnf -keyout ca-key.pem -out ca.pem -days 3650`)
  await openssl(`req ${newKey} -config server.cnf -keyout server-key.pem -out server.csr`)
  const signing = '-CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -extfile server.cnf'
  await openssl(`x509 -req -in server.csr -out server.pem ${signing} -extensions extensions`)
  // At once: whoever ends this program must not find it lying here.
  await rm(join(folder, 'ca-key.pem'))
}

const serverFiles = (folder: string): Readonly<Record<string, string>> => ({
  'server.pem': join(folder, 'server.pem'),
  'server-key.pem': join(folder, 'server-key.pem'),
})

const authorityConfiguration = ({ authority }: Kind): string => `[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = ${authority}
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
`

const serverConfiguration = ({ server, usage }: Kind, hosts: readonly string[]): string => `[req]
prompt = no
distinguished_name = name
[name]
CN = ${server}
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = ${usage}
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${hosts.map((host) => (isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`)).join(', ')}
`

/** Moves a finished folder into place at once. `files`: name there → path in the draft. */
async function place(draft: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const ready = await mkdtemp(join(draft, 'ready-'))
  for (const [name, source] of Object.entries(files)) {
    await copyFile(source, join(ready, name))
    await chmod(join(ready, name), 0o600)
  }
  await mkdir(join(folder, '..'), { recursive: true, mode: 0o700 })
  await rename(ready, folder)
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch {
    return false
  }
}

const isMissingProgram = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ENOENT'

const run = promisify(execFile)
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i
const OWNERS = ['mcp', 'portal', 'redis'] as const
const LOOPBACK = ['localhost', '127.0.0.1', '::1']
