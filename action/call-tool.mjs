/**
 * Calls one tool with an automation token and prints its answer. Reads `MAXIMO_MCP_SERVER`, `MAXIMO_MCP_TOOL`,
 * `MAXIMO_MCP_ARGUMENTS` (JSON) and `MAXIMO_MCP_TOKEN`; needs Node 20 and nothing else. In GitHub Actions the answer is
 * also the output `result`. Exit code 0, or 1 with one sentence that says what happened.
 */
import { randomBytes } from 'node:crypto'
import { appendFile } from 'node:fs/promises'

const MAX_TRIES = 5
const TIMEOUT_MS = 60_000
/** Answers of a server that cannot decide now, or is asked too much: nothing was done, so it may be asked again. */
const TRY_AGAIN = new Set([429, 503])

class Failed extends Error {}

const {
  MAXIMO_MCP_SERVER,
  MAXIMO_MCP_TOOL,
  MAXIMO_MCP_ARGUMENTS,
  MAXIMO_MCP_TOKEN,
  GITHUB_ACTIONS,
  GITHUB_OUTPUT,
} = process.env

function readInput() {
  if (!URL.canParse(MAXIMO_MCP_SERVER ?? '')) throw new Failed('MAXIMO_MCP_SERVER is not an address.')
  if (!MAXIMO_MCP_TOOL) throw new Failed('MAXIMO_MCP_TOOL is empty: name a tool.')
  if (!/^(?:mxci_|eyJ)/.test(MAXIMO_MCP_TOKEN ?? ''))
    throw new Failed('MAXIMO_MCP_TOKEN holds no automation token (mxci_…). Is the secret set?')
  return { url: new URL('/ci/mcp', MAXIMO_MCP_SERVER), args: readArguments(MAXIMO_MCP_ARGUMENTS || '{}') }
}

function readArguments(text) {
  try {
    const args = JSON.parse(text)
    if (typeof args === 'object' && args !== null && !Array.isArray(args)) return args
  } catch {
    // Told below, in the same words.
  }
  throw new Failed('MAXIMO_MCP_ARGUMENTS is not a JSON object.')
}

async function send(url, args) {
  try {
    return await fetch(url, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: {
        authorization: `Bearer ${MAXIMO_MCP_TOKEN}`,
        'content-type': 'application/json',
        accept: 'application/json, text/event-stream',
        'mcp-protocol-version': '2025-11-25',
        'user-agent': 'maximo-mcp-action/1',
      },
      body: JSON.stringify({
        jsonrpc: '2.0',
        id: 1,
        method: 'tools/call',
        params: { name: MAXIMO_MCP_TOOL, arguments: args },
      }),
    })
  } catch {
    throw new Failed(`${url.origin} does not answer.`)
  }
}

async function callTool(url, args) {
  for (let tries = 1; ; tries += 1) {
    const answer = await send(url, args)
    if (!TRY_AGAIN.has(answer.status) || tries === MAX_TRIES) return answer
    const seconds = Math.min(Number(answer.headers.get('retry-after')) || 1, 60)
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000))
  }
}

async function readAnswer(answer) {
  let message
  try {
    message = await answer.json()
  } catch {
    throw new Failed(`The server answered with status ${answer.status} and no JSON.`)
  }
  if (message.error) throw new Failed(`${answer.status}: ${message.error.message}`)
  const text = (message.result?.content ?? [])
    .filter((part) => part.type === 'text')
    .map((part) => part.text)
    .join('\n')
  if (message.result?.isError) throw new Failed(text)
  return text
}

/** With a delimiter that nobody can guess, so that no answer can set another output. */
async function handOn(text) {
  if (!GITHUB_OUTPUT) return
  const end = `end-${randomBytes(16).toString('hex')}`
  await appendFile(GITHUB_OUTPUT, `result<<${end}\n${text}\n${end}\n`)
}

/** Lines that begin with `::` are commands to the runner; what Maximo holds must give none. */
function print(text) {
  if (!GITHUB_ACTIONS) return process.stdout.write(`${text}\n`)
  const end = `stop-${randomBytes(16).toString('hex')}`
  return process.stdout.write(`::stop-commands::${end}\n${text}\n::${end}::\n`)
}

try {
  if (GITHUB_ACTIONS && MAXIMO_MCP_TOKEN) process.stdout.write(`::add-mask::${MAXIMO_MCP_TOKEN}\n`)
  const { url, args } = readInput()
  const text = await readAnswer(await callTool(url, args))
  await handOn(text)
  print(text)
} catch (error) {
  if (!(error instanceof Failed)) throw error
  print(error.message)
  process.exitCode = 1
}
