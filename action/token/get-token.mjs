/**
 * Exchanges the OpenID token of a GitHub Actions job for a token of maximo-mcp (RFC 7523 §2.1). Reads `MAXIMO_MCP_PORTAL`,
 * `MAXIMO_MCP_CLIENT_ID` (optional) and what the runner sets where the job has `permissions: id-token: write`; needs Node 20
 * and nothing else. The token is the output `token`. Exit code 0, or 1 with one sentence that says what happened.
 */
import { appendFile } from 'node:fs/promises'

const MAX_TRIES = 5
const TIMEOUT_MS = 30_000
const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

class Failed extends Error {}

const {
  MAXIMO_MCP_PORTAL,
  MAXIMO_MCP_CLIENT_ID,
  ACTIONS_ID_TOKEN_REQUEST_URL,
  ACTIONS_ID_TOKEN_REQUEST_TOKEN,
  GITHUB_OUTPUT,
} = process.env

async function ask(url, options, whom) {
  let answer
  try {
    answer = await fetch(url, { ...options, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) })
  } catch {
    throw new Failed(`${whom} does not answer.`)
  }
  const body = await answer.json().catch(() => ({}))
  return { status: answer.status, retryAfterS: Number(answer.headers.get('retry-after')) || 1, body }
}

/** Asked for anew at each try: a token counts once. */
async function jobToken(audience) {
  if (!ACTIONS_ID_TOKEN_REQUEST_URL || !ACTIONS_ID_TOKEN_REQUEST_TOKEN)
    throw new Failed('The job may not ask for an OpenID token: give it “permissions: id-token: write”.')
  const url = new URL(ACTIONS_ID_TOKEN_REQUEST_URL)
  url.searchParams.set('audience', audience)
  const headers = { authorization: `Bearer ${ACTIONS_ID_TOKEN_REQUEST_TOKEN}` }
  const { status, body } = await ask(url, { headers }, 'GitHub')
  if (status !== 200 || typeof body.value !== 'string')
    throw new Failed(`GitHub gave no OpenID token (status ${status}).`)
  return body.value
}

async function exchange(endpoint) {
  for (let tries = 1; ; tries += 1) {
    const form = new URLSearchParams({ grant_type: JWT_BEARER, assertion: await jobToken(endpoint) })
    if (MAXIMO_MCP_CLIENT_ID) form.set('client_id', MAXIMO_MCP_CLIENT_ID)
    const { status, retryAfterS, body } = await ask(endpoint, { method: 'POST', body: form }, 'The portal')
    if (status === 200 && typeof body.access_token === 'string') return body.access_token
    if ((status !== 429 && status !== 503) || tries === MAX_TRIES)
      throw new Failed(`The portal said no (${status} ${body.error ?? ''}): ${body.error_description ?? ''}`)
    await new Promise((resolve) => setTimeout(resolve, Math.min(retryAfterS, 60) * 1000))
  }
}

try {
  if (!URL.canParse(MAXIMO_MCP_PORTAL ?? '')) throw new Failed('MAXIMO_MCP_PORTAL is not an address.')
  const token = await exchange(new URL('/oauth/token', MAXIMO_MCP_PORTAL).href)
  process.stdout.write(`::add-mask::${token}\n`)
  if (GITHUB_OUTPUT) await appendFile(GITHUB_OUTPUT, `token=${token}\n`)
} catch (error) {
  if (!(error instanceof Failed)) throw error
  process.stdout.write(`::error::${error.message.replace(/[\r\n]+/g, ' ')}\n`)
  process.exitCode = 1
}
