import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { request } from 'undici'
import { z } from 'zod'

/** No token was made; the message says why, for a person. */
export class LoginFailed extends Error {
  override readonly name = 'LoginFailed'
}

const CLIENT_ID = 'maximo-mcp-cli'
const WAIT_MS = 10 * 60_000

/**
 * A browser login of our own client (RFC 8252 §7.3, PKCE S256): the portal's form for a token is its consent step, and the
 * code that comes back to a loopback port of ours is exchanged for the token.
 *
 * @param show tells the person where to go
 * @throws LoginFailed
 */
export async function loginForToken(portalUrl: string, show: (url: string) => void): Promise<string> {
  const metadata = await fetchMetadata(portalUrl)
  const state = randomBytes(24).toString('base64url')
  const verifier = randomBytes(32).toString('base64url')
  const callback = await listen(state, metadata.issuer)
  try {
    const address = new URL(metadata.authorization_endpoint)
    address.search = new URLSearchParams({
      response_type: 'code',
      client_id: CLIENT_ID,
      redirect_uri: callback.redirectUri,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
      state,
    }).toString()
    show(address.href)
    const code = await callback.code
    return await exchange(metadata.token_endpoint, {
      code,
      code_verifier: verifier,
      redirect_uri: callback.redirectUri,
    })
  } finally {
    callback.close()
  }
}

const serverMetadata = z.object({
  issuer: z.url(),
  authorization_endpoint: z.url(),
  token_endpoint: z.url(),
})
type Metadata = z.output<typeof serverMetadata>

/** RFC 8414; the endpoints must be the portal's own, or a stranger's answer could have the code. */
async function fetchMetadata(portalUrl: string): Promise<Metadata> {
  const { status, body } = await ask(`${portalUrl}/.well-known/oauth-authorization-server`)
  const read = serverMetadata.safeParse(body)
  if (status !== 200 || !read.success)
    throw new LoginFailed(`There is no portal at ${portalUrl}. Give its address with --portal.`)
  const origins = Object.values(read.data).map((url) => new URL(url).origin)
  if (origins.some((origin) => origin !== portalUrl))
    throw new LoginFailed(`The portal at ${portalUrl} calls itself ${read.data.issuer}. Use that address.`)
  return read.data
}

interface Callback {
  readonly redirectUri: string
  readonly code: Promise<string>
  readonly close: () => void
}

async function listen(state: string, issuer: string): Promise<Callback> {
  let settle: { resolve: (code: string) => void; reject: (error: Error) => void } | undefined
  const code = new Promise<string>((resolve, reject) => (settle = { resolve, reject }))
  // Nobody waits for it when the listener fails.
  code.catch(() => undefined)
  const server = createServer((incoming, answer) => {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1')
    const isOurs = incoming.method === 'GET' && url.pathname === '/callback' && isState(url, state)
    answer.writeHead(isOurs ? 200 : 404, {
      'content-type': 'text/plain; charset=utf-8',
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      connection: 'close',
    })
    answer.end(isOurs ? 'You can close this window and go back to the terminal.\n' : 'Not here.\n')
    if (!isOurs) return
    const read = readAnswer(url, issuer)
    if (read instanceof LoginFailed) settle?.reject(read)
    else settle?.resolve(read)
  })
  const port = await listening(server)
  const timer = setTimeout(
    () => settle?.reject(new LoginFailed('Nobody answered within ten minutes.')),
    WAIT_MS,
  )
  return {
    redirectUri: `http://127.0.0.1:${port}/callback`,
    code,
    close: () => {
      clearTimeout(timer)
      server.close()
      server.closeIdleConnections()
    },
  }
}

/** Anything on this computer can call the port; what does not know `state` is not heard. */
function isState(url: URL, state: string): boolean {
  const given = Buffer.from(url.searchParams.get('state') ?? '')
  return given.length === state.length && timingSafeEqual(given, Buffer.from(state))
}

function readAnswer(url: URL, issuer: string): string | LoginFailed {
  // RFC 9207 §2.4: an answer of another server is none.
  if (url.searchParams.get('iss') !== issuer) return new LoginFailed('The answer came from another server.')
  const code = url.searchParams.get('code')
  if (code !== null) return code
  return new LoginFailed(
    url.searchParams.get('error') === 'access_denied'
      ? 'No token was made: the form was answered with no.'
      : 'No token was made: the portal refused.',
  )
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port of loopback')
  return address.port
}

async function exchange(tokenEndpoint: string, form: Readonly<Record<string, string>>): Promise<string> {
  const sent = new URLSearchParams({ grant_type: 'authorization_code', client_id: CLIENT_ID, ...form })
  const { status, body } = await ask(tokenEndpoint, sent)
  const read = z.object({ access_token: z.string().startsWith('mxci_') }).safeParse(body)
  if (status !== 200 || !read.success)
    throw new LoginFailed(
      'The token was made but could not be fetched. End it on the portal’s page of tokens, and try again.',
    )
  return read.data.access_token
}

async function ask(url: string, form?: URLSearchParams): Promise<{ status: number; body: unknown }> {
  try {
    const answer = await request(url, {
      method: form === undefined ? 'GET' : 'POST',
      headers: {
        accept: 'application/json',
        ...(form === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      ...(form === undefined ? {} : { body: form.toString() }),
      signal: AbortSignal.timeout(15_000),
    })
    return { status: answer.statusCode, body: JSON.parse(await answer.body.text()) as unknown }
  } catch {
    throw new LoginFailed(`${new URL(url).origin} does not answer.`)
  }
}
