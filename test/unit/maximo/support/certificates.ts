import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface Pair {
  readonly key: string
  readonly cert: string
}

/** Self-signed for `x.localhost`, valid between two instants like `20200101000000Z`. Needs openssl on the PATH. */
export const certificate = (from: string, until: string): Pair => {
  const folder = mkdtempSync(join(tmpdir(), 'tls-'))
  const at = (name: string) => join(folder, name)
  const run = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore', cwd: folder })
  writeFileSync(at('index.txt'), '')
  writeFileSync(at('ca.cnf'), CONFIGURATION)
  run(
    ...[
      'req',
      '-new',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      'key.pem',
    ],
    ...['-out', 'request.pem', '-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:x.localhost'],
  )
  run(
    ...['ca', '-batch', '-selfsign', '-config', 'ca.cnf', '-keyfile', 'key.pem', '-in', 'request.pem'],
    ...['-out', 'cert.pem', '-notext', '-startdate', from, '-enddate', until],
  )
  const pair = { key: readFileSync(at('key.pem'), 'utf8'), cert: readFileSync(at('cert.pem'), 'utf8') }
  rmSync(folder, { recursive: true })
  return pair
}

export const hasOpenssl = (): boolean => spawnSync('openssl', ['version']).status === 0

const CONFIGURATION = `[ca]
default_ca = self
[self]
database = index.txt
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
[any]
commonName = supplied
`
