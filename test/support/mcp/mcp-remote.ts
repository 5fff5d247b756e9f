import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

/** `mcp-remote` as a desktop client runs it: MCP over stdio here, our server over HTTP there. */
export interface Remote {
  /** What the pattern's group holds in a line that it printed, or will print. */
  says(pattern: RegExp): Promise<string>
  /** Every line that it printed so far. */
  said(): readonly string[]
  call(method: string, params: object): Promise<unknown>
  notify(method: string): void
  stop(): void
}

/** Starts it with `folder` as its home and its memory of tokens. */
export function startRemote(folder: string, address: string): Remote {
  const program = join(
    dirname(createRequire(import.meta.url).resolve('mcp-remote/package.json')),
    'dist',
    'proxy.js',
  )
  const child = spawn(process.execPath, [program, address, '--allow-http', '--transport', 'http-only'], {
    env: { PATH: process.env['PATH'], HOME: folder, MCP_REMOTE_CONFIG_DIR: folder, BROWSER: '/bin/true' },
  })
  const said: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => said.push(line))
  const answers = answersOf(child)
  let id = 0
  return {
    says: async (pattern) => {
      for (let attempt = 0; attempt < 300; attempt += 1) {
        const found = said.map((line) => pattern.exec(line)?.[1]).find((match) => match !== undefined)
        if (found !== undefined) return found
        await new Promise((resolve) => setTimeout(resolve, 100))
      }
      throw new Error(`mcp-remote never said ${String(pattern)}:\n${said.join('\n')}`)
    },
    said: () => said,
    call: async (method, params) => {
      id += 1
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`)
      return answers.of(id)
    },
    notify: (method) => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', method })}\n`),
    stop: () => void child.kill('SIGKILL'),
  }
}

function answersOf(child: ChildProcessWithoutNullStreams): { of(id: number): Promise<unknown> } {
  const waiting = new Map<number, (result: unknown) => void>()
  const kept = new Map<number, unknown>()
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as { id?: number; result?: unknown; error?: unknown }
    if (message.id === undefined) return
    const outcome = message.result ?? message.error
    const settle = waiting.get(message.id)
    if (settle === undefined) kept.set(message.id, outcome)
    else settle(outcome)
  })
  return {
    of: (id) =>
      kept.has(id) ? Promise.resolve(kept.get(id)) : new Promise((resolve) => waiting.set(id, resolve)),
  }
}
