import { createHash, randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { discover, type Discovered } from '../../../src/dev/walk/discover.ts'
import { ask, type JsonAnswer } from '../../../src/dev/walk/json-http.ts'
import { rpc } from '../../../src/dev/walk/rpc.ts'

export interface ClientOptions {
  readonly name: string
  /** Another redirect URI than the client's own listener, e.g. of a private scheme. */
  readonly redirectUri?: string
  /** The callback answers 204, so that the browser stays on the page that sent it there. */
  readonly staysSilent?: boolean
}

/** An MCP client as people run it: registered here, with a listener on loopback that takes the answer. */
export interface LoopbackClient {
  readonly clientId: string
  readonly redirectUri: string
  /** A new authorization request; the address to open in a browser. */
  authorizeUrl(): string
  /** The query of the last request that reached the callback; empty before. */
  answer(): URLSearchParams
  /** Code and verifier for an access token. */
  redeem(code: string): Promise<string>
  /** One tool call with the token. */
  call(token: string): Promise<JsonAnswer>
  close(): Promise<void>
}

/** Discovers the server at `address`, listens on a free port and registers there. */
export async function startClient(address: string, options: ClientOptions): Promise<LoopbackClient> {
  const discovered = await discover(address)
  const listener = await listen(options.staysSilent === true)
  const redirectUri = options.redirectUri ?? listener.redirectUri
  const registered = await ask(discovered.server.registration_endpoint, {
    json: { client_name: options.name, redirect_uris: [redirectUri], token_endpoint_auth_method: 'none' },
  })
  if (registered.status !== 201) throw new Error(`registration: ${JSON.stringify(registered.body)}`)
  const { client_id: clientId } = registered.body as { client_id: string }
  const verifier = randomBytes(32).toString('base64url')
  return {
    clientId,
    redirectUri,
    authorizeUrl: () => authorizeUrl(discovered, { clientId, redirectUri, verifier }),
    answer: listener.answer,
    redeem: (code) => redeem(discovered, { clientId, redirectUri, verifier, code }),
    call: (token) =>
      rpc(address, token, '2025-11-25', {
        method: 'tools/call',
        params: { name: 'get_context', arguments: {} },
      }),
    close: listener.close,
  }
}

async function listen(staysSilent: boolean) {
  let answer = new URLSearchParams()
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    if (url.pathname === '/callback') answer = url.searchParams
    response.writeHead(staysSilent ? 204 : 200, { 'content-type': 'text/html' })
    response.end(staysSilent ? undefined : '<!doctype html><title>Back at the client</title>')
  })
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve))
  return {
    redirectUri: `http://localhost:${(server.address() as AddressInfo).port}/callback`,
    answer: () => answer,
    close: () => {
      server.closeAllConnections()
      return new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

interface Identity {
  readonly clientId: string
  readonly redirectUri: string
  readonly verifier: string
}

function authorizeUrl(
  { server, resource }: Discovered,
  { clientId, redirectUri, verifier }: Identity,
): string {
  const url = new URL(server.authorization_endpoint)
  url.search = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    scope: 'maximo:read offline_access',
    state: 'state-1',
    resource,
  }).toString()
  return url.href
}

async function redeem(
  { server, resource }: Discovered,
  { clientId, redirectUri, verifier, code }: Identity & { readonly code: string },
): Promise<string> {
  const answer = await ask(server.token_endpoint, {
    form: {
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
      resource,
    },
  })
  if (answer.status !== 200) throw new Error(`token: ${answer.status} ${JSON.stringify(answer.body)}`)
  return (answer.body as { access_token: string }).access_token
}
