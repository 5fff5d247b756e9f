import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer as createHttp, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { initTls } from '../../src/crypto/keys/tls-ceremony.ts'
import { freePort } from '../../src/dev/processes/free-port.ts'

/** An answer as it was given once, to be given again under another path. */
export interface Recorded {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** What stands before a service in production: https in front, plain http behind, and http that leads to https. */
export interface TlsFront {
  readonly url: string
  readonly httpPort: number
  readonly httpsPort: number
  /** Where the service behind it listens. */
  readonly port: number
  /** From now on GET `path` is answered with this; everything else still goes to the service. */
  replay(path: string, answer: Recorded): void
  close(): Promise<void>
}

export interface TlsFronts {
  readonly portal: TlsFront
  readonly mcp: TlsFront
  readonly clerk: TlsFront
  /** PEM of the authority behind both certificates, and the file it is in. */
  readonly authority: string
  readonly authorityFile: string
  close(): Promise<void>
}

/** A front for each of the two services and for Clerk, with a certificate of a new authority. */
export async function startTlsFronts(): Promise<TlsFronts> {
  const folder = await mkdtemp(join(tmpdir(), 'maximo-mcp-front-'))
  const made = await initTls(join(folder, 'data'), { hosts: ['localhost'] })
  if (!made.ok) throw new Error(made.error)
  const { certificate, key, authority } = made.value
  const pair = { cert: await readFile(certificate), key: await readFile(key) }
  const [portal, mcp, clerk] = [await startFront(pair), await startFront(pair), await startFront(pair)]
  return {
    ...{ portal, mcp, clerk },
    authority: await readFile(authority, 'utf8'),
    authorityFile: authority,
    close: async () => {
      await Promise.all([portal.close(), mcp.close(), clerk.close()])
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function startFront(pair: { readonly cert: Buffer; readonly key: Buffer }): Promise<TlsFront> {
  const [port, httpPort, httpsPort] = [await freePort(), await freePort(), await freePort()]
  const url = `https://localhost:${httpsPort}`
  const recorded = new Map<string, Recorded>()
  const https = createHttps(pair, (asked, answer) => {
    const again = asked.method === 'GET' ? recorded.get(asked.url ?? '') : undefined
    if (again === undefined) forward(asked, answer, port)
    else answer.writeHead(again.status, withoutHop(again.headers)).end(again.body)
  })
  const http = createHttp((asked, answer) => {
    answer.writeHead(301, { location: `${url}${asked.url ?? '/'}` }).end()
  })
  await new Promise<void>((done) => https.listen(httpsPort, done))
  await new Promise<void>((done) => http.listen(httpPort, done))
  return {
    ...{ url, httpPort, httpsPort, port },
    replay: (path, answer) => void recorded.set(path, answer),
    close: async () => {
      for (const server of [https, http]) {
        server.closeAllConnections()
        await new Promise<void>((done) => server.close(() => done()))
      }
    },
  }
}

function forward(asked: IncomingMessage, answer: ServerResponse, port: number): void {
  const { method, url: path, headers } = asked
  const onward = request({ host: '127.0.0.1', port, method, path, headers }, (got) => {
    answer.writeHead(got.statusCode ?? 502, got.headers)
    got.pipe(answer)
  })
  onward.once('error', () => answer.writeHead(502).end())
  asked.pipe(onward)
}

/** The body is written as one piece, whatever it came in. */
const withoutHop = (headers: Recorded['headers']): Record<string, string | string[]> =>
  Object.fromEntries(
    Object.entries(headers).filter(
      (entry): entry is [string, string | string[]] =>
        entry[1] !== undefined && !['transfer-encoding', 'connection', 'keep-alive'].includes(entry[0]),
    ),
  )
