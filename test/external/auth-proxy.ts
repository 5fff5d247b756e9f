import { createServer, request as forward, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A proxy in front of `/mcp` that adds the bearer token, for a suite that cannot send one. */
export interface AuthProxy {
  readonly url: string
  close(): Promise<void>
}

/**
 * Everything else passes as it came: a `Host` or `Origin` that the suite forged must reach the server. Only the proxy's
 * own authority is rewritten to the server's.
 *
 * @param publicUrl what the server calls itself, where that is not where it listens
 */
export async function startAuthProxy(mcpUrl: string, token: string, publicUrl = mcpUrl): Promise<AuthProxy> {
  const target = new URL(mcpUrl)
  const { host: theirs } = new URL(publicUrl)
  const server: Server = createServer((asked, answer) => {
    const own = `localhost:${(server.address() as AddressInfo).port}`
    const headers = { ...renamed(asked, own, theirs), authorization: `Bearer ${token}` }
    const options = { host: '127.0.0.1', port: target.port, path: asked.url, method: asked.method, headers }
    const onward = forward(options, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers)
      got.pipe(answer)
    })
    onward.once('error', () => answer.writeHead(502).end())
    asked.pipe(onward)
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return {
    url: `http://localhost:${(server.address() as AddressInfo).port}/mcp`,
    close: () => new Promise((done) => server.close(() => done())),
  }
}

function renamed(
  { headers }: IncomingMessage,
  own: string,
  theirs: string,
): Record<string, string | string[] | undefined> {
  const host = headers.host === own ? theirs : headers.host
  const origin = headers.origin === `http://${own}` ? `http://${theirs}` : headers.origin
  return { ...headers, host, ...(origin === undefined ? {} : { origin }) }
}
