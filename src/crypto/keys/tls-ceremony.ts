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
  /** For the portal: the only authority it need trust for the internal listener and for Redis. */
  readonly authority: string
  /** Folder with a certificate of its own for Redis, to be mounted into its container. */
  readonly redis: string
}

/**
 * Makes a private authority and two server certificates with the openssl program: for the internal listener into
 * `<dataDir>/mcp/tls`, for Redis into `<dataDir>/redis/tls`; `<dataDir>/portal/tls` gets the authority alone. The
 * authority's key is thrown away: a new certificate means a new authority. Refuses to overwrite.
 *
 * @param hosts names and addresses under which both are reached; loopback is always among them
 */
export async function initTls(dataDir: string, hosts: readonly string[]): Promise<Result<TlsFiles, string>> {
  const bad = hosts.find((host) => isIP(host) === 0 && !HOST_NAME.test(host))
  if (bad !== undefined) return err(`“${bad}” is no host name or address`)
  const [mcp, portal, redis] = OWNERS.map((owner) => join(dataDir, owner, 'tls')) as [string, string, string]
  for (const folder of [mcp, portal, redis]) if (await exists(folder)) return err(`${folder} exists already`)

  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(join(dataDir, '.tls-'))
  try {
    await makeCertificates(draft, hosts)
    const pair = { 'server.pem': 'server.pem', 'server-key.pem': 'server-key.pem', 'ca.pem': 'ca.pem' }
    await place(draft, mcp, pair)
    await place(draft, redis, { ...pair, 'server.pem': 'redis.pem', 'server-key.pem': 'redis-key.pem' })
    await place(draft, portal, { 'ca.pem': 'ca.pem' })
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
  })
}

async function makeCertificates(folder: string, hosts: readonly string[]): Promise<void> {
  // Our own files, so that the machine's openssl.cnf decides nothing.
  await writeFile(join(folder, 'ca.cnf'), AUTHORITY)
  await writeFile(join(folder, 'server.cnf'), serverConfiguration([...new Set([...LOOPBACK, ...hosts])]))
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: folder, timeout: 30_000 })
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
  await openssl(`req -x509 ${newKey} -config ca.cnf -keyout ca-key.pem -out ca.pem -days 3650`)
  const signing = '-CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -extfile server.cnf'
  for (const name of ['server', 'redis']) {
    await openssl(`req ${newKey} -config server.cnf -keyout ${name}-key.pem -out ${name}.csr`)
    await openssl(`x509 -req -in ${name}.csr -out ${name}.pem ${signing} -extensions extensions`)
  }
}

const AUTHORITY = `[req]
prompt = no
distinguished_name = name
x509_extensions = extensions
[name]
CN = maximo-mcp internal authority
[extensions]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
`

const serverConfiguration = (hosts: readonly string[]): string => `[req]
prompt = no
distinguished_name = name
[name]
CN = maximo-mcp internal server
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${hosts.map((host) => (isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`)).join(', ')}
`

/** Moves a finished folder into place at once. `files`: name there → name in the draft. */
async function place(draft: string, folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const ready = await mkdtemp(join(draft, 'ready-'))
  for (const [name, source] of Object.entries(files)) {
    await copyFile(join(draft, source), join(ready, name))
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
