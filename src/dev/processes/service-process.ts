import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'

type Env = Readonly<Record<string, string | undefined>>

/** The built command; `npm test`, `demo` and `bench` build before they run. */
const COMMAND = resolve(import.meta.dirname, '../../../dist/cli/main.js')

/** A service as a process of its own, started by the same command as in production. */
export interface ServiceProcess {
  readonly pid: number
  /** Everything it printed so far, both streams. */
  output(): string
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>
  kill(signal: NodeJS.Signals): void
}

/**
 * Starts `maximo-mcp <service>` with exactly this environment and waits for its line `ready …`.
 *
 * @throws with its whole output when it ends before that.
 */
export async function startService(service: string, env: Env): Promise<ServiceProcess> {
  const child = spawn(process.execPath, [COMMAND, service], {
    env: { PATH: process.env['PATH'], ...defined(env) },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const lines: string[] = []
  const ready = new Promise<void>((done) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line)
        if (line.startsWith('ready')) done()
      })
    }
  })
  const ended = once(child, 'close').then(() => {
    throw new Error(`${service} ended with ${String(child.exitCode)}:\n${lines.join('\n')}`)
  })
  await Promise.race([ready, ended])
  ended.catch(() => undefined)
  return running(child, lines)
}

function running(child: ChildProcess, lines: readonly string[]): ServiceProcess {
  return {
    pid: child.pid ?? -1,
    output: () => lines.join('\n'),
    kill: (signal) => void child.kill(signal),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const closed = once(child, 'close')
        child.kill('SIGTERM')
        await closed
      }
      return child.exitCode
    },
  }
}

const defined = (env: Env): Record<string, string> =>
  Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined))
