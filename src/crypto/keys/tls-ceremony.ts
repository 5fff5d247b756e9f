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
  /** For the portal: the only authority it need trust for the internal listener. */
  readonly authority: string
}

/**
 * Makes a private authority and one server certificate for the internal listener with the openssl program, into
 * `<dataDir>/mcp/tls` and, the authority alone, `<dataDir>/portal/tls`. The authority's key is thrown away: a new
 * certificate means a new authority. Refuses to overwrite.
 *
 * @param hosts names and addresses under which the portal reaches the listener; loopback is always among them
 */
export async function initTls(dataDir: string, hosts: readonly string[]): Promise<Result<TlsFiles, string>> {
  const bad = hosts.find((host) => isIP(host) === 0 && !HOST_NAME.test(host))
  if (bad !== undefined) return err(`“${bad}” is no host name or address`)
  const [mcp, portal] = [join(dataDir, 'mcp', 'tls'), join(dataDir, 'portal', 'tls')]
  if ((await exists(mcp)) || (await exists(portal))) return err(`${mcp} or ${portal} exists already`)

  await mkdir(dataDir, { recursive: true, mode: 0o700 })
  const draft = await mkdtemp(join(dataDir, '.tls-'))
  try {
    await makeCertificates(draft, hosts)
    await place(draft, mcp, ['server.pem', 'server-key.pem'])
    await place(draft, portal, ['ca.pem'])
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
  })
}

async function makeCertificates(folder: string, hosts: readonly string[]): Promise<void> {
  // Our own files, so that the machine's openssl.cnf decides nothing.
  await writeFile(join(folder, 'ca.cnf'), AUTHORITY)
  await writeFile(join(folder, 'server.cnf'), serverConfiguration([...new Set([...LOOPBACK, ...hosts])]))
  const openssl = (line: string) => run('openssl', line.split(' '), { cwd: folder, timeout: 30_000 })
  const newKey = '-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
  await openssl(`req -x509 ${newKey} -config ca.cnf -keyout ca-key.pem -out ca.pem -days 3650`)
  await openssl(`req ${newKey} -config server.cnf -keyout server-key.pem -out server.csr`)
  const signing = '-CA ca.pem -CAkey ca-key.pem -CAcreateserial -days 825 -extfile server.cnf'
  await openssl(`x509 -req -in server.csr -out server.pem ${signing} -extensions extensions`)
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
CN = maximo-mcp internal listener
[extensions]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = ${hosts.map((host) => (isIP(host) === 0 ? `DNS:${host}` : `IP:${host}`)).join(', ')}
`

async function place(draft: string, folder: string, names: readonly string[]): Promise<void> {
  const ready = `${draft}/ready-${names.length}`
  await mkdir(ready, { mode: 0o700 })
  for (const name of names) {
    await copyFile(join(draft, name), join(ready, name))
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
const LOOPBACK = ['localhost', '127.0.0.1', '::1']
