import { execFileSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { RequestListener } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo, LookupFunction } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { addressPolicy } from '../../../src/kernel/egress/address.ts'
import { isWebPort } from '../../../src/kernel/egress/host.ts'
import type { RemoteOverrides } from '../../../src/portal/clients/documents/remote-json.ts'

/** A host on which clients publish their documents: real TLS on this machine, under `*.clients.test`. */
export interface ClientHost {
  /** `https://<name>.clients.test:<port><path>`. */
  url(path: string, name?: string): string
  /** What lies at a path; `null`: nothing any more. */
  publish(path: string, answer: RequestListener | object | null): void
  /** Paths asked for, in order. */
  readonly hits: string[]
  /** The network that knows this host. */
  readonly remote: RemoteOverrides
  close(): void
}

export async function startClientHost(): Promise<ClientHost> {
  const { key, cert } = certificateFor('*.clients.test')
  const published = new Map<string, RequestListener>()
  const hits: string[] = []
  const server = createServer({ key, cert }, (request, response) => {
    const path = request.url ?? ''
    hits.push(path)
    const answer = published.get(path) ?? ((_request, missing) => missing.writeHead(404).end())
    answer(request, response)
  })
  const port = await listen(server)
  return {
    url: (path, name = 'app') => `https://${name}.clients.test:${port}${path}`,
    publish: (path, answer) => {
      if (answer === null) published.delete(path)
      else published.set(path, typeof answer === 'function' ? (answer as RequestListener) : sendJson(answer))
    },
    hits,
    remote: { ca: [cert], lookup: namesHere, policy: orThisMachine },
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}

export const sendJson =
  (body: object, headers: Readonly<Record<string, string>> = {}): RequestListener =>
  (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  }

/** Resolves as a table says; what it does not have does not exist. */
export const namesOf =
  (table: (hostname: string) => readonly string[]): LookupFunction =>
  (hostname, options, callback) => {
    const found = table(hostname).map((address) => ({ address, family: address.includes(':') ? 6 : 4 }))
    const [first] = found
    if (first === undefined) callback(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' }), '', 0)
    else if (options.all === true) callback(null, found)
    else callback(null, first.address, first.family)
  }

const namesHere = namesOf((hostname) => (hostname.endsWith('.clients.test') ? ['127.0.0.1'] : []))

const inProduction = addressPolicy({ allowCidrs: [], allowLoopback: false })
const orThisMachine = (address: string): boolean => address === '127.0.0.1' || inProduction(address)

async function listen(server: Server): Promise<number> {
  for (;;) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    if (isWebPort(port)) return port
    server.close()
    await once(server, 'close')
  }
}

/** Self-signed; one command of openssl. */
function certificateFor(name: string): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'client-host-'))
  const made = ['-keyout', 'key.pem', '-out', 'cert.pem', '-days', '2', '-nodes']
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256']
  const named = ['-subj', '/CN=test', '-addext', `subjectAltName=DNS:${name}`]
  execFileSync('openssl', ['req', '-x509', ...curve, ...made, ...named], { cwd: folder, stdio: 'ignore' })
  const read = (file: string): string => readFileSync(join(folder, file), 'utf8')
  const pair = { key: read('key.pem'), cert: read('cert.pem') }
  rmSync(folder, { recursive: true })
  return pair
}
